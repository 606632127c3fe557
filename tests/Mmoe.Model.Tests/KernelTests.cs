using Mmoe.Data;

namespace Mmoe.Model.Tests;

/// <summary>
/// Kernels at every length, so that lanes of each width and what is left over are met, beside plain loops in double precision.
/// </summary>
public class KernelTests
{
    /// <summary>Up to more than four of the widest lanes.</summary>
    public static TheoryData<int> Lengths => [.. Enumerable.Range(1, 70)];

    [Theory]
    [MemberData(nameof(Lengths))]
    public void The_first_layer_is_biases_gathered_rows_and_rows_times_numbers(int width)
    {
        // An even and an odd number of rows to gather.
        foreach (var count in (int[])[0, 1, 4, 7])
        {
            var (rows, numbers, line) = (Random(12 * width, 1), Random(2, 2), Random(width, 3));
            int[] indices = [.. Enumerable.Range(0, count).Select(i => i * 5 % 9)];
            Sums.Gathered(rows, indices, numbers, line);

            AssertClose(
                Range(width, c => rows[(11 * width) + c] + indices.Sum(i => (double)rows[(i * width) + c])
                    + ((double)numbers[0] * rows[(9 * width) + c]) + ((double)numbers[1] * rows[(10 * width) + c])),
                line);
        }
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(3)]
    [InlineData(int.MaxValue)]
    [InlineData(int.MinValue)]
    public void A_row_that_is_not_there_is_not_gathered(int index) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => Sums.Gathered(new float[4 * 16], [0, index], [], new float[16]));

    [Theory]
    [MemberData(nameof(Lengths))]
    public void A_dense_layer_is_a_product_and_biases(int width)
    {
        foreach (var inputs in (int[])[1, 2, 33])
        {
            var (x, weights, bias, y) = (Random(inputs, 1), Random(inputs * width, 2), Random(width, 3), Random(width, 4));
            double Of(int c) => x.Select((value, i) => (double)value * weights[(i * width) + c]).Sum();
            Sums.Dense(x, weights, bias, y);
            AssertClose(Range(width, c => Of(c) + bias[c]), y);
            Sums.Dense(x, weights, [], y);
            AssertClose(Range(width, Of), y);
        }
    }

    [Theory]
    [MemberData(nameof(Lengths))]
    public void A_product_of_two_rows_is_a_dense_layer_of_one_unit(int inputs)
    {
        var (x, weights, y) = (Random(inputs, 1), Random(inputs, 2), new float[1]);
        Sums.Dense(x, weights, [0.5f], y);
        AssertClose([0.5 + x.Zip(weights, (left, right) => (double)left * right).Sum()], y);
    }

    [Theory]
    [MemberData(nameof(Lengths))]
    public void A_mixture_is_a_sum_of_regions_with_weights_and_touches_nothing_else(int width)
    {
        var (memory, weights) = (Random(4 * width, 1), Random(2, 2));
        var before = memory.ToArray();
        Sums.Mixed(weights, [new(2 * width, width), new(0, width)], memory, new(width, width));

        AssertClose(
            Range(width, c => ((double)weights[0] * before[(2 * width) + c]) + ((double)weights[1] * before[c])),
            memory[width..(2 * width)]);
        Assert.Equal(before[..width].Concat(before[(2 * width)..]), memory[..width].Concat(memory[(2 * width)..]));
    }

    [Theory]
    [MemberData(nameof(Lengths))]
    public void Functions_of_rows_are_those_of_their_elements(int length)
    {
        var x = Random(length, 1);
        float[] Of(Action<float[]> change)
        {
            var copy = x.ToArray();
            change(copy);
            return copy;
        }

        AssertClose(x.Select(v => Math.Max((double)v, 0)), Of(v => Elementwise.Apply(Activation.ReLU, v)));
        AssertClose(x.Select(v => v / (1 + Math.Exp(-v))), Of(v => Elementwise.Apply(Activation.SiLU, v)));
        AssertClose(NaiveModel.Softmax([.. x.Select(v => (double)v)]), Of(v => Elementwise.Softmax(v, v)));
        AssertClose(x.Select(v => v + (double)v), Of(v => Elementwise.Add(v, x)));
    }

    [Fact]
    public void What_is_computed_of_a_number_does_not_depend_on_how_many_are_computed_at_once()
    {
        float[] x =
        [
            float.NegativeInfinity, -1000, -104, -103.9f, -90, -87.4f, -1, -0.1f, -0f, 0, 1e-30f, 0.3f, 1, 2.5f, 88, 88.8f,
            100, float.PositiveInfinity, float.NaN,
        ];
        foreach (var value in x)
        {
            Assert.Equal(Exp<Lane32>(value), Exp<Lane128>(value));
            Assert.Equal(Exp<Lane32>(value), Exp<Lane256>(value));
            Assert.Equal(Exp<Lane32>(value), Exp<Lane512>(value));
            Assert.Equal(Exp<Lane32>(value), Exp<Triple<Lane128>>(value));

            var (exact, found) = (Math.Exp(value), Exp<Lane32>(value));
            Assert.Equal(double.IsNaN(exact), float.IsNaN(found));
            Assert.Equal(exact > float.MaxValue, float.IsPositiveInfinity(found));
            Assert.True(!(exact < float.MaxValue) || Math.Abs(found - exact) <= (2e-7 * exact) + float.Epsilon, $"exp {value} is {found}");

            Assert.Equal(value < 0 ? 0 : value, Positive<Lane32>(value));
            Assert.Equal(Positive<Lane32>(value), Positive<Lane512>(value));
        }

        static float Exp<TLane>(float value)
            where TLane : struct, ILane<TLane> => Least<TLane>(TLane.Exp(TLane.Of(value)));

        static float Positive<TLane>(float value)
            where TLane : struct, ILane<TLane> => Least<TLane>(TLane.Positive(TLane.Of(value)));

        static float Least<TLane>(TLane lane)
            where TLane : struct, ILane<TLane>
        {
            var all = new float[TLane.Count];
            lane.Store(all, 0);
            Assert.Single(all.Distinct());
            return all[0];
        }
    }

    [Fact]
    public void Every_width_adds_up_and_finds_the_greatest()
    {
        Of<Lane32>();
        Of<Lane128>();
        Of<Lane256>();
        Of<Lane512>();
        Of<Triple<Lane256>>();

        static void Of<TLane>()
            where TLane : struct, ILane<TLane>
        {
            for (var at = 0; at < TLane.Count; at++)
            {
                // The greatest at each place.
                float[] x = [.. Enumerable.Range(0, TLane.Count).Select(i => i == at ? 500f : -i)];
                Assert.Equal(500, TLane.Load(x, 0).Greatest());
                Assert.Equal(x.Sum(), TLane.Load(x, 0).Sum());
            }
        }
    }

    private static IEnumerable<double> Range(int count, Func<int, double> of) => Enumerable.Range(0, count).Select(of);

    private static void AssertClose(IEnumerable<double> expected, float[] actual) =>
        Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.Item1, pair.Item2, 1e-5 * (1 + Math.Abs(pair.Item1))));

    private static float[] Random(int count, int seed)
    {
        var random = DeterministicRandom.FromSeed((ulong)seed, "kernels");
        return [.. Enumerable.Range(0, count).Select(_ => (float)random.NextNormal())];
    }
}
