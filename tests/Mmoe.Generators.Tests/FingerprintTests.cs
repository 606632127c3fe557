using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Mmoe.Generators.Tests.Helpers;

namespace Mmoe.Generators.Tests;

/// <summary>The fingerprint against a computation from the schema's JSON, by the documented canonical form and nothing of the generator.</summary>
public sealed partial class FingerprintTests
{
    [Fact]
    public void It_is_the_hash_of_the_documented_text() => Assert.All(
        new[] { Schemas.Small, Schemas.Synthetic, Schemas.Least, Schemas.WithValues(["é", "1:a", ""], "中 1:x") },
        schema => Assert.Equal(Independent(schema), Emitted(schema)));

    [Theory]
    [InlineData("\"description\": \"Age in years\"", "\"description\": \"Age\"")]
    [InlineData("https://example.org/loans\"", "https://example.org/other\"")]
    [InlineData("\"remainders\": [3]", "\"remainders\": []")]
    [InlineData("\"num_experts\": 4", "\"num_experts\": 5")]
    [InlineData("\"identifier\": \"NotTold\"", "\"identifier\": \"Untold\"")]
    [InlineData("\"identifier\": \"Loss\"", "\"identifier\": \"Damage\"")]
    [InlineData("\"delimiter\": \";\"", "\"delimiter\": \",\"")]
    [InlineData("[\"\", \"NA\"]", "[\"NA\", \"\"]")]
    [InlineData("\"name\": \"small-loans\"", "\"name\": \"other-loans\"")]
    [InlineData("\"min\": 0", "\"min\": 17")]
    [InlineData("\"range\": { \"min\": 0, \"max\": 120 }, \"bins\": [18, 25.5, 6.5e1]", "\"weight\": true")]
    [InlineData("[\"log1p\", \"piecewise-linear:16\"]", "\"standardise+quantile:16\"")]
    public void What_does_not_change_an_encoded_row_does_not_change_it(string part, string other) =>
        Assert.Equal(Emitted(Schemas.Small), Emitted(Schemas.Small.But(part, other)));

    [Theory]
    [InlineData("\"rent\", \"own\"", "\"own\", \"rent\"")]
    [InlineData("\"name\": \"sex\"", "\"name\": \"gender\"")]
    [InlineData("\"policy\": \"zero\"", "\"policy\": \"mean\"")]
    [InlineData("\"marks\": [\"-\"]", "\"marks\": [\"\"]")]
    [InlineData("[\"\", \"NA\"]", "[\"NA\"]")]
    [InlineData("\"positive\": [\"yes\"]", "\"positive\": [\"no\"]")]
    [InlineData("\"name\": \"default\"", "\"name\": \"defaults\"")]
    [InlineData("\"role\": \"ignored\", \"reason\": \"Decides after the fact.\"", "\"kind\": \"numeric\"")]
    [InlineData("\"kind\": \"numeric\", \"role\": \"weight\"", "\"kind\": \"numeric\"")]
    [InlineData("\"missing\": {}, ", "")]
    public void What_changes_an_encoded_row_changes_it(string part, string other) =>
        Assert.NotEqual(Emitted(Schemas.Small), Emitted(Schemas.Small.But(part, other)));

    private static string Emitted(string schema)
    {
        var dataset = GeneratorHost.Run(schema).Results.Single().GeneratedSources.Single(s => s.HintName != "Registry.g.cs");
        return Constant().Match(dataset.SourceText.ToString()).Groups[1].Value;
    }

    private static string Independent(string schema)
    {
        var root = JsonDocument.Parse(schema).RootElement;
        var marks = root.TryGetProperty("format", out var format) && format.TryGetProperty("missing", out var shared) ? Strings(shared) : [];
        var text = "mmoe-fingerprint 1\n";
        var columns = root.GetProperty("columns").EnumerateArray().ToArray();
        foreach (var column in columns)
        {
            var role = Get(column, "role") ?? "feature";
            text += $"column {Text(Get(column, "name")!)} {role} {Get(column, "kind") ?? "none"}";
            text += column.TryGetProperty("vocabulary", out var values) ? List(Values(values)) : "";
            if (column.TryGetProperty("missing", out var missing))
            {
                text += role == "feature" ? $" missing {Get(missing, "policy") ?? "mean"}" : " missing";
                text += List((missing.TryGetProperty("marks", out var own) ? Strings(own) : marks).Order(StringComparer.Ordinal));
            }

            text += "\n";
        }

        foreach (var task in root.GetProperty("tasks").EnumerateArray())
        {
            var column = columns.Single(c => Get(c, "name") == Get(task, "column"));
            text += $"task {Text(Get(task, "name")!)} {Get(task, "kind")} {Text(Get(task, "column")!)}";
            text += task.TryGetProperty("positive", out var positive)
                ? List(Values(column.GetProperty("vocabulary")).Where(Strings(positive).Contains))
                : "";
            text += "\n";
        }

        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
    }

    private static string? Get(JsonElement element, string name) => element.TryGetProperty(name, out var value) ? value.GetString() : null;

    private static string[] Strings(JsonElement array) => [.. array.EnumerateArray().Select(item => item.GetString()!)];

    private static string[] Values(JsonElement array) =>
        [.. array.EnumerateArray().Select(item => item.ValueKind == JsonValueKind.String ? item.GetString()! : Get(item, "value")!)];

    private static string Text(string text) => $"{Encoding.UTF8.GetByteCount(text)}:{text}";

    private static string List(IEnumerable<string> texts) => texts.ToArray() is var list ? $" {list.Length}" + string.Concat(list.Select(t => " " + Text(t))) : "";

    [GeneratedRegex("Fingerprint = \"([0-9a-f]{64})\"")]
    private static partial Regex Constant();
}
