using System.Text.Json;
using LanguageExt;
using Mmoe.Data;

namespace Mmoe.Model;

/// <summary>
/// An input layout as JSON:
/// <c>{"fingerprint":"…","gathered":[{"kind":"categorical","column":"sex","code_index":0,"size":2,"offset":0},
/// {"kind":"binned","column":"age","numeric_index":0,"edges":[18,65],"missing":false,"offset":2}],
/// "numerics":[{"kind":"standardise","column":"age","numeric_index":0,"mean":38.5,"deviation":13.6,"fill":38.5,"offset":5}],
/// "weight_column":null}</c>.
/// </summary>
public static class InputLayoutJson
{
    private const string Standardise = "standardise";
    private const string Log1p = "log1p";
    private const string MinMax = "min-max";
    private const string PiecewiseLinear = "piecewise-linear";
    private const string Missing = "missing";

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
            Write(writer, input);
        }

        writer.WriteEndArray();
        writer.WriteString("weight_column", layout.WeightColumn);
        writer.WriteEndObject();
    }

    /// <summary>Reads what <see cref="Write(Utf8JsonWriter, InputLayout)"/> wrote; throws <see cref="MalformedException"/>.</summary>
    internal static InputLayout Read(JsonElement json) => new(
        json.Member("fingerprint").Text(),
        json.Member("gathered").Items(ReadGathered),
        json.Member("numerics").Items(ReadNumeric),
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
                WriteEdges(writer, binned.Edges);
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

    private static GatheredInput ReadBinned(JsonElement json) => new BinnedInput(
        json.Member("column").Text(),
        json.Member("numeric_index").Integer(),
        ReadEdges(json),
        json.Member("missing").Boolean(),
        json.Member("offset").Integer());

    private static void Write(Utf8JsonWriter writer, NumericInput input)
    {
        writer.WriteStartObject();
        writer.WriteString("kind", input.Encoder switch
        {
            StandardEncoder { Transform: NumericTransform.Identity } => Standardise,
            StandardEncoder { Transform: NumericTransform.Log1p } => Log1p,
            MinMaxEncoder => MinMax,
            PiecewiseLinearEncoder => PiecewiseLinear,
            MissingEncoder => Missing,
            _ => throw new ArgumentException($"there is no JSON for {input}", nameof(input)),
        });
        writer.WriteString("column", input.Column);
        writer.WriteNumber("numeric_index", input.NumericIndex);
        switch (input.Encoder)
        {
            case StandardEncoder standard:
                writer.WriteNumber("mean", standard.Mean);
                writer.WriteNumber("deviation", standard.Deviation);
                writer.WriteNumber("fill", standard.Fill);
                break;
            case MinMaxEncoder minMax:
                writer.WriteNumber("min", minMax.Min);
                writer.WriteNumber("max", minMax.Max);
                writer.WriteNumber("fill", minMax.Fill);
                break;
            case PiecewiseLinearEncoder piecewise:
                WriteEdges(writer, piecewise.Edges);
                writer.WriteNumber("fill", piecewise.Fill);
                break;
        }

        writer.WriteNumber("offset", input.Offset);
        writer.WriteEndObject();
    }

    private static NumericInput ReadNumeric(JsonElement json) => new(
        json.Member("column").Text(),
        json.Member("numeric_index").Integer(),
        json.Member("kind").Named<Func<NumericEncoder>>(
            "kind of numeric input",
            (Standardise, () => ReadStandard(json, NumericTransform.Identity)),
            (Log1p, () => ReadStandard(json, NumericTransform.Log1p)),
            (MinMax, () => ReadMinMax(json)),
            (PiecewiseLinear, () => ReadPiecewiseLinear(json)),
            (Missing, () => new MissingEncoder()))(),
        json.Member("offset").Integer());

    private static StandardEncoder ReadStandard(JsonElement json, NumericTransform transform)
    {
        var deviation = json.Member("deviation").Single();
        return deviation > 0
            ? new(transform, json.Member("mean").Single(), deviation, json.Member("fill").Single())
            : throw new MalformedException($"the deviation of '{json.Member("column").Text()}' is {deviation}, not above 0");
    }

    private static MinMaxEncoder ReadMinMax(JsonElement json)
    {
        var (min, max) = (json.Member("min").Single(), json.Member("max").Single());
        return min <= max
            ? new(min, max, json.Member("fill").Single())
            : throw new MalformedException($"the least of '{json.Member("column").Text()}', {min}, is above its greatest, {max}");
    }

    private static PiecewiseLinearEncoder ReadPiecewiseLinear(JsonElement json)
    {
        var edges = ReadEdges(json);
        return edges.Count > 0
            ? new(edges, json.Member("fill").Single())
            : throw new MalformedException($"the bins of '{json.Member("column").Text()}' have no edge");
    }

    private static void WriteEdges(Utf8JsonWriter writer, EquatableArray<float> edges)
    {
        writer.WriteStartArray("edges");
        foreach (var edge in edges)
        {
            writer.WriteNumberValue(edge);
        }

        writer.WriteEndArray();
    }

    private static EquatableArray<float> ReadEdges(JsonElement json)
    {
        var edges = json.Member("edges").Items(Malformed.Single);
        return edges.Zip(edges.Skip(1), (edge, next) => edge < next).All(increases => increases)
            ? edges
            : throw new MalformedException($"the edges of '{json.Member("column").Text()}' do not increase");
    }
}
