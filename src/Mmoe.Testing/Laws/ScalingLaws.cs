namespace Mmoe.Testing;

/// <summary>Laws of scaling.</summary>
internal static class ScalingLaws
{
    /// <summary>So many that a column which may be missing in one row of eight is present in some.</summary>
    private const int Rows = 64;

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
        return NumericScaling.Fit(train, descriptor.Numerics)
            .Match(
                Succ: scaling => scaling.Scales.SelectMany((scale, i) => Problems(
                    $"column '{scale.Column}'", scale.Deviation, scale.Apply, [.. samples.Select(s => s.Numerics[i]), float.NaN])),
                Fail: faults => faults.Select(f => f.ToString()))
            .Concat(TargetScaling.Fit(train).Match(
                Succ: scaling => scaling.Scales.SelectMany((scale, i) => Problems(
                    $"task '{scale.Task}'", scale.Deviation, scale.Standardise, Targets(descriptor.Tasks[i], samples))),
                Fail: faults => faults.Select(f => f.ToString())));
    }

    private static IEnumerable<float> Targets(TaskDescriptor task, EncodedSample[] samples) => samples
        .Select(s => task.Target(s.Labels[task.LabelColumn.LabelIndex]))
        .Where(target => !float.IsNaN(target));

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
