using System.Globalization;

namespace Mmoe.Bench.TaskCorrelation;

/// <summary>A mean and its standard error.</summary>
internal readonly record struct Estimate(double Mean, double Error)
{
    /// <summary>Of independent observations; the error of a single one is not known.</summary>
    public static Estimate Of(IReadOnlyCollection<double> values)
    {
        var mean = values.Average();
        return new(mean, Math.Sqrt(values.Sum(v => (v - mean) * (v - mean)) / (values.Count - 1) / values.Count));
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{this.Mean:0.0000} ± {this.Error:0.0000}");
}
