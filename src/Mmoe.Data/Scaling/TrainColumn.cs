using LanguageExt;
using static LanguageExt.Prelude;

namespace Mmoe.Data;

/// <summary>
/// A numeric feature's values in the train split, from which encodings are fitted: there is no way to make one of other rows.
/// </summary>
public sealed class TrainColumn
{
    private readonly float[] present;
    private readonly Lazy<float[]> sorted;

    private TrainColumn(NumericFeature feature, float[] present)
    {
        this.Feature = feature;
        this.present = present;
        this.sorted = new(() => [.. present.Order()]);
    }

    /// <summary>The feature.</summary>
    public NumericFeature Feature { get; }

    /// <summary>What stands in for a missing number, as the schema says: 0, or the mean of the values present.</summary>
    public float Fill => this.Feature.Missing?.Policy == MissingPolicy.Zero ? 0 : Moments.Of(this.present, 0, 1)!.Value.Mean;

    /// <summary>Takes the values of a feature that are present.</summary>
    /// <param name="train">The train split.</param>
    /// <param name="feature">The feature.</param>
    /// <returns>The column, or a fault if the split holds no value of it.</returns>
    public static Validation<Fault, TrainColumn> Of(TrainSplit train, NumericFeature feature)
    {
        var table = train.Table;
        var numbers = table.Numerics.Span;
        var width = table.Descriptor.Numerics.Count;
        var present = new List<float>(table.Rows);
        for (var i = feature.NumericIndex; i < numbers.Length; i += width)
        {
            if (!float.IsNaN(numbers[i]))
            {
                present.Add(numbers[i]);
            }
        }

        return present.Count > 0
            ? Success<Fault, TrainColumn>(new(feature, [.. present]))
            : Fail<Fault, TrainColumn>(Fault.Data(
                $"column '{feature.Name}' of '{table.Descriptor.Name}' has no value in the train split",
                hint: $"--exclude {feature.Name}"));
    }

    /// <summary><c>standardise</c>, or <c>log1p</c>: mean and deviation, accumulated in double precision.</summary>
    /// <param name="transform">What is done to a number first.</param>
    public StandardEncoder Standardise(NumericTransform transform)
    {
        float[] transformed = [.. this.present.Select(value => StandardEncoder.Apply(transform, value))];
        var moments = Moments.Of(transformed, 0, 1)!.Value;
        return new(transform, moments.Mean, moments.Deviation, this.Fill);
    }

    /// <summary><c>min-max</c>: the least and the greatest value.</summary>
    public MinMaxEncoder MinMax() => new(this.present.Min(), this.present.Max(), this.Fill);

    /// <summary><c>piecewise-linear:N</c>: bins between the least value, the quantiles k/N and the greatest value.</summary>
    /// <param name="components">N; edges that are equal become one, and a bin less.</param>
    public PiecewiseLinearEncoder PiecewiseLinear(int components) =>
        new(new(Enumerable.Range(0, components + 1).Select(k => this.Quantile(k, components)).Distinct()), this.Fill);

    /// <summary><c>quantile:N</c>: the edges at the quantiles k/N between N intervals.</summary>
    /// <param name="intervals">
    /// N; edges that are equal become one, and one that is the least value itself is left out, since no value lies below it.
    /// </param>
    public EquatableArray<float> Cuts(int intervals) => new(Enumerable.Range(1, intervals - 1)
        .Select(k => this.Quantile(k, intervals))
        .Distinct()
        .Where(edge => edge > this.sorted.Value[0]));

    /// <summary>
    /// The quantile k/n, between two values on the line that joins them: NumPy's <c>linear</c>, definition 7 of Hyndman and Fan 1996.
    /// </summary>
    private float Quantile(int k, int n)
    {
        // k · (rows - 1) / n in whole numbers: its rest is the same on every machine.
        var values = this.sorted.Value;
        var (at, rest) = Math.DivRem((long)k * (values.Length - 1), n);
        var low = (double)values[at];
        return rest == 0 ? values[at] : (float)(low + ((values[at + 1] - low) * rest / n));
    }
}
