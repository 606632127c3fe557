using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;

namespace Mmoe.Data.Tests;

/// <summary>What is fitted on the train split, and what it makes of numbers, against definitions in decimals or double precision.</summary>
public sealed class NumericEncoderTests
{
    private static readonly NumericFeature Age = Samples.Adult.Numerics[0]; // missing: the mean
    private static readonly NumericFeature Hours = Samples.Adult.Numerics[1]; // missing: 0

    /// <summary>Some present values, whole numbers with ties or fractions, and missing ones among them.</summary>
    private static Arbitrary<float[]> Columns => (
        from count in Gen.Choose(1, 80)
        from range in Gen.Elements(1, 3, 1_000_000)
        from values in Gen.Choose(-range, range).ArrayOf(count)
        from missing in Gen.Choose(0, 4).ArrayOf(count)
        from scale in Gen.Elements(1f, 0.37f)
        select values.Select((v, i) => i > 0 && missing[i] == 0 ? float.NaN : v * scale).ToArray()).ToArbitrary();

    /// <summary>Numbers of intervals or components.</summary>
    private static Arbitrary<int> Counts => Gen.Choose(2, 12).ToArbitrary();

    [Property]
    public Property Standardised_is_the_textbooks_mean_and_deviation() => Prop.ForAll(Columns, values =>
    {
        // One pass and in decimals, unlike the implementation.
        var present = Present(values).Select(Exactly).ToArray();
        var mean = present.Sum() / present.Length;
        var variance = (present.Sum(n => n * n) / present.Length) - (mean * mean);
        foreach (var column in Both(values))
        {
            var encoder = column.Standardise(NumericTransform.Identity);
            Assert.Equal((double)mean, encoder.Mean, Tolerance(present.Max(Math.Abs)));
            var deviation = present.Distinct().Count() == 1 ? 1 : Math.Sqrt((double)variance);
            Assert.Equal(deviation, encoder.Deviation, Tolerance(present.Max(Math.Abs)));
            Assert.Equal(column.Feature == Age ? encoder.Mean : 0f, encoder.Fill);
            Assert.All(Present(values), x => Assert.Equal(((double)x - encoder.Mean) / encoder.Deviation, Encoded(encoder, x)[0], 1e-5));
        }
    });

    [Property]
    public Property Log1p_standardises_the_signed_logarithm() => Prop.ForAll(Columns, values =>
    {
        static double Log(float x) => Math.Sign(x) * Math.Log(1 + Math.Abs((double)x));
        var logs = Present(values).Select(Log).ToArray();
        var deviation = Math.Sqrt(logs.Select(x => (x - logs.Average()) * (x - logs.Average())).Average());
        var encoder = Of(Age, values).Standardise(NumericTransform.Log1p);
        Assert.Equal(logs.Average(), encoder.Mean, 1e-5);
        Assert.Equal(deviation < 1e-6 ? 1 : deviation, encoder.Deviation, 1e-5);
        Assert.Equal(Present(values).Average(v => (double)v), encoder.Fill, Tolerance(1_000_000)); // in the column's units
        Assert.All(Present(values), x => Assert.Equal((Log(x) - encoder.Mean) / encoder.Deviation, Encoded(encoder, x)[0], 1e-4));
    });

    [Theory]
    [InlineData(0f)]
    [InlineData(1e-30f)]
    [InlineData(1e-6f)]
    [InlineData(0.41f)]
    [InlineData(0.42f)]
    [InlineData(1f)]
    [InlineData(99_999f)]
    [InlineData(3.4e38f)]
    public void The_logarithm_is_exact_near_0_and_odd(float x)
    {
        // Kahan's quotient, which needs no series.
        var u = 1 + (double)x;
        var expected = u == 1 ? x : Math.Log(u) * x / (u - 1);
        var encoder = new StandardEncoder(NumericTransform.Log1p, 0, 1, 0);
        Assert.Equal(expected, Encoded(encoder, x)[0], expected * 1e-7);
        Assert.Equal(-Encoded(encoder, x)[0], Encoded(encoder, -x)[0]);
    }

    [Property]
    public Property Min_max_goes_from_0_to_1_over_the_train_split_and_no_further() => Prop.ForAll(Columns, values =>
    {
        var (encoder, present) = (Of(Age, values).MinMax(), Present(values));
        Assert.Equal((present.Min(), present.Max()), (encoder.Min, encoder.Max));
        var range = (double)present.Max() - present.Min();
        Assert.All(present, x => Assert.Equal(range > 0 ? ((double)x - present.Min()) / range : 0, Encoded(encoder, x)[0], 1e-6));
        Assert.Equal([0f], Encoded(encoder, present.Min()));
        Assert.Equal([range > 0 ? 1f : 0f], Encoded(encoder, present.Max()));
        Assert.Equal([0f], Encoded(encoder, float.MinValue));
        Assert.Equal([range > 0 ? 1f : 0f], Encoded(encoder, float.MaxValue));
    });

    [Fact]
    public void Min_max_spans_what_single_precision_cannot() =>
        Assert.Equal([0.5f], Encoded(new MinMaxEncoder(float.MinValue, float.MaxValue, 0), 0));

    [Property]
    public Property Piecewise_linear_is_equation_1_between_distinct_quantiles() => Prop.ForAll(Columns, Counts, (values, n) =>
    {
        var encoder = Of(Age, values).PiecewiseLinear(n);
        double[] quantiles = [.. Enumerable.Range(0, n + 1).Select(k => Quantile(Present(values), k, n)).Distinct()];
        Assert.Equal(quantiles.Length, encoder.Edges.Count);
        Assert.Equal(encoder.Edges.Count - 1, encoder.Width);
        AssertClose(quantiles, encoder.Edges);
        float[] beyond = [float.MinValue / 4, -2_000_000, 0.5f, 2_000_000];
        Assert.All(Present(values).Concat(beyond), x =>
        {
            var (b, components, encoded) = (encoder.Edges, encoder.Width, Encoded(encoder, x));
            for (var t = 1; t <= components; t++)
            {
                // Equation 1, as it stands in the paper.
                var expected = x < b[t - 1] && t > 1 ? 0
                    : x >= b[t] && t < components ? 1
                    : ((double)x - b[t - 1]) / ((double)b[t] - b[t - 1]);
                Assert.Equal((float)expected, encoded[t - 1]);
            }
        });
    });

    [Property]
    public Property Piecewise_linear_components_of_the_train_split_fill_up_one_after_another() => Prop.ForAll(
        Columns, Counts, (values, n) =>
        {
            var encoder = Of(Age, values).PiecewiseLinear(n);
            var before = new float[encoder.Width];
            foreach (var x in Present(values).Order())
            {
                var encoded = Encoded(encoder, x);
                Assert.All(encoded, e => Assert.InRange(e, 0, 1));
                Assert.All(encoded.Zip(before, (now, then) => (now, then)), pair => Assert.True(pair.now >= pair.then));
                var last = Array.FindLastIndex(encoded, e => e > 0);
                Assert.All(encoded.Take(Math.Max(last, 0)), e => Assert.Equal(1, e));
                before = encoded;
            }

            Assert.All(before, e => Assert.Equal(1, e)); // the greatest value has come through all
        });

    [Property]
    public Property Cuts_are_the_distinct_quantiles_above_the_least_value() => Prop.ForAll(Columns, Counts, (values, n) =>
    {
        var present = Present(values);
        AssertClose(
            [.. Enumerable.Range(1, n - 1).Select(k => Quantile(present, k, n)).Distinct().Where(q => q > present.Min())],
            Of(Age, values).Cuts(n));
    });

    [Property]
    public Property Without_ties_each_interval_holds_its_share_of_the_train_split(PositiveInt seed)
    {
        var (n, rows) = (2 + (seed.Get % 20), 100 + (seed.Get % 300));
        float[] values = [.. Enumerable.Range(0, rows).Select(i => (i * i * 0.25f) - 50)];
        new System.Random(seed.Get).Shuffle(values);
        var cuts = Of(Age, values).Cuts(n).ToArray();
        var counts = values.CountBy(v => cuts.Count(cut => cut <= v)).ToDictionary();
        return (counts.Count == n && counts.Values.All(count => Math.Abs(count - ((double)rows / n)) <= 1.5)).ToProperty();
    }

    [Property]
    public Property The_order_of_rows_does_not_change_a_fit() => Prop.ForAll(Columns, Counts, (values, seed) =>
    {
        var shuffled = values.ToArray();
        new System.Random(seed).Shuffle(shuffled);
        var (one, other) = (Of(Hours, values), Of(Hours, shuffled));
        Assert.Equal(one.MinMax(), other.MinMax());
        Assert.Equal(one.PiecewiseLinear(7), other.PiecewiseLinear(7));
        Assert.Equal(one.Cuts(7), other.Cuts(7));
        foreach (var transform in Enum.GetValues<NumericTransform>())
        {
            // A sum may be rounded otherwise in another order.
            var (first, second) = (one.Standardise(transform), other.Standardise(transform));
            Assert.Equal(first.Mean, second.Mean, 1e-6f * Math.Max(1, values.Where(float.IsFinite).Max(MathF.Abs)));
            Assert.Equal(first.Deviation, second.Deviation, 1e-6f * first.Deviation);
        }
    });

    [Fact]
    public void A_missing_number_is_encoded_as_what_the_policy_puts_in_its_place()
    {
        float[] values = [1, 2, 9, float.NaN];
        foreach (var (column, fill) in new[] { (Of(Age, values), 4f), (Of(Hours, values), 0f) })
        {
            Assert.Equal(fill, column.Fill);
            NumericEncoder[] encoders =
            [
                column.Standardise(NumericTransform.Identity), column.Standardise(NumericTransform.Log1p), column.MinMax(),
                column.PiecewiseLinear(3),
            ];
            Assert.All(encoders, encoder => Assert.Equal(Encoded(encoder, fill), Encoded(encoder, float.NaN)));
        }

        Assert.Equal([1f], Encoded(new MissingEncoder(), float.NaN));
        Assert.Equal([0f], Encoded(new MissingEncoder(), 0));
    }

    [Fact]
    public void A_column_that_is_constant_in_the_train_split()
    {
        foreach (var value in (float[])[0, 0.1f, 16_777_215, -3.3e30f])
        {
            float[] values = [.. Enumerable.Range(0, 1_001).Select(i => i % 3 == 1 ? float.NaN : value)];
            var column = Of(Age, values);
            Assert.Equal(new(NumericTransform.Identity, value, 1, value), column.Standardise(NumericTransform.Identity));
            Assert.Equal(1, column.Standardise(NumericTransform.Log1p).Deviation);
            Assert.Equal([0f], Encoded(column.MinMax(), value));
            Assert.Equal(new(new([value]), value), column.PiecewiseLinear(8));
            Assert.Empty(Encoded(column.PiecewiseLinear(8), value));
            Assert.Empty(column.Cuts(8));
        }
    }

    [Fact]
    public void A_value_that_takes_most_of_the_split_takes_many_quantiles()
    {
        // 0 in nine of ten rows, then 1 to 10: the quantiles 0 to 8 of ten are 0, and the next lies a tenth of the way to 1.
        float[] values = [float.NaN, .. Enumerable.Repeat(0f, 90), .. Enumerable.Range(1, 10).Select(i => (float)i)];
        Assert.Equal([0.1f], Of(Age, values).Cuts(10));
        Assert.Equal([0f, 0.1f, 10f], Of(Age, values).PiecewiseLinear(10).Edges);
    }

    [Fact]
    public void A_column_without_a_value_cannot_be_fitted() => Assert.Equal(
        "column 'hours' of 'adult-sample' has no value in the train split; --exclude hours",
        TrainColumn.Of(Split(Hours, [float.NaN, float.NaN]), Hours).OnlyFault());

    private static IEnumerable<TrainColumn> Both(float[] values) => [Of(Age, values), Of(Hours, values)];

    private static TrainColumn Of(NumericFeature feature, float[] values) => TrainColumn.Of(Split(feature, values), feature).Good();

    // The other column holds what would show if it were taken.
    private static TrainSplit Split(NumericFeature feature, float[] values) => new(new(
        Samples.Adult,
        values.Length,
        new int[values.Length],
        values.SelectMany((v, i) => feature == Age ? [v, -1e9f * i] : new[] { -1e9f * i, v }).ToArray(),
        new float[values.Length],
        new float[values.Length]));

    private static float[] Encoded(NumericEncoder encoder, float value)
    {
        var into = Enumerable.Repeat(float.NaN, encoder.Width).ToArray();
        encoder.Encode(value, into);
        return into;
    }

    private static float[] Present(float[] values) => [.. values.Where(v => !float.IsNaN(v))];

    // The values on both sides of place (count - 1) · k / n, each weighted by how near the place is; in decimals, exact up to the division.
    private static double Quantile(float[] present, int k, int n)
    {
        var sorted = present.Order().Select(Exactly).ToArray();
        var (at, rest) = ((sorted.Length - 1) * k / n, (sorted.Length - 1) * k % n);
        return (double)(((sorted[at] * (n - rest)) + (sorted[Math.Min(at + 1, sorted.Length - 1)] * rest)) / n);
    }

    // Within one unit of the last place: the number exactly between two singles may be rounded to either.
    private static void AssertClose(double[] expected, IReadOnlyList<float> actual)
    {
        Assert.Equal(expected.Length, actual.Count);
        Assert.All(expected.Select((e, i) => (e, actual[i])), pair =>
            Assert.InRange(pair.e, MathF.BitDecrement(pair.Item2), MathF.BitIncrement(pair.Item2)));
    }

    // The conversion that there is rounds to fifteen digits.
    private static decimal Exactly(float value) => (long)(value * (double)(1L << 32)) / (decimal)(1L << 32);

    private static double Tolerance(decimal greatest) => 1e-6 * Math.Max(1, (double)greatest);
}
