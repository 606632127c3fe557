using System.Runtime.Intrinsics;
using Mmoe.Training.Fused;

namespace Mmoe.Training.Tests.Fused;

/// <summary>Functions of sixteen numbers against those of double precision, over all that float32 can hold.</summary>
public sealed class VectorMathTests
{
    /// <summary>The distance of two neighbours among the numbers from 1 to 2, by which errors are counted.</summary>
    private const double Unit = 1.1920929e-7;

    [Fact]
    public void Exp_is_within_three_units_and_stays_at_its_ends()
    {
        AssertRelative(VectorMath.Exp, Math.Exp, Between(-64, 88), 3 * Unit);
        AssertRelative(VectorMath.Exp, _ => Math.Exp(-64), Between(-200, -64).Append(float.MinValue).Append(float.NegativeInfinity), 3 * Unit);
        AssertRelative(VectorMath.Exp, _ => Math.Exp(88), Between(88, 200).Append(float.MaxValue).Append(float.PositiveInfinity), 3 * Unit);
        AssertNoNumberStaysNone(VectorMath.Exp);
    }

    [Fact]
    public void Log1P_of_the_numbers_from_0_to_1_is_within_three_units()
    {
        AssertRelative(VectorMath.Log1P, x => x < 1e-5 ? x - (x * x / 2) : Math.Log(1 + x), Between(0, 1).Concat(Small(0)), 3 * Unit);
        AssertNoNumberStaysNone(VectorMath.Log1P);
    }

    [Fact]
    public void Tanh_is_within_four_units_on_both_sides()
    {
        AssertRelative(
            VectorMath.Tanh, Math.Tanh, Between(-1, 1).Concat(Between(-50, 50)).Concat(Small(-1)).Append(-3e38f).Append(3e38f), 4 * Unit);
        Assert.Equal([0f, 1f, -1f], Of(VectorMath.Tanh, 0f, float.PositiveInfinity, float.NegativeInfinity));
        AssertNoNumberStaysNone(VectorMath.Tanh);
    }

    [Fact]
    public void Sigmoid_is_within_four_units_on_both_sides_as_far_as_exp_goes()
    {
        AssertRelative(VectorMath.Sigmoid, x => 1 / (1 + Math.Exp(-x)), Between(-64, 200).Concat(Small(-1)), 4 * Unit);
        AssertRelative(VectorMath.Sigmoid, _ => Math.Exp(-64), Between(-1000, -64).Append(float.MinValue), 4 * Unit);
        AssertNoNumberStaysNone(VectorMath.Sigmoid);
    }

    [Fact]
    public void The_normal_distribution_and_its_density_are_within_their_error_on_both_sides()
    {
        // The square of x is rounded, and its exponential makes that an error in proportion to the square.
        static double Density(double x) => Math.Exp(-x * x / 2) / Math.Sqrt(2 * Math.PI);
        AssertRelative(VectorMath.NormalDistribution, Distribution, Between(-3, 10).Concat(Small(-1)), 1.5e-6);
        AssertRelative(VectorMath.NormalDistribution, Distribution, Between(-10, -3), 1e-5);
        AssertRelative(VectorMath.NormalDensity, Density, Between(-3, 3).Concat(Small(-1)), 1e-6);
        AssertRelative(VectorMath.NormalDensity, Density, Between(-11, 11), 6e-6);
        Assert.Equal(1, Of(VectorMath.NormalDistribution, float.MaxValue)[0]);
        Assert.InRange(Of(VectorMath.NormalDistribution, float.MinValue)[0], 0, 1e-25f);
        Assert.InRange(Of(VectorMath.NormalDensity, float.MaxValue)[0], 0, 1e-25f);
        AssertNoNumberStaysNone(VectorMath.NormalDistribution);
        AssertNoNumberStaysNone(VectorMath.NormalDensity);
    }

    // By the series of erf near 0 and the continued fraction of erfc far out (Abramowitz and Stegun 7.1.5 and 7.1.14).
    private static double Distribution(double x)
    {
        var z = Math.Abs(x) / Math.Sqrt(2);
        double upper;
        if (z < 2.5)
        {
            var (term, sum) = (z, z);
            for (var n = 1; n < 100; n++)
            {
                term *= -z * z / n;
                sum += term / ((2 * n) + 1);
            }

            upper = 0.5 - (sum / Math.Sqrt(Math.PI));
        }
        else
        {
            var fraction = z;
            for (var n = 200; n > 0; n--)
            {
                fraction = z + (n / 2.0 / fraction);
            }

            upper = Math.Exp(-z * z) / Math.Sqrt(Math.PI) / fraction / 2;
        }

        return x < 0 ? upper : 1 - upper;
    }

    private static IEnumerable<float> Between(float from, float to) => Enumerable.Range(0, 40_001).Select(i => from + ((to - from) * i / 40_000));

    // Powers of 10 down to the least normal number.
    private static IEnumerable<float> Small(int sign) =>
        Enumerable.Range(0, 38).SelectMany(power => (float[])[MathF.Pow(10, -power), sign * MathF.Pow(10, -power)]).Where(x => Math.Abs(x) > 1.2e-38);

    private static float[] Of(Func<Vector512<float>, Vector512<float>> function, params ReadOnlySpan<float> x)
    {
        var results = new float[x.Length];
        Span<float> lanes = stackalloc float[16];
        for (var first = 0; first < x.Length; first += 16)
        {
            var count = Math.Min(16, x.Length - first);
            lanes.Clear();
            x.Slice(first, count).CopyTo(lanes);
            function(Vector512.Create<float>(lanes)).CopyTo(lanes);
            lanes[..count].CopyTo(results.AsSpan(first));
        }

        return results;
    }

    private static void AssertRelative(
        Func<Vector512<float>, Vector512<float>> function, Func<double, double> reference, IEnumerable<float> at, double tolerance)
    {
        float[] x = [.. at];
        var (worst, where) = (0.0, 0f);
        foreach (var (own, result) in x.Zip(Of(function, x)))
        {
            var expected = reference(own);
            var error = Math.Abs(result - expected) / Math.Max(Math.Abs(expected), float.Epsilon);
            (worst, where) = error > worst || double.IsNaN(error) ? (error, own) : (worst, where);
        }

        Assert.True(worst <= tolerance, $"an error of {worst / Unit} units at {where}");
    }

    private static void AssertNoNumberStaysNone(Func<Vector512<float>, Vector512<float>> function)
    {
        var results = Of(function, 1f, float.NaN, 1f);
        Assert.Equal([false, true, false], results.Select(float.IsNaN));
    }
}
