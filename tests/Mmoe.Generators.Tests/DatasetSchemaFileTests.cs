using System.Text.Json;
using System.Text.RegularExpressions;
using Mmoe.Generators.Parsing;
using Mmoe.Generators.Tests.Helpers;

namespace Mmoe.Generators.Tests;

/// <summary>The JSON Schema that editors check schemas by says what the parser says.</summary>
public sealed class DatasetSchemaFileTests
{
    private static readonly JsonElement Root =
        JsonDocument.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Files", "dataset-schema.json"))).RootElement;

    [Theory]
    [InlineData("", nameof(SchemaProperties.Dataset))]
    [InlineData("format", nameof(SchemaProperties.Format))]
    [InlineData("source", nameof(SchemaProperties.Source))]
    [InlineData("file", nameof(SchemaProperties.File))]
    [InlineData("splits", nameof(SchemaProperties.Splits))]
    [InlineData("split", nameof(SchemaProperties.Split))]
    [InlineData("parameters", nameof(SchemaProperties.Parameters))]
    [InlineData("column", nameof(SchemaProperties.Column))]
    [InlineData("describedValue", nameof(SchemaProperties.Value))]
    [InlineData("missing", nameof(SchemaProperties.Missing))]
    [InlineData("range", nameof(SchemaProperties.Range))]
    [InlineData("task", nameof(SchemaProperties.Task))]
    [InlineData("training", nameof(SchemaProperties.Training))]
    [InlineData("deviceTraining", nameof(SchemaProperties.DeviceTraining))]
    public void It_lists_the_properties_that_the_parser_reads(string definition, string field)
    {
        var known = (string[])typeof(SchemaProperties).GetField(field)!.GetValue(null)!;
        Assert.Equal(known, Definition(definition).GetProperty("properties").EnumerateObject().Select(p => p.Name));
        Assert.False(Definition(definition).GetProperty("additionalProperties").GetBoolean());
    }

    [Fact]
    public void Every_list_of_properties_is_compared() => Assert.Equal(
        typeof(SchemaProperties).GetFields().Length,
        Root.GetProperty("definitions").EnumerateObject().Count(d => d.Value.TryGetProperty("properties", out _)) + 1);

    [Fact]
    public void Every_property_is_described() => Assert.All(
        Root.GetProperty("definitions").EnumerateObject().Select(d => d.Value).Append(Root).Where(d => d.TryGetProperty("properties", out _)),
        definition => Assert.All(
            definition.GetProperty("properties").EnumerateObject(),
            property => Assert.EndsWith(".", property.Value.GetProperty("description").GetString(), StringComparison.Ordinal)));

    [Theory]
    [InlineData("training", "num_experts")]
    [InlineData("training", "units")]
    [InlineData("training", "tower_units")]
    [InlineData("training", "batch_size")]
    [InlineData("training", "epoch_size")]
    [InlineData("training", "learning_rate")]
    [InlineData("training", "save_checkpoint")]
    [InlineData("training", "save_checkpoint_epochs")]
    [InlineData("training", "keep_checkpoint_max")]
    [InlineData("training", "warmup_epochs")]
    [InlineData("training", "seed")]
    public void Its_defaults_are_those_that_are_built_in(string definition, string property)
    {
        var name = string.Concat(property.Split('_').Select(part => char.ToUpperInvariant(part[0]) + part[1..]));
        var builtIn = typeof(Models.ParametersModel).GetProperty(name)!.GetValue(Models.ParametersModel.BuiltIn)!;
        Assert.Equal(
            builtIn.ToString()!.Trim('[', ']').ToLowerInvariant(),
            Definition(definition).GetProperty("properties").GetProperty(property).GetProperty("default").GetRawText());
    }

    [Theory]
    [InlineData("training", nameof(ParameterLimits.Training))]
    [InlineData("deviceTraining", nameof(ParameterLimits.Training))]
    [InlineData("parameters", nameof(ParameterLimits.Drawn))]
    public void Its_limits_are_those_that_the_parser_and_the_command_line_hold_to(string definition, string table)
    {
        var limits = (IReadOnlyDictionary<string, NumberLimits>)typeof(ParameterLimits).GetProperty(table)!.GetValue(null)!;
        var listed = Definition(definition).GetProperty("properties").EnumerateObject()
            .SelectMany(p => Numbers(p.Value).Select(number => (p.Name, Limits: Stated(number))))
            .ToArray();
        Assert.Equal(limits.Keys.Order(StringComparer.Ordinal), listed.Select(l => l.Name).Distinct().Order(StringComparer.Ordinal));
        Assert.All(listed, l => Assert.Equal(limits[l.Name], l.Limits));

        static NumberLimits Stated(JsonElement number) =>
            number.TryGetProperty("exclusiveMinimum", out var above)
                ? new(above.GetDouble(), number.GetProperty("maximum").GetDouble(), AboveMin: true)
                : new(number.GetProperty("minimum").GetDouble(), number.GetProperty("maximum").GetDouble());
    }

    [Fact]
    public void The_page_says_of_every_parameter_of_training_its_default_its_range_and_what_it_means()
    {
        var page = Repository.Read("docs", "schema.md");
        var section = page[page.IndexOf("## `training`", StringComparison.Ordinal)..];
        var rows = section.Split('\n').Where(line => line.StartsWith('|')).Select(line => line.Trim('|', ' ').Split(" | ")).ToArray();
        Assert.Equal(["property", "default", "range", "meaning"], rows[0]);
        Assert.Equal(
            Definition("deviceTraining").GetProperty("properties").EnumerateObject()
                .Select(p => ($"`{p.Name}`", Default(p.Value.GetProperty("default")), Range(p.Name))),
            rows.Skip(2).Select(row => (row[0], row[1], row[2].Split(':')[0])));
        Assert.All(rows.Skip(2), row => Assert.True(row.Length == 4 && row[3].Length > 10, $"{row[0]} has no meaning"));

        static string Default(JsonElement value) =>
            value.ValueKind == JsonValueKind.Number ? value.GetRawText() : $"`{value.GetRawText()}`";

        // What follows a colon is words.
        static string Range(string name) =>
            !ParameterLimits.Training.TryGetValue(name, out var limits) ? "`true` or `false`"
            : (limits.Min, limits.Max) == (int.MinValue, int.MaxValue) ? "any 32-bit integer"
            : limits.AboveMin ? FormattableString.Invariant($"above {limits.Min:N0}, at most {limits.Max:N0}")
            : FormattableString.Invariant($"{limits.Min:N0} to {limits.Max:N0}");
    }

    [Fact]
    public void Accepted_values_are_those_that_the_parser_names()
    {
        Assert.Equal(["feature", "label", "weight", "ignored"], Accepted("column", "role", "\"role\": \"?\", \"kind\": \"numeric\""));
        Assert.Equal(["categorical", "numeric"], Accepted("column", "kind", "\"kind\": \"?\""));
    }

    [Theory]
    [InlineData("standardise", true)]
    [InlineData("log1p+min-max", true)]
    [InlineData("quantile:2+piecewise-linear:9", true)]
    [InlineData("quantile:10", true)]
    [InlineData("quantile:999", true)]
    [InlineData("quantile:1000", true)]
    [InlineData("piecewise-linear:1019+log1p", true)]
    [InlineData("piecewise-linear:1024", true)]
    [InlineData("piecewise-linear:1025", false)]
    [InlineData("quantile:1030", false)]
    [InlineData("quantile:1100", false)]
    [InlineData("quantile:1", false)]
    [InlineData("quantile:08", false)]
    [InlineData("quantile", false)]
    [InlineData("log1p:2", false)]
    [InlineData("log1p ", false)]
    [InlineData("log1p+", false)]
    [InlineData("+log1p", false)]
    [InlineData("", false)]
    public void Its_encodings_are_those_that_the_parser_reads(string text, bool isRead)
    {
        var schema = Schemas.Least.But("\"name\": \"x\",", $"\"name\": \"x\", \"encoding\": \"{text}\",");
        Assert.Equal(isRead, SchemaParser.Parse(schema).Problems.Count == 0);
        Assert.Equal(isRead, Regex.IsMatch(text, Definition("encodings").GetProperty("pattern").GetString()!));
    }

    // The number that a property is, or each that a width or a list of them may be.
    private static IEnumerable<JsonElement> Numbers(JsonElement property) =>
        property.TryGetProperty("oneOf", out var cases) ? cases.EnumerateArray().SelectMany(Numbers)
        : property.TryGetProperty("items", out var items) ? Numbers(items)
        : property.TryGetProperty("type", out var type) && type.GetString() is "integer" or "number" ? [property]
        : [];

    private static string[] Accepted(string definition, string property, string broken)
    {
        var problem = SchemaParser.Parse($"{{ \"columns\": [ {{ \"name\": \"x\", {broken} }} ] }}").Problems.Single(p => p.Id == SchemaRules.ValueNotAccepted);
        var named = problem.Arguments[2].Split('\'').Where((_, i) => i % 2 == 1).ToArray();
        var listed = Definition(definition).GetProperty("properties").GetProperty(property).GetProperty("enum").EnumerateArray().Select(v => v.GetString()!);
        Assert.Equal(listed, named);
        return named;
    }

    private static JsonElement Definition(string name) => name.Length == 0 ? Root : Root.GetProperty("definitions").GetProperty(name);
}
