namespace Mmoe.Data.Tests;

public class RowSamplerTests
{
    [Fact]
    public void Rows_use_the_whole_schema_and_nothing_outside_it()
    {
        foreach (var descriptor in Samples.OfFiles)
        {
            var random = DeterministicRandom.FromSeed(1, descriptor.Name);
            var codes = descriptor.Categoricals.Select(_ => new HashSet<int>()).ToArray();
            var labels = descriptor.Labels.Select(_ => new HashSet<float>()).ToArray();
            var missing = new int[descriptor.Numerics.Count];
            for (var i = 0; i < 1_000; i++)
            {
                var row = EncodedRows.Create(descriptor);
                RowSampler.Sample(descriptor, random, row);
                for (var c = 0; c < codes.Length; c++)
                {
                    codes[c].Add(row.Codes[c]);
                }

                for (var n = 0; n < missing.Length; n++)
                {
                    Assert.False(float.IsInfinity(row.Numerics[n]));
                    missing[n] += float.IsNaN(row.Numerics[n]) ? 1 : 0;
                }

                for (var l = 0; l < labels.Length; l++)
                {
                    labels[l].Add(row.Labels[l]);
                }

                foreach (var weight in row.Weights)
                {
                    Assert.InRange(weight, float.Epsilon, 1);
                }
            }

            Assert.All(descriptor.Categoricals, c => Assert.Equal(Enumerable.Range(0, c.Vocabulary.Count), codes[c.CodeIndex].Order()));
            Assert.All(descriptor.Numerics, n => Assert.Equal(n.Missing is not null, missing[n.NumericIndex] > 50));
            foreach (var label in descriptor.Labels)
            {
                Assert.Equal(label.MissingMarks.Count > 0, labels[label.LabelIndex].Contains(float.NaN));
                if (label is CategoricalLabel { Vocabulary: var vocabulary })
                {
                    Assert.Equal(
                        Enumerable.Range(0, vocabulary.Count).Select(i => (float)i),
                        labels[label.LabelIndex].Where(l => !float.IsNaN(l)).Order());
                }
            }
        }
    }

    [Fact]
    public void The_same_stream_gives_the_same_rows()
    {
        var rows = Enumerable.Range(0, 2).Select(_ =>
        {
            var row = EncodedRows.Create(Samples.Adult);
            RowSampler.Sample(Samples.Adult, DeterministicRandom.FromSeed(7, "rows"), row);
            return string.Join(' ', row.Codes.ToArray()) + string.Join(' ', row.Numerics.ToArray());
        }).ToArray();
        Assert.Equal(rows[0], rows[1]);
    }
}
