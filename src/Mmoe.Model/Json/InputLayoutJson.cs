using System.Text.Json;
using LanguageExt;
using Mmoe.Data;

namespace Mmoe.Model;

/// <summary>
/// An input layout as JSON:
/// <c>{"fingerprint":"…","gathered":[{"kind":"categorical","column":"sex","code_index":0,"size":2,"offset":0},
/// {"kind":"binned","column":"age","numeric_index":0,"edges":[18,65],"missing":false,"offset":2}],"numerics":[…],"weight_column":null}</c>.
/// </summary>
/// <remarks>Before there were bins, categorical inputs stood without a kind in a list of their own, <c>categoricals</c>.</remarks>
public static class InputLayoutJson
{
    /// <summary>Writes a layout on one line.</summary>
    public static string Write(InputLayout layout) => JsonText.Of(writer => Write(writer, layout));

    /// <summary>The inverse of <see cref="Write(InputLayout)"/>.</summary>
    /// <param name="json">The text; may come from anywhere.</param>
    /// <returns>The layout, not compared with any schema, or why it cannot be read.</returns>
    public static Validation<Fault, InputLayout> Read(string json) => Malformed.Guard("the input layout", null, () =>
    {
        using var document = Malformed.Parse(json);
        return Read(document.RootElement);
    });

    /// <summary>Writes a layout as an object.</summary>
    internal static void Write(Utf8JsonWriter writer, InputLayout layout)
    {
        writer.WriteStartObject();
        writer.WriteString("fingerprint", layout.Fingerprint);
        writer.WriteStartArray("gathered");
        foreach (var input in layout.Gathered)
        {
            Write(writer, input);
        }

        writer.WriteEndArray();
        writer.WriteStartArray("numerics");
        foreach (var input in layout.Numerics)
        {
            writer.WriteStartObject();
            writer.WriteString("column", input.Column);
            writer.WriteNumber("numeric_index", input.NumericIndex);
            writer.WriteNumber("offset", input.Offset);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteString("weight_column", layout.WeightColumn);
        writer.WriteEndObject();
    }

    /// <summary>Reads what <see cref="Write(Utf8JsonWriter, InputLayout)"/> wrote; throws <see cref="MalformedException"/>.</summary>
    internal static InputLayout Read(JsonElement json) => new(
        json.Member("fingerprint").Text(),
        json.Optional("categoricals")?.Items(ReadCategorical) ?? json.Member("gathered").Items(ReadGathered),
        json.Member("numerics").Items(input => new NumericInput(
            input.Member("column").Text(), input.Member("numeric_index").Integer(), input.Member("offset").Integer())),
        json.Optional("weight_column")?.Text());

    private static void Write(Utf8JsonWriter writer, GatheredInput input)
    {
        writer.WriteStartObject();
        switch (input)
        {
            case CategoricalInput categorical:
                writer.WriteString("kind", "categorical");
                writer.WriteString("column", categorical.Column);
                writer.WriteNumber("code_index", categorical.CodeIndex);
                writer.WriteNumber("size", categorical.Size);
                break;
            case BinnedInput binned:
                writer.WriteString("kind", "binned");
                writer.WriteString("column", binned.Column);
                writer.WriteNumber("numeric_index", binned.NumericIndex);
                writer.WriteStartArray("edges");
                foreach (var edge in binned.Edges)
                {
                    writer.WriteNumberValue(edge);
                }

                writer.WriteEndArray();
                writer.WriteBoolean("missing", binned.HasMissing);
                break;
            default:
                throw new ArgumentException($"there is no JSON for {input}", nameof(input));
        }

        writer.WriteNumber("offset", input.Offset);
        writer.WriteEndObject();
    }

    private static GatheredInput ReadGathered(JsonElement json) => json.Member("kind").Named<Func<JsonElement, GatheredInput>>(
        "kind of input", ("categorical", ReadCategorical), ("binned", ReadBinned))(json);

    private static GatheredInput ReadCategorical(JsonElement json) => new CategoricalInput(
        json.Member("column").Text(),
        json.Member("code_index").Integer(),
        json.Member("size").Integer(),
        json.Member("offset").Integer());

    private static GatheredInput ReadBinned(JsonElement json)
    {
        var column = json.Member("column").Text();
        var edges = json.Member("edges").Items(Malformed.Single);
        return edges.Zip(edges.Skip(1), (edge, next) => edge < next).All(increases => increases)
            ? new BinnedInput(
                column, json.Member("numeric_index").Integer(), edges, json.Member("missing").Boolean(), json.Member("offset").Integer())
            : throw new MalformedException($"the edges of '{column}' do not increase");
    }
}
