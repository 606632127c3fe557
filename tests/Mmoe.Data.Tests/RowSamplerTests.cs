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

                foreach (var weight in descriptor.Weights)
                {
                    Assert.InRange(row.Weights[weight.WeightIndex], weight.Range?.Min ?? float.Epsilon, weight.Range?.Max ?? 1);
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

    [Theory]
    [InlineData(0f, 120f)]
    [InlineData(-1e-3f, 1e-3f)]
    [InlineData(float.MinValue, float.MaxValue)]
    [InlineData(0.5f, 0.75f)]
    [InlineData(16777214f, 16777218f)]
    [InlineData(3.4e38f, null)]
    [InlineData(-5f, null)]
    [InlineData(null, -3.4e38f)]
    [InlineData(null, 5f)]
    public void Numbers_are_drawn_within_their_range_and_reach_its_bounds(float? min, float? max)
    {
        var range = new NumericRange(min, max);
        var weights = new NumericRange(min, Math.Abs(max ?? float.MaxValue));
        var descriptor = Samples.Describe(
            "ranges",
            Samples.Bank.Format,
            [
                new NumericFeature("x", "", 0, null, 0, 0, false, range),
                new NumericLabel("y", "", 1, default, 0, range),
                new WeightColumn("w", "", 2, 0, weights),
            ],
            _ => []);
        var random = DeterministicRandom.FromSeed(2, "ranges");
        var drawn = new HashSet<float>();
        for (var i = 0; i < 2_000; i++)
        {
            var row = EncodedRows.Create(descriptor);
            RowSampler.Sample(descriptor, random, row);
            Assert.True(range.Contains(row.Numerics[0]), $"{row.Numerics[0]} is not {range}");
            Assert.True(range.Contains(row.Labels[0]), $"{row.Labels[0]} is not {range}");
            Assert.True(weights.Contains(row.Weights[0]) && row.Weights[0] >= 0, $"{row.Weights[0]} is not {weights}");
            drawn.Add(row.Numerics[0]);
        }

        // A range that holds all that is drawn without one is drawn from as if there were none.
        var bounds = new[] { min, max }.OfType<float>().Where(bound => Math.Abs(bound) < float.MaxValue);
        Assert.All(bounds, bound => Assert.Contains(bound, drawn));
        Assert.True(drawn.Count >= 3 || bounds.Any(bound => Math.Abs(bound) > 1e38), $"only {string.Join(", ", drawn)}");
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
