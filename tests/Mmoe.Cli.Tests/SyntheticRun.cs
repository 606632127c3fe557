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

    [Fact]
    public void One_of_a_thing_is_not_called_many()
    {
        using var bench = new Workbench();
        string Run(int epochs) => bench.Run(
            "train", "synthetic", "--epochs", $"{epochs}", "--set", "train_rows=50", "--set", "test_rows=2", "--out", $"run{epochs}").Out;
        Assert.Matches("^synthetic: mmoe, [0-9]+ parameters, 1 epoch, best epoch 1, ", Run(1));
        Assert.Matches("^synthetic: mmoe, [0-9]+ parameters, 2 epochs, best epoch [12], ", Run(2));
        Assert.StartsWith("test: 2 rows\n", bench.Run("evaluate", "run1").Out, StringComparison.Ordinal);
    }

    [Fact]
    public void A_run_leaves_behind_what_the_contract_names()
    {
        using var bench = new Workbench();
        var outcome = bench.Run("train", "synthetic", "--epochs", "4", "--batch-size", "32", "--set", "keep_checkpoint_max=2", "--json");
        Assert.True(outcome.Code == 0, outcome.Error);
        var run = bench.Path("runs", "synthetic-1");
        Assert.Equal(
            ["best-average", "best-y0", "best-y1", "epoch-0003", "epoch-0004", "last"],
            Directory.GetFiles(System.IO.Path.Combine(run, "checkpoints")).Select(System.IO.Path.GetFileNameWithoutExtension).Order(StringComparer.Ordinal));
        Assert.Equal(4, File.ReadLines(System.IO.Path.Combine(run, "metrics.jsonl")).Count());
        Assert.Contains("epoch_size: 4\n", File.ReadAllText(System.IO.Path.Combine(run, "config.yaml")), StringComparison.Ordinal);
        var text = File.ReadAllText(System.IO.Path.Combine(run, "summary.json"));
        Assert.Equal(text.Trim(), outcome.Out.Trim());
        using var summary = JsonDocument.Parse(text);
        foreach (var name in new[]
        {
            "dataset", "model", "engine", "device", "engines", "seed", "parameters", "epochs", "steps", "secondsPerEpoch", "microsecondsPerStep", "rowsPerSecond",
            "peakMemoryBytes", "metrics",
        })
        {
            Assert.True(summary.RootElement.TryGetProperty(name, out _), $"summary.json lacks {name}");
        }

        Assert.Equal(4, summary.RootElement.GetProperty("secondsPerEpoch").GetArrayLength());
        Assert.Equal(4 * 313, summary.RootElement.GetProperty("steps").GetInt32());
    }

    [Fact]
    public void The_reported_epoch_is_the_best_on_validation()
    {
        using var bench = new Workbench();
        var outcome = bench.Run("train", "synthetic", "--epochs", "5", "--learning-rate", "0.02", "--out", "run");
        Assert.True(outcome.Code == 0, outcome.Error);
        var averages = File.ReadLines(bench.Path("run", "metrics.jsonl"))
            .Select(line => JsonDocument.Parse(line).RootElement.GetProperty("validation"))
            .Select(v => (v.GetProperty("y0").GetProperty("r2").GetDouble() + v.GetProperty("y1").GetProperty("r2").GetDouble()) / 2)
            .ToArray();
        using var summary = JsonDocument.Parse(File.ReadAllText(bench.Path("run", "summary.json")));
        Assert.Equal(Array.IndexOf(averages, averages.Max()) + 1, summary.RootElement.GetProperty("bestEpoch").GetInt32());
        Assert.Equal(averages.Max(), summary.RootElement.GetProperty("metrics").GetProperty("validation").GetProperty("average").GetDouble(), 1e-6);
    }

    [Theory]
    [InlineData("mmoe")]
    [InlineData("one-gate")]
    [InlineData("shared-bottom")]
    public void Every_family_trains_and_its_checkpoint_is_evaluated_on_the_rows_it_was_trained_for(string model)
    {
        using var bench = new Workbench();
        var outcome = bench.Run(
            "train", "synthetic", "--model", model, "--epochs", "2", "--units", "8,4", "--set", "correlation=-0.5", "--set", "test_rows=77", "--out", "run");
        Assert.True(outcome.Code == 0, outcome.Error);
        using var summary = JsonDocument.Parse(File.ReadAllText(bench.Path("run", "summary.json")));
        Assert.Equal(model, summary.RootElement.GetProperty("model").GetString());
        var evaluated = bench.Run("evaluate", System.IO.Path.Combine("run", "checkpoints", "best-average.safetensors"), "--json");
        Assert.True(evaluated.Code == 0, evaluated.Error);
        using var report = JsonDocument.Parse(evaluated.Out);
        Assert.Equal(77, report.RootElement.GetProperty("rows").GetInt32());
        Assert.Equal(
            summary.RootElement.GetProperty("metrics").GetProperty("test").GetProperty("y1").GetProperty("rmse").GetDouble(),
            report.RootElement.GetProperty("metrics").GetProperty("test").GetProperty("y1").GetProperty("rmse").GetDouble(),
            1e-5);
    }

    [Fact]
    public void A_schedule_decides_the_rate_of_every_step_and_the_last_one_of_an_epoch_is_reported()
    {
        using var bench = new Workbench();
        string[] Run(string run, int batchSize, params string[] options)
        {
            var outcome = bench.Run(
                ["train", "synthetic", "--set", "train_rows=320", "--batch-size", $"{batchSize}", "--out", run, .. options]);
            Assert.True(outcome.Code == 0, outcome.Error);
            return File.ReadAllLines(bench.Path(run, "metrics.jsonl"));
        }

        double[] Of(string[] lines, string name) =>
            [.. lines.Select(line => JsonDocument.Parse(line).RootElement.GetProperty(name).GetDouble())];
        string[] Schedule(int warmupEpochs) => ["--set", "schedule=warmup-inverse-sqrt", "--set", $"warmup_epochs={warmupEpochs}"];

        // Two epochs of ten steps up, then down.
        var warmed = Run("warmed", 32, ["--epochs", "4", "--learning-rate", "0.01", .. Schedule(2)]);
        Assert.Equal([0.005, 0.01, 0.01 * Math.Sqrt(20 / 30.0), 0.01 * Math.Sqrt(0.5)], Of(warmed, "learningRate"));
        var saved = File.ReadAllText(bench.Path("warmed", "config.yaml"));
        Assert.Contains("schedule: warmup-inverse-sqrt\nwarmup_epochs: 2\n", saved, StringComparison.Ordinal);
        var constant = Run("constant", 32, "--epochs", "4", "--learning-rate", "0.01");
        Assert.Equal([0.01, 0.01, 0.01, 0.01], Of(constant, "learningRate"));
        Assert.Empty(Of(warmed, "loss").Intersect(Of(constant, "loss")));

        // A single step, the first of four: what a quarter of the rate does.
        double[] Validated(string run, params string[] options) =>
            [.. Run(run, 320, ["--epochs", "1", .. options]).Select(line => JsonDocument.Parse(line).RootElement)
                .Select(e => e.GetProperty("validation").GetProperty("average").GetDouble())];
        var quarter = Validated("quarter", "--learning-rate", "0.002");
        Assert.Equal(quarter, Validated("first", ["--learning-rate", "0.008", .. Schedule(4)]));
        Assert.NotEqual(quarter, Validated("whole", "--learning-rate", "0.008"));
    }

    [Fact]
    public async Task An_interrupt_ends_the_run_with_130_and_leaves_the_last_whole_epoch()
    {
        using var bench = new Workbench();
        using var interrupt = new CancellationTokenSource();
        var watcher = Task.Run(() =>
        {
            SpinWait.SpinUntil(() => File.Exists(bench.Path("run", "metrics.jsonl")), TimeSpan.FromMinutes(1));
            interrupt.Cancel();
        });
        var outcome = bench.Run(interrupt.Token, "train", "synthetic", "--epochs", "100000", "--out", "run");
        await watcher;
        Assert.Equal(MmoeApp.Interrupted, outcome.Code);
        Assert.Contains("last.safetensors", outcome.ErrorLines[^1], StringComparison.Ordinal);
        Assert.Equal(0, bench.Run("evaluate", System.IO.Path.Combine("run", "checkpoints", "last.safetensors")).Code);
    }

    private static float[] Labels(EncodedTable table, RegressionTask task) =>
        [.. Enumerable.Range(0, table.Rows).Select(row => table.Labels.Span[(row * table.Descriptor.Labels.Count) + task.Label.LabelIndex])];
}
