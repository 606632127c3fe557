using System.Diagnostics;

namespace Mmoe.Data.Tests;

public class SyntheticBenchmarkTests
{
    private static readonly SyntheticSource Paper = new(100, 0.8, 0.3, 5, 0.01, 4_000, 500, 500, 5);

    [Theory]
    [InlineData(0.8)]
    [InlineData(0)]
    [InlineData(-0.5)]
    [InlineData(1)]
    [InlineData(-1)]
    public void Weight_vectors_have_the_length_and_cosine_asked_for(double correlation)
    {
        var tasks = SyntheticTasks.Draw(Paper with { Correlation = correlation });
        Assert.Equal(0.09, Dot(tasks.Weights[0], tasks.Weights[0]), 1e-12);
        Assert.Equal(0.09, Dot(tasks.Weights[1], tasks.Weights[1]), 1e-12);
        Assert.Equal(correlation, Dot(tasks.Weights[0], tasks.Weights[1]) / 0.09, 1e-12);
        Assert.Equal((5, 5), (tasks.Alpha.Length, tasks.Beta.Length));
    }

    [Fact]
    public void Targets_are_the_papers_formula_plus_noise_of_the_stated_variance()
    {
        var table = Draw(Paper, SplitName.Train);
        var tasks = SyntheticTasks.Draw(Paper);
        var x = table.Numerics.ToArray();
        var residuals = new double[4_000, 2];
        for (var row = 0; row < 4_000; row++)
        {
            for (var task = 0; task < 2; task++)
            {
                var wx = Enumerable.Range(0, 100).Sum(i => tasks.Weights[task][i] * x[(row * 100) + i]);
                var expected = wx + Enumerable.Range(0, 5).Sum(i => Math.Sin((tasks.Alpha[i] * wx) + tasks.Beta[i]));
                residuals[row, task] = table.Labels.Span[(row * 2) + task] - expected;
            }
        }

        for (var task = 0; task < 2; task++)
        {
            var one = Enumerable.Range(0, 4_000).Select(r => residuals[r, task]).ToArray();
            Assert.Equal(0, one.Average(), 0.006);
            Assert.Equal(0.01, one.Select(e => e * e).Average(), 0.001);
        }

        Assert.Equal(0, Enumerable.Range(0, 4_000).Select(r => residuals[r, 0] * residuals[r, 1]).Average(), 0.0006);
    }

    [Fact]
    public void Without_noise_targets_are_the_formula_to_single_precision()
    {
        var source = Paper with { NoiseVariance = 0, Terms = 0 };
        var table = Draw(source, SplitName.Test);
        var tasks = SyntheticTasks.Draw(source);
        for (var row = 0; row < table.Rows; row++)
        {
            var wx = Enumerable.Range(0, 100).Sum(i => tasks.Weights[1][i] * table.Numerics.Span[(row * 100) + i]);
            Assert.Equal((float)wx, table.Labels.Span[(row * 2) + 1], 1e-6f);
        }
    }

    [Fact]
    public void Inputs_are_standard_normal()
    {
        var x = Draw(Paper, SplitName.Train).Numerics.ToArray();
        Assert.Equal(0, x.Average(v => (double)v), 0.01);
        Assert.Equal(1, x.Average(v => (double)v * v), 0.02);
    }

    [Fact]
    public void The_same_seed_gives_the_same_bits_and_another_seed_others()
    {
        Tables.AssertSame(Draw(Paper, SplitName.Test), Draw(Paper, SplitName.Test));
        Assert.NotEqual(Draw(Paper, SplitName.Test).Numerics.ToArray(), Draw(Paper with { Seed = 6 }, SplitName.Test).Numerics.ToArray());
    }

    [Fact]
    public void Splits_are_drawn_apart_from_each_other()
    {
        var fewer = Paper with { TrainRows = 10, ValidationRows = 20 };
        Tables.AssertSame(Draw(Paper, SplitName.Test), Draw(fewer, SplitName.Test));
        Assert.Equal(Draw(fewer, SplitName.Train).Numerics.ToArray(), Draw(Paper, SplitName.Train).Numerics[..1_000].ToArray());
        Assert.Equal(Draw(fewer, SplitName.Train).Labels.ToArray(), Draw(Paper, SplitName.Train).Labels[..20].ToArray());
        Assert.NotEqual(Draw(Paper, SplitName.Validation).Numerics.ToArray(), Draw(Paper, SplitName.Test).Numerics.ToArray());
    }

    [Fact]
    public void The_loader_draws_all_splits_without_a_directory()
    {
        var splits = SplitLoader.Load(Samples.Synthetic(Paper), new("nowhere")).Good();
        Assert.Equal((4_000, 500, 500), (splits.Train.Table.Rows, splits.Validation.Table.Rows, splits.Test.Table.Rows));
        Tables.AssertSame(Draw(Paper, SplitName.Validation), splits.Validation.Table);
    }

    [Fact]
    public void Parameters_that_make_no_sense_are_all_reported_once()
    {
        var source = Paper with { Correlation = 1.5, Terms = -1, NoiseVariance = double.NaN, TestRows = 0, Scale = double.NaN };
        var faults = SplitLoader.Load(Samples.Synthetic(source), new("nowhere")).Bad().Select(f => f.ToString()).ToArray();
        Assert.Equal(
            [
                "correlation is 1.5; it lies in [-1, 1]",
                "scale is not a finite number",
                "terms is -1; it cannot be negative",
                "noise_variance is NaN; a variance is finite and not negative",
                "the test split has no rows: test_rows is 0",
            ],
            faults);
    }

    [Fact]
    public void The_columns_must_be_those_of_the_benchmark()
    {
        var descriptor = Samples.Synthetic(Paper) with { Source = Paper with { Dimension = 99 } };
        Assert.StartsWith("'synthetic-sample' must have 99 numeric features", SplitLoader.Load(descriptor, new("nowhere")).OnlyFault());
        var tooFew = Samples.Synthetic(Paper with { Dimension = 1 });
        Assert.Contains("two orthogonal vectors need at least 2", SplitLoader.Load(tooFew, new("nowhere")).OnlyFault());
    }

    [Fact]
    public void Cancellation_ends_drawing_within_a_split()
    {
        // Half a minute of sines, were nobody to stop it.
        var source = Paper with { Terms = 10_000, TrainRows = 20_000 };
        using var soon = new CancellationTokenSource(TimeSpan.FromMilliseconds(50));
        var watch = Stopwatch.StartNew();
        Assert.Throws<OperationCanceledException>(() => SplitLoader.Load(Samples.Synthetic(source), new("nowhere"), cancellation: soon.Token));
        Assert.InRange(watch.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(10));
    }

    private static EncodedTable Draw(SyntheticSource source, SplitName split) =>
        SyntheticBenchmark.Generate(Samples.Synthetic(source), source, split).Good();

    private static double Dot(double[] left, double[] right) => left.Zip(right, (a, b) => a * b).Sum();
}
