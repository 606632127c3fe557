using System.Text.Json;
using Mmoe.Data;
using Mmoe.Data.Datasets;

namespace Mmoe.Cli.Tests;

/// <summary>What a schema says about numbers, as commands show it and keep it. No built-in schema has bins, so Adult gets some.</summary>
public sealed class BinsAndRanges
{
    [Fact]
    public void Ranges_and_bins_are_shown()
    {
        using var bench = Bench([25, 40.5f, 65]);
        var outcome = bench.Run("datasets", "adult");
        Assert.True(outcome.Code == 0, outcome.Error);
        var words = outcome.Out.Split('\n').Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        string[] lines = [.. words.Select(line => string.Join(' ', line))];
        Assert.Contains("bins age at 25 40.5 65", lines);
        Assert.Contains(lines, line => line.StartsWith("age feature number, at least 0 ", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.StartsWith("education_num feature number, from 1 to 16 ", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.StartsWith("fnlwgt weight number, at least 0 ", StringComparison.Ordinal));
        Assert.StartsWith($"features {Adult.NumFeatures} (", lines[2], StringComparison.Ordinal); // bins are no features of the schema

        using var without = new Workbench();
        Assert.DoesNotContain("bins", without.Run("datasets", "adult").Out, StringComparison.Ordinal);
    }

    [Fact]
    public void Json_holds_ranges_and_bins_where_there_are_any()
    {
        using var bench = Bench([25, 40.5f, 65]);
        using var json = JsonDocument.Parse(bench.Run("datasets", "adult", "--json").Out);
        var columns = json.RootElement.GetProperty("columns").EnumerateArray().ToDictionary(c => c.GetProperty("name").GetString()!);
        Assert.Equal("""{"min":0}""", Text(columns["age"].GetProperty("range")));
        Assert.Equal("[25,40.5,65]", Text(columns["age"].GetProperty("bins")));
        Assert.Equal("""{"min":1,"max":16}""", Text(columns["education_num"].GetProperty("range")));
        Assert.False(columns["education_num"].TryGetProperty("bins", out _));
        Assert.False(columns["workclass"].TryGetProperty("range", out _));
    }

    [Fact]
    public void A_number_out_of_range_stops_the_run_at_its_place()
    {
        using var bench = new Workbench();
        bench.WriteAdult(change: (i, line) => i == 7 ? line.Replace(", 9, ", ", 17, ", StringComparison.Ordinal) : line);
        var outcome = bench.Run("train", "adult", "--out", "run");
        Assert.Equal(1, outcome.Code);
        Assert.Contains(
            "adult.data:8:32: '17' in column 'education_num' is out of range: it must be from 1 to 16; "
            + "correct it, or widen the column's \"range\" in the schema",
            Assert.Single(outcome.ErrorLines),
            StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Native", "libtorch")]
    public void A_run_with_bins_has_an_input_more_per_interval_and_is_evaluated_by_them_later()
    {
        using var bench = Bench([25, 40.5f, 65]);
        using var without = new Workbench();
        without.WriteAdult();
        int Parameters(Workbench where, string run, params string[] options)
        {
            var outcome = where.Run(["train", "adult", "--epochs", "1", "--experts", "8", "--units", "4", "--out", run, .. options]);
            Assert.True(outcome.Code == 0, outcome.Error);
            using var summary = JsonDocument.Parse(File.ReadAllText(where.Path(run, "summary.json")));
            return summary.RootElement.GetProperty("parameters").GetInt32();
        }

        // 8 experts of 4 units and 2 gates of 8: 48 columns per input. Three edges make four intervals.
        var plain = Parameters(without, "run");
        Assert.Equal(plain + (4 * 48), Parameters(bench, "run"));
        Assert.Equal(plain - 48, Parameters(bench, "excluded", "--exclude", "age"));

        // A checkpoint carries its layout: a schema whose bins are gone evaluates it all the same.
        using var now = new Workbench { MmoeData = bench.Path("data") };
        var metrics = new[] { bench, now }.Select(where =>
        {
            var outcome = where.Run("evaluate", bench.Path("run"), "--json");
            Assert.True(outcome.Code == 0, outcome.Error);
            using var json = JsonDocument.Parse(outcome.Out);
            return json.RootElement.GetProperty("metrics").GetRawText();
        }).ToArray();
        Assert.Equal(metrics[0], metrics[1]);
    }

    private static string Text(JsonElement json) => string.Concat(json.GetRawText().Where(c => !char.IsWhiteSpace(c)));

    private static Workbench Bench(float[] ages)
    {
        var columns = Adult.Descriptor.Columns
            .Select(c => c is NumericFeature { Name: "age" } age ? age with { Bins = new(ages.AsSpan()) } : c);
        var bench = new Workbench { Datasets = Described.Only(Adult.Descriptor with { Columns = new(columns) }) };
        bench.WriteAdult();
        return bench;
    }
}
