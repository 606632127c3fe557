using System.Text.Json;
using System.Text.RegularExpressions;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using Mmoe.Data;
using Mmoe.Data.Datasets;
using Mmoe.Model;
using Mmoe.Training;
using SkiaSharp;

namespace Mmoe.Cli.Tests;

/// <summary>The pictures of a run: numbers of the test's making, and pixels where they must be.</summary>
public sealed class RunPictureTests
{
    [Theory]
    [InlineData(1, 1)]
    [InlineData(1, 12)]
    [InlineData(7, 3)]
    [InlineData(100, 1)]
    [InlineData(100, 12)]
    public void Every_epoch_of_every_metric_lies_where_its_number_says(int epochs, int tasks)
    {
        var summary = Summary(epochs, tasks);
        var picture = new CurvesPicture(summary);
        using var bitmap = Decoded(picture.Png(), picture.Width, picture.Height);
        var metrics = summary.Validation.Tasks.Sum(task => task.Metrics.Values.Count(value => value.Name != "auc_flattened"));
        Assert.Equal(3 + metrics, picture.Panels.Count());
        foreach (var (index, panel) in picture.Panels.Index())
        {
            var colour = CurvesPicture.ColourOf(panel.Line);
            Assert.Equal(epochs, panel.Values.Count);
            for (var epoch = 1; epoch <= epochs; epoch++)
            {
                // The best epoch's point is under the mark of its train value where the two are close.
                var point = picture.Point(index, epoch, panel.Values[epoch - 1]);
                var seen = Near(bitmap, point, 3);
                Assert.True(
                    seen.Any(c => IsLike(c, colour)) || epoch == summary.BestEpoch, $"epoch {epoch} of '{panel.Title}' at {point} is not drawn");
            }

            if (!double.IsNaN(panel.TrainAtBest))
            {
                var point = picture.Point(index, summary.BestEpoch, panel.TrainAtBest);
                Assert.Contains(Near(bitmap, point, 2), c => IsLike(c, CurvesPicture.ColourOf(CurveKind.Train)));
            }
        }

        Assert.Equal(["loss", "learning rate", "mean score"], picture.Panels.Take(3).Select(panel => panel.Title));
        Assert.True(HasText(bitmap, new(0, 0, bitmap.Width / 3, 40)), "there is no title");
    }

    [Fact]
    public void The_numbers_are_those_of_the_run()
    {
        var summary = Summary(5, 2);
        var panels = new CurvesPicture(summary).Panels.ToArray();
        CurvePanel Of(string title) => panels.Single(panel => panel.Title == title);

        Assert.Equal(summary.Epochs.Select(e => e.Loss), Of("loss").Values);
        Assert.Equal(summary.Epochs.Select(e => e.LearningRate), Of("learning rate").Values);
        Assert.Equal(summary.Epochs.Select(e => e.Validation.Average.Value), Of("mean score").Values);
        Assert.Equal(summary.Epochs.Select(e => ((BinaryMetrics)e.Validation["task0"]).Brier), Of("task0: brier").Values);
        Assert.Equal(((BinaryMetrics)summary.Train["task0"]).Brier, Of("task0: brier").TrainAtBest);
        Assert.Equal(((MulticlassMetrics)summary.Train["task1"]).MacroF1, Of("task1: macro_f1").TrainAtBest);
        Assert.DoesNotContain(panels, panel => panel.Title.Contains("flattened", StringComparison.Ordinal));
    }

    [Fact]
    public void What_is_not_defined_leaves_a_gap_and_an_empty_panel_says_so()
    {
        var summary = Summary(9, 1);
        var epochs = summary.Epochs
            .Select(e => e with
            {
                Loss = double.NaN,
                Validation = new(new EquatableArray<TaskResult>(
                [
                    new("task0", ((BinaryMetrics)e.Validation["task0"]) with { Auc = e.Epoch is 4 or 5 or 6 ? double.NaN : 0.5 + (e.Epoch / 100.0) }),
                ])),
            });
        var picture = new CurvesPicture(summary with { Epochs = new(epochs), BestEpoch = 2 });
        using var bitmap = Decoded(picture.Png(), picture.Width, picture.Height);
        var auc = picture.Panels.Index().Single(panel => panel.Item.Title == "task0: auc").Index;
        bool IsDrawn(double epoch) => Near(bitmap, picture.Point(auc, 0, 0.5 + (epoch / 100)) with { X = X(epoch) }, 3)
            .Any(c => IsLike(c, CurvesPicture.ColourOf(CurveKind.Validation)));
        int X(double epoch) => (int)(picture.Point(auc, 1, 0).X + ((epoch - 1) / 8 * (picture.Point(auc, 9, 0).X - picture.Point(auc, 1, 0).X)));
        Assert.Equal([true, true, false, false, true, true], new[] { 1, 2.5, 4.5, 5.5, 7.5, 9 }.Select(IsDrawn));

        var middle = picture.Point(0, 5, 0);
        Assert.True(HasText(bitmap, new(middle.X - 25, middle.Y - 8, middle.X + 25, middle.Y + 8)), "nothing says that the loss is undefined");
    }

    [Fact]
    public void More_tasks_than_can_be_drawn_are_cut()
    {
        var picture = new CurvesPicture(Summary(2, 70));
        Assert.Contains(picture.Panels, panel => panel.Title.StartsWith("task59:", StringComparison.Ordinal));
        Assert.DoesNotContain(picture.Panels, panel => panel.Title.StartsWith("task60:", StringComparison.Ordinal));
        Assert.InRange(picture.Height, 1, 12_000);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(12)]
    public void A_bar_is_as_high_as_the_observed_share_and_the_gap_reaches_to_the_mean_prediction(int tasks)
    {
        var report = Summary(1, tasks).Test;
        var picture = new ReliabilityPicture("test", ReliabilityPicture.PanelsOf(report));
        using var bitmap = Decoded(picture.Png(), picture.Width, picture.Height);
        Assert.Equal(report.Tasks.Count(task => task.Metrics is not RegressionMetrics), picture.Panels.Count);
        foreach (var (index, panel) in picture.Panels.Index())
        {
            foreach (var bin in panel.Reliability.Bins)
            {
                // Left of the middle, off the diagonal's line.
                SKColor At(double observed) => bitmap.GetPixel(
                    picture.Point(index, bin.Lower + ((bin.Upper - bin.Lower) * 0.5), 0).X, picture.Point(index, 0, observed).Y);
                var (low, high) = (Math.Min(bin.ObservedShare, bin.MeanPredicted), Math.Max(bin.ObservedShare, bin.MeanPredicted));
                if (bin.Count == 0)
                {
                    Assert.True(IsPale(At(0.04)), $"the empty interval from {bin.Lower} of '{panel.Task}' is drawn");
                    continue;
                }

                if (low > 0.08)
                {
                    Assert.True(bin.ObservedShare == 0 || IsBlue(At(low - 0.06)), $"no bar at {bin.Lower} of '{panel.Task}'");
                }

                if (high - low > 0.1)
                {
                    var inGap = Enumerable.Range(1, 9).Select(i => At(low + ((high - low) * i / 10))).ToArray();
                    Assert.True(inGap.Count(IsRed) >= 5, $"no gap at {bin.Lower} of '{panel.Task}'");
                }

                Assert.True(high > 0.9 || !IsBlue(At(high + 0.07)), $"the bar at {bin.Lower} of '{panel.Task}' is too high");
            }
        }
    }

    [Property]
    public Property Ticks_are_round_numbers_within_the_interval() => Prop.ForAll(
        ArbMap.Default.ArbFor<NormalFloat>(), ArbMap.Default.ArbFor<PositiveInt>(), Gen.Choose(2, 8).ToArbitrary(), (from, width, most) =>
        {
            var least = Math.Clamp(from.Get, -1e6, 1e6);
            var greatest = least + (Math.Max(Math.Abs(least), 1) * 0.002 * width.Get);
            var ticks = AxisTicks.Of(least, greatest, most);
            Assert.InRange(ticks.Count, 1, most + 1);
            Assert.All(ticks, tick => Assert.InRange(tick.Position, least - (1e-6 * (greatest - least)), greatest + (1e-6 * (greatest - least))));
            Assert.Equal(ticks.Count, ticks.Select(tick => tick.Text).Distinct().Count());
            Assert.All(ticks, tick => Assert.Equal(
                tick.Position, double.Parse(tick.Text, System.Globalization.CultureInfo.InvariantCulture), 0.02 * (greatest - least)));
        });

    [Fact]
    public void An_interval_that_a_long_step_would_miss_has_a_tick() =>
        Assert.Equal(["2", "4"], AxisTicks.Of(0.5, 4.52, 2).Select(tick => tick.Text));

    [Fact]
    public void Epochs_are_whole_numbers()
    {
        Assert.Equal(["1"], AxisTicks.Of(0.5, 1.5, 6, leastStep: 1).Select(tick => tick.Text));
        Assert.Equal(["1", "2", "3"], AxisTicks.Of(0.5, 3.5, 6, leastStep: 1).Select(tick => tick.Text));
        Assert.Equal(["20", "40", "60", "80", "100"], AxisTicks.Of(0.5, 100.5, 6, leastStep: 1).Select(tick => tick.Text));
    }

    [Fact]
    public void A_picture_that_cannot_be_written_is_a_fault_that_names_it()
    {
        using var bench = new Workbench();
        Directory.CreateDirectory(bench.Path("run", "curves.png", "in the way"));
        var drawn = RunPictures.Draw(new FinishedRun(new RunDirectory(bench.Path("run")), Summary(2, 1)));
        var fault = Assert.Single(drawn.Match(Succ: _ => [], Fail: faults => faults.ToArray()));
        Assert.Equal(FaultKind.Run, fault.Kind);
        Assert.Contains(bench.Path("run", "curves.png"), fault.ToString(), StringComparison.Ordinal);
        Assert.True(File.Exists(bench.Path("run", "reliability.png")), "one picture's fault kept the other from being drawn");
    }

    [Fact]
    [Trait("Native", "libtorch")]
    public void A_run_leaves_its_pictures_behind()
    {
        using var bench = new Workbench();
        bench.WriteAdult();
        var outcome = bench.Run("train", "adult", "--epochs", "2", "--out", "run");
        Assert.True(outcome.Code == 0, outcome.Error);
        Assert.Equal(["curves.png", "reliability.png"], Pictures(bench, "run"));

        outcome = bench.Run("train", "synthetic", "--epochs", "1", "--set", "train_rows=50", "--out", "drawn");
        Assert.True(outcome.Code == 0, outcome.Error);
        Assert.Equal(["curves.png"], Pictures(bench, "drawn"));
    }

    [Fact]
    public void An_epoch_that_an_earlier_version_wrote_may_lack_a_metric()
    {
        var summary = Summary(3, 1);
        using var json = JsonDocument.Parse(Regex.Replace(summary.Epochs[0].Validation.ToJson(), ",\"ece\":[^},]+", ""));
        var task = Adult.Descriptor.Tasks[0] with { Name = "task0" };
        var first = summary.Epochs[0] with
        {
            Validation = EvaluationReport.Read(json.RootElement, new EquatableArray<TaskDescriptor>([task]))
                .IfFail(faults => throw new InvalidOperationException(faults.ToString())),
        };
        var picture = new CurvesPicture(summary with { Epochs = new(summary.Epochs.Skip(1).Prepend(first)) });
        Assert.Equal([true, false, false], picture.Panels.Single(panel => panel.Title == "task0: ece").Values.Select(double.IsNaN));
        Assert.All(picture.Panels.Where(panel => panel.Title != "task0: ece"), panel => Assert.DoesNotContain(double.NaN, panel.Values));
        using var bitmap = Decoded(picture.Png(), picture.Width, picture.Height);
    }

    private static string[] Pictures(Workbench bench, string run) =>
    [
        .. Directory.GetFiles(bench.Path(run)).Select(path => Path.GetFileName(path)!)
            .Where(name => name.Contains(".png", StringComparison.Ordinal)).Order(StringComparer.Ordinal),
    ];

    /// <summary>A run whose tasks are binary, multi-class and regressions by turns, and get better with the epochs.</summary>
    private static RunSummary Summary(int epochs, int tasks)
    {
        var reports = Enumerable.Range(1, epochs)
            .Select(e => new EpochReport(e, 0.3 + (0.6 / e), 0.001 * (1 + (e % 10)), 0.5, 100, Report(e, tasks, 0.02)))
            .ToArray();
        var best = (epochs + 1) / 2;
        return new(
            TrainingConfig.DefaultsOf(Synthetic.Descriptor, DeviceNames.Cpu),
            "torch",
            1,
            new(reports),
            best,
            1000,
            1,
            Report(best, tasks, -0.2),
            reports[best - 1].Validation,
            Report(best, tasks, 0));
    }

    private static EvaluationReport Report(int epoch, int tasks, double worse) => new(new EquatableArray<TaskResult>(
        Enumerable.Range(0, tasks).Select(task => new TaskResult($"task{task}", Metrics(task, epoch, worse)))));

    private static TaskMetrics Metrics(int task, int epoch, double worse)
    {
        var error = (0.4 / Math.Sqrt(epoch)) + (0.01 * ((epoch * 7) % 5)) + worse + 0.2;
        return (task % 3) switch
        {
            0 => new BinaryMetrics(1 - error, 0.9, error, 1 - (error / 2), error / 3, Bins(task)),
            1 => new MulticlassMetrics(1 - error, 1 - (1.1 * error), 1 - error, error, error, Bins(task)),
            _ => new RegressionMetrics(1234 * error, 1000 * error, 1 - error),
        };
    }

    private static ReliabilityBins Bins(int task)
    {
        var rows = Enumerable.Range(0, 4000).ToArray();
        float[] probabilities = [.. rows.Select(i => MathF.Pow((i + 0.5f) / 4000, 1 + (task / 2f)) * (task % 2 == 0 ? 1 : 0.8f))];
        float[] weights = [.. rows.Select(_ => 1f)];
        float[] labels = [.. rows.Select(i => (i * 7919 % 1000) / 1000f < MathF.Pow(probabilities[i], 1.6f) ? 1f : 0f)];
        return ReliabilityBins.Of(new ClassProbability("yes", probabilities, 1, 0), labels, weights);
    }

    private static SKBitmap Decoded(byte[] png, int width, int height)
    {
        Assert.Equal([0x89, (byte)'P', (byte)'N', (byte)'G', 0x0d, 0x0a, 0x1a, 0x0a], png[..8]);
        var bitmap = SKBitmap.Decode(png);
        Assert.Equal((width, height), (bitmap.Width, bitmap.Height));
        return bitmap;
    }

    private static IEnumerable<SKColor> Near(SKBitmap bitmap, SKPointI point, int distance) =>
        from x in Enumerable.Range(point.X - distance, (2 * distance) + 1)
        from y in Enumerable.Range(point.Y - distance, (2 * distance) + 1)
        where x >= 0 && y >= 0 && x < bitmap.Width && y < bitmap.Height
        select bitmap.GetPixel(x, y);

    private static bool IsLike(SKColor seen, ScottPlot.Color meant) =>
        Math.Abs(seen.Red - meant.R) + Math.Abs(seen.Green - meant.G) + Math.Abs(seen.Blue - meant.B) < 150;

    private static bool IsBlue(SKColor c) => c.Blue > c.Red + 60;

    private static bool IsRed(SKColor c) => c.Red > c.Blue + 25;

    private static bool IsPale(SKColor c) => c.Red > 200 && c.Green > 200 && c.Blue > 200;

    private static bool HasText(SKBitmap bitmap, SKRectI place) => (
        from x in Enumerable.Range(place.Left, place.Width)
        from y in Enumerable.Range(place.Top, place.Height)
        where bitmap.GetPixel(x, y).Red < 150
        select 1).Any();
}
