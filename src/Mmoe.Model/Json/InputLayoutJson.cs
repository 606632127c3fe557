using System.Text.Json;
using LanguageExt;
using Mmoe.Data;

namespace Mmoe.Model;

/// <summary>
/// An input layout as JSON:
/// <c>{"fingerprint":"…","categoricals":[{"column":"sex","code_index":0,"size":2,"offset":0}],"numerics":[…],"weight_column":null}</c>.
/// </summary>
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
        writer.WriteStartArray("categoricals");
        foreach (var input in layout.Categoricals)
        {
            writer.WriteStartObject();
            writer.WriteString("column", input.Column);
            writer.WriteNumber("code_index", input.CodeIndex);
            writer.WriteNumber("size", input.Size);
            writer.WriteNumber("offset", input.Offset);
            writer.WriteEndObject();
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
        json.Member("categoricals").Items(input => new CategoricalInput(
            input.Member("column").Text(),
            input.Member("code_index").Integer(),
            input.Member("size").Integer(),
            input.Member("offset").Integer())),
        json.Member("numerics").Items(input => new NumericInput(
            input.Member("column").Text(), input.Member("numeric_index").Integer(), input.Member("offset").Integer())),
        json.Optional("weight_column")?.Text());
}
