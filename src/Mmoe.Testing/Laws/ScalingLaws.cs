namespace Mmoe.Testing;

/// <summary>Laws of scaling.</summary>
internal static class ScalingLaws
{
    /// <summary>So many that a column which may be missing in one row of eight is present in some.</summary>
    private const int Rows = 64;

    /// <summary>Bins of the piecewise linear encoding: few enough to be crossed by some of the rows.</summary>
    private const int Bins = 8;

    public static IEnumerable<string> Finite(DatasetDescriptor descriptor)
    {
        var samples = Enumerable.Range(0, Rows).Select(seed => EncodedSample.Draw(descriptor, (ulong)seed)).ToArray();
        var train = new TrainSplit(new EncodedTable(
            descriptor,
            Rows,
            samples.SelectMany(s => s.Codes).ToArray(),
            samples.SelectMany(s => s.Numerics).ToArray(),
            samples.SelectMany(s => s.Labels).ToArray(),
            samples.SelectMany(s => s.Weights).ToArray()));
        return descriptor.Numerics
            .SelectMany(feature => TrainColumn.Of(train, feature).Match(
                Succ: column => Encoders(column).SelectMany(encoder => Problems(
                    $"column '{feature.Name}'", encoder, [.. samples.Select(s => s.Numerics[feature.NumericIndex]), float.NaN])),
                Fail: faults => faults.Select(f => f.ToString())))
            .Concat(TargetScaling.Fit(train).Match(
                Succ: scaling => scaling.Scales.SelectMany((scale, i) => Problems(
                    $"task '{scale.Task}'", scale.Deviation, scale.Standardise, Targets(descriptor.Tasks[i], samples))),
                Fail: faults => faults.Select(f => f.ToString())));
    }

    private static IEnumerable<NumericEncoder> Encoders(TrainColumn column) =>
    [
        column.Standardise(NumericTransform.Identity),
        column.Standardise(NumericTransform.Log1p),
        column.MinMax(),
        column.PiecewiseLinear(Bins),
    ];

    private static IEnumerable<float> Targets(TaskDescriptor task, EncodedSample[] samples) => samples
        .Select(s => task.Target(s.Labels[task.LabelColumn.LabelIndex]))
        .Where(target => !float.IsNaN(target));

    /// <summary>What is wrong with an encoder over some values.</summary>
    internal static IEnumerable<string> Problems(string what, NumericEncoder encoder, IEnumerable<float> values)
    {
        var encoded = new float[encoder.Width];
        foreach (var value in values)
        {
            encoder.Encode(value, encoded);
            if (!encoded.All(float.IsFinite))
            {
                yield return $"{what}: {value} is encoded as {string.Join(", ", encoded)} by {encoder}";
                yield break;
            }
        }
    }

    /// <summary>What is wrong with one scale over some values.</summary>
    internal static IEnumerable<string> Problems(string what, float deviation, Func<float, float> scale, IEnumerable<float> values)
    {
        if (!(float.IsFinite(deviation) && deviation > 0))
        {
            yield return $"{what} has the deviation {deviation}";
        }

        foreach (var value in values.Where(v => !float.IsFinite(scale(v))).Take(1))
        {
            yield return $"{what}: {value} is scaled to {scale(value)}";
        }
    }
}
