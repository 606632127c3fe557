namespace Mmoe.Data;

/// <summary>Draws rows that a schema allows, for tests and made-up files. They follow no distribution of real data.</summary>
public static class RowSampler
{
    /// <summary>
    /// Fills a row: codes and class labels uniform over the vocabulary; numbers counts, decimals or far-off magnitudes; weights above 0 and
    /// at most 1; where a column has a range, a number in it, and often a bound. One in eight of the numbers and labels that the schema
    /// lets be missing is missing.
    /// </summary>
    /// <param name="descriptor">The dataset.</param>
    /// <param name="random">Where the randomness comes from.</param>
    /// <param name="row">The row to fill; its spans have the lengths of the dataset.</param>
    public static void Sample(DatasetDescriptor descriptor, DeterministicRandom random, EncodedRow row)
    {
        foreach (var column in descriptor.Columns.AsSpan())
        {
            switch (column)
            {
                case CategoricalFeature c:
                    row.Codes[c.CodeIndex] = random.NextInt32(c.Vocabulary.Count);
                    break;
                case NumericFeature n:
                    var mayBeMissing = n.Missing is { Marks.Count: > 0 };
                    row.Numerics[n.NumericIndex] = mayBeMissing && IsMissing(random) ? float.NaN : Number(random, n.Range);
                    break;
                case CategoricalLabel l:
                    var canBeMissing = l.MissingMarks.Any(m => l.Vocabulary.IndexOf(m) < 0);
                    row.Labels[l.LabelIndex] = canBeMissing && IsMissing(random) ? float.NaN : random.NextInt32(l.Vocabulary.Count);
                    break;
                case NumericLabel l:
                    row.Labels[l.LabelIndex] = l.MissingMarks.Count > 0 && IsMissing(random) ? float.NaN : Number(random, l.Range);
                    break;
                case WeightColumn w:
                    row.Weights[w.WeightIndex] = Weight(random, w.Range);
                    break;
            }
        }
    }

    private static bool IsMissing(DeterministicRandom random) => random.NextInt32(8) == 0;

    private static float Weight(DeterministicRandom random, NumericRange? range)
    {
        var weight = 1f - (float)Fraction(random);

        // Whatever the range says, a weight is not below 0.
        return range?.Contains(weight) == false ? Within(random, range with { Min = Math.Max(range.Min ?? 0, 0) }) : weight;
    }

    private static float Number(DeterministicRandom random, NumericRange? range)
    {
        var number = Number(random);
        return range?.Contains(number) == false ? Within(random, range) : number;
    }

    /// <summary>One in four is a bound, where mistakes hide; the others are whole as often as not.</summary>
    private static float Within(DeterministicRandom random, NumericRange range)
    {
        var (min, max) = (range.Min ?? float.MinValue, range.Max ?? float.MaxValue);
        var kind = random.NextInt32(8);
        if (kind < 2)
        {
            return kind == 0 ? range.Min ?? max : range.Max ?? min;
        }

        // In double precision: the width of a range may be more than a single holds.
        var number = (range.Min, range.Max) switch
        {
            (not null, not null) => min + (((double)max - min) * Fraction(random)),
            (not null, null) => min + (double)Math.Abs(Number(random)),
            _ => max - (double)Math.Abs(Number(random)),
        };
        return Math.Clamp((float)(kind < 5 ? Math.Round(number) : number), min, max);
    }

    private static double Fraction(DeterministicRandom random) => random.NextInt32(1 << 24) * Math.ScaleB(1, -24);

    private static float Number(DeterministicRandom random) => random.NextInt32(4) switch
    {
        0 or 1 => random.NextInt32(100_000),
        2 => (float)(1_000 * random.NextNormal()),
        _ => (float)(random.NextNormal() * Math.ScaleB(1, random.NextInt32(200) - 100)),
    };
}
