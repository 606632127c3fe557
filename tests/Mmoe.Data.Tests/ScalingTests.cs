using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;

namespace Mmoe.Data.Tests;

public class ScalingTests
{
    [Property]
    public Property A_fitted_scaling_is_the_textbooks_mean_and_deviation() => Prop.ForAll(
        (from rows in Gen.Choose(2, 60)
         from seed in Gen.Choose(0, 1_000_000)
         select (rows, seed)).ToArbitrary(),
        sample =>
        {
            var random = new Random(sample.seed);
            var numerics = Enumerable.Range(0, sample.rows * 2)
                .Select(i => i > 1 && random.Next(5) == 0 ? float.NaN : (float)((random.NextDouble() * 1_000) - 300)).ToArray();
            var train = OfNumerics(numerics);
            var scaling = NumericScaling.Fit(train, Samples.Adult.Numerics).Good();
            Assert.Equal("fingerprint of adult-sample", scaling.Fingerprint);
            Assert.Equal(["age", "hours"], scaling.Scales.Select(s => s.Column));
            for (var column = 0; column < 2; column++)
            {
                // One pass and in decimals, unlike the implementation.
                var present = numerics.Where((n, i) => i % 2 == column && !float.IsNaN(n)).Select(n => (decimal)n).ToArray();
                var mean = present.Sum() / present.Length;
                var variance = (present.Sum(n => n * n) / present.Length) - (mean * mean);
                var scale = scaling.Scales[column];
                Assert.Equal((double)mean, scale.Mean, 1e-3);
                Assert.Equal(present.Length == 1 ? 1 : Math.Sqrt((double)variance), scale.Deviation, 1e-3);
                Assert.Equal(column == 0 ? scale.Mean : 0f, scale.Fill);
                Assert.Equal((scale.Fill - scale.Mean) / scale.Deviation, scale.Apply(float.NaN));
            }
        });

    [Fact]
    public void Scaled_columns_have_mean_0_and_deviation_1()
    {
        var values = Enumerable.Range(0, 1_000).Select(i => (float)(i * 7919 % 1_000)).ToArray();
        var train = OfBalances(values);
        var scale = TargetScaling.Fit(train).Good().Scales[0];
        var scaled = values.Select(v => (double)scale.Standardise(v)).ToArray();
        Assert.Equal(0, scaled.Average(), 1e-6);
        Assert.Equal(1, Math.Sqrt(scaled.Select(s => s * s).Average()), 1e-6);
        Assert.All(values, v => Assert.Equal(v, scale.Restore(scale.Standardise(v)), 1e-3f));
    }

    [Fact]
    public void A_constant_column_has_deviation_1_whatever_its_value()
    {
        foreach (var value in (float[])[0, 0.1f, 16_777_215, -3.3e30f])
        {
            var rows = 1_001;
            var numerics = Enumerable.Range(0, rows * 2).Select(i => i % 2 == 0 ? value : i % 3 == 0 ? float.NaN : value).ToArray();
            var train = OfNumerics(numerics);
            Assert.Equal(
                [new("age", value, 1, value), new("hours", value, 1, 0)],
                NumericScaling.Fit(train, Samples.Adult.Numerics).Good().Scales);
        }
    }

    [Fact]
    public void Large_numbers_with_a_small_spread_keep_it()
    {
        var scale = TargetScaling.Fit(OfBalances([16_777_210, 16_777_212, 16_777_214])).Good().Scales[0];
        Assert.Equal(new TargetScale("balance", 16_777_212, (float)Math.Sqrt(8.0 / 3)), scale);
    }

    [Fact]
    public void Only_the_features_asked_for_are_fitted_in_their_order()
    {
        var numerics = Samples.Adult.Numerics;
        var train = new TrainSplit(new(Samples.Adult, 1, new int[1], new[] { 1, float.NaN }, new float[1], new float[1]));
        Assert.Equal(["age"], NumericScaling.Fit(train, [numerics[0]]).Good().Scales.Select(s => s.Column));
        Assert.Empty(NumericScaling.Fit(train, []).Good().Scales);
        Assert.Equal(
            "column 'hours' of 'adult-sample' has no value in the train split; --exclude hours",
            NumericScaling.Fit(train, [numerics[1], numerics[0]]).OnlyFault());
    }

    [Fact]
    public void Every_column_without_a_value_is_a_fault()
    {
        var train = new TrainSplit(new(Samples.Adult, 1, new int[1], new[] { float.NaN, float.NaN }, new float[1], new float[1]));
        Assert.Equal(2, NumericScaling.Fit(train, Samples.Adult.Numerics).Bad().Length);
    }

    [Fact]
    public void Targets_of_other_tasks_than_regressions_stay_as_they_are()
    {
        var scaling = TargetScaling.Fit(OfBalances([1, float.NaN, 3])).Good();
        Assert.Equal([new("balance", 2, 1), new("subscribed", 0, 1)], scaling.Scales);
        Assert.Equal("fingerprint of bank-sample", scaling.Fingerprint);
        Assert.Equal(0.25f, scaling.Scales[1].Standardise(0.25f));
        Assert.True(float.IsNaN(scaling.Scales[0].Standardise(float.NaN)));
    }

    [Fact]
    public void A_regression_without_labels_is_a_fault() =>
        Assert.Equal(
            "task 'balance' of 'bank-sample' has no label in the train split", TargetScaling.Fit(OfBalances([float.NaN])).OnlyFault());

    private static TrainSplit OfBalances(float[] balances) => new(new(
        Samples.Bank,
        balances.Length,
        new int[balances.Length],
        new float[balances.Length],
        balances.SelectMany(b => (float[])[b, 0]).ToArray(),
        default));

    private static TrainSplit OfNumerics(float[] numerics)
    {
        var rows = numerics.Length / 2;
        return new(new(Samples.Adult, rows, new int[rows], numerics, new float[rows], new float[rows]));
    }
}
