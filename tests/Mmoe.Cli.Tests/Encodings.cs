using System.Text.Json;
using Mmoe.Data;
using Mmoe.Data.Datasets;
using Mmoe.Model;

namespace Mmoe.Cli.Tests;

/// <summary>Encodings from the command line, and from a schema, to a trained model and its evaluation.</summary>
public sealed class Encodings
{
    /// <summary>The features of Adult that are numeric: age, education_num, capital_gain, capital_loss, hours_per_week.</summary>
    private const int Numerics = 5;

    [Theory]
    [Trait("Native", "libtorch")]
    [InlineData("standardise")]
    [InlineData("log1p")]
    [InlineData("min-max")]
    [InlineData("quantile:8")]
    [InlineData("piecewise-linear:8")]
    [InlineData("standardise+log1p+quantile:4+piecewise-linear:4")]
    public void A_run_trains_with_each_encoding_and_is_evaluated_by_what_it_saved(string encoding)
    {
        using var bench = new Workbench();
        bench.WriteAdult();
        var outcome = bench.Run("train", "adult", "--epochs", "2", "--set", $"encode=*={encoding}", "--out", "run");
        Assert.True(outcome.Code == 0, outcome.Error);
        Assert.Contains($"encode: '*={encoding}'\n", File.ReadAllText(bench.Path("run", "config.yaml")), StringComparison.Ordinal);

        var checkpoint = Checkpoint.Load(bench.Path("run", "checkpoints", "best-average.safetensors"))
            .IfFail(faults => throw new InvalidOperationException($"{faults}"));
        var kinds = encoding.Split('+');
        var quantiles = kinds.Count(k => k.StartsWith("quantile", StringComparison.Ordinal));
        Assert.Equal(Numerics * quantiles, checkpoint.Inputs.Gathered.OfType<BinnedInput>().Count());
        Assert.Equal(Numerics * (kinds.Length - quantiles), checkpoint.Inputs.Numerics.Count);

        // Were anything fitted again to the rows at hand, validation and test would have other numbers than in the run.
        using var summary = JsonDocument.Parse(File.ReadAllText(bench.Path("run", "summary.json")));
        foreach (var split in new[] { "train", "validation", "test" })
        {
            var evaluated = bench.Run("evaluate", "run", "--split", split, "--json");
            Assert.True(evaluated.Code == 0, evaluated.Error);
            using var json = JsonDocument.Parse(evaluated.Out);
            foreach (var task in new[] { "income", "never_married" })
            {
                double Loss(JsonElement metrics) => metrics.GetProperty(split).GetProperty(task).GetProperty("log_loss").GetDouble();
                Assert.Equal(
                    Loss(summary.RootElement.GetProperty("metrics")), Loss(json.RootElement.GetProperty("metrics")), 1e-5);
            }
        }
    }

    [Fact]
    public void A_wrong_encoding_is_wrong_usage_and_names_column_and_nearest()
    {
        using var bench = new Workbench();
        var outcome = bench.Run("train", "adult", "--set", "encode=age=log1", "--set", "encode=agee=log1p");
        Assert.Equal(2, outcome.Code);
        Assert.StartsWith(
            "--set encode=age=log1: column 'age': 'log1' is no encoding; did you mean 'log1p'?",
            Assert.Single(outcome.ErrorLines).Replace("mmoe: ", "", StringComparison.Ordinal),
            StringComparison.Ordinal);
        outcome = bench.Run("train", "adult", "--set", "encode=agee=log1p");
        Assert.Equal(2, outcome.Code);
        Assert.Contains(
            "'adult' has no column 'agee' to encode; did you mean 'age'?", Assert.Single(outcome.ErrorLines), StringComparison.Ordinal);
    }

    [Fact]
    public void A_schema_s_encodings_are_shown()
    {
        var columns = Adult.Descriptor.Columns.Select(c => c is NumericFeature { Name: "age" } age
            ? age with { Encodings = new([NumericEncoding.Log1p, NumericEncoding.Quantile(16)]) }
            : c);
        using var bench = new Workbench { Datasets = Described.Only(Adult.Descriptor with { Columns = new(columns) }) };
        Assert.Contains("\nencodings    age by log1p+quantile:16\n", bench.Run("datasets", "adult").Out, StringComparison.Ordinal);
        using var json = JsonDocument.Parse(bench.Run("datasets", "adult", "--json").Out);
        var all = json.RootElement.GetProperty("columns").EnumerateArray().ToDictionary(c => c.GetProperty("name").GetString()!);
        Assert.Equal(["log1p", "quantile:16"], all["age"].GetProperty("encoding").EnumerateArray().Select(e => e.GetString()));
        Assert.False(all["education_num"].TryGetProperty("encoding", out _));

        using var without = new Workbench();
        Assert.DoesNotContain("encodings", without.Run("datasets", "adult").Out, StringComparison.Ordinal);
    }
}
