namespace Mmoe.Data.Tests;

public class ScalingTests
{
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
    public void Large_numbers_with_a_small_spread_keep_it()
    {
        var scale = TargetScaling.Fit(OfBalances([16_777_210, 16_777_212, 16_777_214])).Good().Scales[0];
        Assert.Equal(new TargetScale("balance", 16_777_212, (float)Math.Sqrt(8.0 / 3)), scale);
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
}
