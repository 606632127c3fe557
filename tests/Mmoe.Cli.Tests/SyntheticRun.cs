using System.Text.Json;
using LanguageExt;
using Mmoe.Data;
using Mmoe.Data.Datasets;

namespace Mmoe.Cli.Tests;

/// <summary>The README's first command, in this process.</summary>
[Trait("Native", "libtorch")]
public sealed class SyntheticRun
{
    [Fact]
    public void Training_synthetic_beats_least_squares_on_both_tasks()
    {
        using var bench = new Workbench();
        var outcome = bench.Run("train", "synthetic", "--out", "run");
        Assert.True(outcome.Code == 0, outcome.Error);
        using var summary = JsonDocument.Parse(File.ReadAllText(bench.Path("run", "summary.json")));
        var test = summary.RootElement.GetProperty("metrics").GetProperty("test");

        var splits = SplitLoader.Load(Synthetic.Descriptor, new DataDirectory("")).IfFail(faults => throw new InvalidOperationException(faults.ToString()));
        foreach (var task in new[] { Synthetic.Tasks.Y0, Synthetic.Tasks.Y1 })
        {
            var coefficients = LeastSquares.Fit(splits.Train.Table.Numerics.Span, Synthetic.NumericCount, Labels(splits.Train.Table, task));
            var linear = LeastSquares.R2(coefficients, splits.Test.Table.Numerics.Span, Synthetic.NumericCount, Labels(splits.Test.Table, task));
            var model = test.GetProperty(task.Name).GetProperty("r2").GetDouble();
            Assert.True(model > linear, $"{task.Name}: R² of the model {model:0.0000}, of least squares {linear:0.0000}");
        }
    }

    private static float[] Labels(EncodedTable table, RegressionTask task) =>
        [.. Enumerable.Range(0, table.Rows).Select(row => table.Labels.Span[(row * table.Descriptor.Labels.Count) + task.Label.LabelIndex])];
}
