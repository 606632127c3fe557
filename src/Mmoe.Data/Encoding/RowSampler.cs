namespace Mmoe.Data;

/// <summary>Draws rows that a schema allows, for tests and made-up files. They follow no distribution of real data.</summary>
public static class RowSampler
{
    /// <summary>
    /// Fills a row: codes and class labels uniform over the vocabulary; numbers counts, decimals or far-off magnitudes; weights positive;
    /// one in eight of the numbers and labels that the schema lets be missing is missing.
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
                    row.Numerics[n.NumericIndex] = n.Missing is { Marks.Count: > 0 } && IsMissing(random) ? float.NaN : Number(random);
                    break;
                case CategoricalLabel l:
                    var canBeMissing = l.MissingMarks.Any(m => l.Vocabulary.IndexOf(m) < 0);
                    row.Labels[l.LabelIndex] = canBeMissing && IsMissing(random) ? float.NaN : random.NextInt32(l.Vocabulary.Count);
                    break;
                case NumericLabel l:
                    row.Labels[l.LabelIndex] = l.MissingMarks.Count > 0 && IsMissing(random) ? float.NaN : Number(random);
                    break;
                case WeightColumn w:
                    row.Weights[w.WeightIndex] = 1f - (float)(random.NextInt32(1 << 24) * Math.ScaleB(1, -24));
                    break;
            }
        }
    }

    private static bool IsMissing(DeterministicRandom random) => random.NextInt32(8) == 0;

    private static float Number(DeterministicRandom random) => random.NextInt32(4) switch
    {
        0 or 1 => random.NextInt32(100_000),
        2 => (float)(1_000 * random.NextNormal()),
        _ => (float)(random.NextNormal() * Math.ScaleB(1, random.NextInt32(200) - 100)),
    };
}
