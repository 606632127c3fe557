using System.Text.Json;
using LanguageExt;
using Mmoe.Cli.Tests.Datasets;
using Mmoe.Data;
using Mmoe.Training;

namespace Mmoe.Cli.Tests;

/// <summary>Binary, multi-class and regression tasks in one model, with labels that are missing and rows that weigh differently.</summary>
[Trait("Native", "libtorch")]
public sealed class MixedKinds
{
    private static readonly string[] EveryOption =
    [
        "--weight-by", "meals", "--set", "label_smoothing=cold:0.05,rating:0.1", "--set", "positive_weight=2", "--set", "huber_delta=1.5",
        "--learning-rate", "0.01", "--epochs", "8", "--set", "batch_size=64",
    ];

    public static TheoryData<string, string> FamiliesAndWeightings()
    {
        var all = new TheoryData<string, string>();
        foreach (var model in ModelNames.Available)
        {
            foreach (var weighting in WeightingNames.Available)
            {
                all.Add(model, weighting);
            }
        }

        return all;
    }

    [Theory]
    [MemberData(nameof(FamiliesAndWeightings))]
    public void Every_family_learns_tasks_of_every_kind_under_every_weighting(string model, string weighting)
    {
        using var bench = DeliveriesData.Bench();
        var outcome = bench.Run(
            ["train", "deliveries", "--model", model, "--set", $"weighting={weighting}", .. EveryOption, "--out", "run", "--json"]);
        Assert.True(outcome.Code == 0, outcome.Error);
        using var summary = JsonDocument.Parse(outcome.Out);
        var test = summary.RootElement.GetProperty("metrics").GetProperty("test");
        Assert.Equal(["auc", "auc_flattened", "log_loss", "accuracy", "brier", "ece"], Names(test, "cold"));
        Assert.Equal(["macro_auc", "macro_f1", "accuracy", "log_loss", "brier", "ece"], Names(test, "rating"));
        Assert.Equal(["rmse", "mae", "r2"], Names(test, "minutes"));

        // Chance is 0.5, 0.5 and 0. What the rows allow is about 0.95, 0.95 and 0.9.
        Assert.InRange(Value(test, "cold", "auc"), 0.88, 1);
        Assert.InRange(Value(test, "rating", "macro_auc"), 0.84, 1);
        Assert.InRange(Value(test, "minutes", "r2"), 0.7, 1);
        Assert.InRange(Value(test, "cold", "accuracy"), Majority(bench, 0), 1);
        Assert.InRange(Value(test, "rating", "accuracy"), Majority(bench, 1) + 0.05, 1);
    }

    [Fact]
    public void A_regression_is_reported_in_the_minutes_of_the_file_and_by_the_weights_of_its_rows()
    {
        using var bench = DeliveriesData.Bench();
        var outcome = bench.Run(["train", "deliveries", .. EveryOption, "--out", "run", "--json"]);
        Assert.True(outcome.Code == 0, outcome.Error);
        using var summary = JsonDocument.Parse(outcome.Out);
        var test = summary.RootElement.GetProperty("metrics").GetProperty("test");
        var (rmse, mae, r2) = (Value(test, "minutes", "rmse"), Value(test, "minutes", "mae"), Value(test, "minutes", "r2"));

        // Not below the noise, which is stated in minutes; and the unexplained part of the variance of the minutes that the file holds.
        Assert.InRange(rmse, DeliveriesData.Noise * 0.9, DeliveriesData.Noise * 1.8);
        Assert.InRange(mae, rmse * 0.6, rmse);
        var rows = Test(bench)
            .Where(row => !float.IsNaN(row.Target[2]))
            .Select(row => (row.Weight, Label: (double)row.Target[2]))
            .ToArray();
        var total = rows.Sum(row => row.Weight);
        var mean = rows.Sum(row => row.Weight * row.Label) / total;
        var variance = rows.Sum(row => row.Weight * Math.Pow(row.Label - mean, 2)) / total;
        Assert.Equal((1 - r2) * variance, rmse * rmse, rmse * rmse * 1e-5);
        Assert.NotInRange(rows.Sum(row => Math.Pow(row.Label - rows.Average(r => r.Label), 2)) / rows.Length / variance, 0.9999, 1.0001);
    }

    [Fact]
    public void A_row_without_any_label_counts_as_one_without_weight()
    {
        // Rows of all splits lose what they would be counted by, in one way or the other; the order of rows stays.
        string Metrics(Func<string[], string[]> change)
        {
            using var bench = DeliveriesData.Bench(500, (i, line) => i % 3 == 0 ? string.Join(',', change(line.Split(','))) : line);
            var outcome = bench.Run("train", "deliveries", "--weight-by", "meals", "--epochs", "2", "--out", "run", "--json");
            Assert.True(outcome.Code == 0, outcome.Error);
            using var summary = JsonDocument.Parse(outcome.Out);
            return summary.RootElement.GetProperty("metrics").GetRawText();
        }

        // The minutes' scale is fitted on rows whatever they weigh, so that in both cases the same minutes are there.
        var unlabelled = Metrics(fields => [.. fields[..5], "NA", "NA", "NA"]);
        Assert.Equal(unlabelled, Metrics(fields => [.. fields[..4], "0", .. fields[5..7], "NA"]));
        Assert.NotEqual(unlabelled, Metrics(fields => [.. fields[..7], "NA"]));
    }

    private static string[] Names(JsonElement metrics, string task) => [.. metrics.GetProperty(task).EnumerateObject().Select(p => p.Name)];

    private static double Value(JsonElement metrics, string task, string name) => metrics.GetProperty(task).GetProperty(name).GetDouble();

    /// <summary>The weighted share of the commonest class among the test rows.</summary>
    private static double Majority(Workbench bench, int task)
    {
        var rows = Test(bench).Where(row => !float.IsNaN(row.Target[task])).ToArray();
        return rows.GroupBy(row => row.Target[task]).Max(label => label.Sum(row => row.Weight)) / rows.Sum(row => row.Weight);
    }

    private static (float[] Target, double Weight)[] Test(Workbench bench)
    {
        var table = SplitLoader.LoadSplit(Deliveries.Descriptor, new DataDirectory(bench.Path("data", "deliveries")), SplitName.Test)
            .IfFail(faults => throw new InvalidOperationException(string.Join('\n', faults)));
        return [.. table.Targets().Chunk(3).Select((target, row) => (target, (double)table.Weights.Span[row]))];
    }
}
