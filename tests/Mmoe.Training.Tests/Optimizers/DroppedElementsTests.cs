namespace Mmoe.Training.Tests;

public class DroppedElementsTests
{
    private const int Count = 40_000;

    [Theory]
    [InlineData(0.2, 1.25f)]
    [InlineData(0.5, 2f)]
    [InlineData(0.75, 4f)]
    public void Some_are_dropped_and_the_others_are_raised_so_that_the_mean_stays(double rate, float kept)
    {
        var factors = Factors(seed: 1, step: 2, "experts.0.dropout.0", rate);

        Assert.All(factors, factor => Assert.True(factor == 0 || factor == kept, $"{factor}"));

        // Five standard deviations of a binomial share.
        Assert.Equal(rate, factors.Count(factor => factor == 0) / (double)Count, 5 * Math.Sqrt(rate * (1 - rate) / Count));
    }

    [Fact]
    public void The_same_seed_step_and_name_drop_the_same_and_any_other_something_else()
    {
        var factors = Factors(1, 2, "a.dropout.0");

        Assert.Equal(factors, Factors(1, 2, "a.dropout.0"));
        Assert.All(
            new[] { Factors(2, 2, "a.dropout.0"), Factors(1, 3, "a.dropout.0"), Factors(1, 2, "b.dropout.0") },
            other => Assert.Equal(0.5, factors.Zip(other, (one, two) => one == two).Count(isSame => isSame) / (double)Count, 0.02));
    }

    private static float[] Factors(int seed, long step, string name, double rate = 0.5)
    {
        var factors = new float[Count];
        DroppedElements.Fill(factors, seed, step, name, rate);
        return factors;
    }
}
