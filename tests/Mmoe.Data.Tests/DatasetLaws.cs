using System.Text;
using FsCheck.Xunit;
using Mmoe.Data.Datasets;

namespace Mmoe.Data.Tests;

/// <summary>What holds for every dataset that is compiled in: a new schema is covered without a new test.</summary>
public class DatasetLaws
{
    [Property(MaxTest = 50)]
    public void A_typed_row_holds_all_that_an_encoded_row_does(ulong seed) => ForAll(new TypedRoundTrip(seed));

    [Property(MaxTest = 50)]
    public void What_is_written_as_text_reads_back_as_the_same_row(ulong seed)
    {
        foreach (var dataset in Registry.All.Datasets)
        {
            var descriptor = dataset.Descriptor;
            foreach (var file in descriptor.Source is FileSource source ? (DataFile?[])[.. source.Files, null] : [null])
            {
                TextRoundTrip(descriptor, file, seed);
            }
        }
    }

    [Fact]
    public void Every_value_has_its_position_as_code()
    {
        foreach (var (dataset, column, vocabulary) in Vocabularies())
        {
            for (var code = 0; code < vocabulary.Count; code++)
            {
                var text = vocabulary[code];
                Assert.True(
                    vocabulary.IndexOf(text) == code && vocabulary.IndexOf(Encoding.UTF8.GetBytes(text)) == code,
                    $"{dataset}, {column}: '{text}'");
            }
        }
    }

    [Fact]
    public void A_value_with_something_added_is_another_text()
    {
        foreach (var (dataset, column, vocabulary) in Vocabularies())
        {
            foreach (var text in vocabulary.Texts)
            {
                Assert.True(vocabulary.IndexOf(text + '\u0001') == -1, $"{dataset}, {column}: '{text}'");
            }
        }
    }

    [Fact]
    public void Features_follow_each_other_without_a_gap_and_are_counted()
    {
        foreach (var descriptor in Registry.All.Datasets.Select(d => d.Descriptor))
        {
            var offset = 0;
            foreach (var (feature, index) in descriptor.Categoricals.Select((f, i) => (f, i)))
            {
                Assert.Equal((index, offset), (feature.CodeIndex, feature.Offset));
                offset += feature.Vocabulary.Count;
            }

            Assert.Equal(offset, descriptor.OneHotWidth);
            foreach (var (feature, index) in descriptor.Numerics.Select((f, i) => (f, i)))
            {
                Assert.Equal((index, offset), (feature.NumericIndex, feature.Offset));
                offset++;
            }

            Assert.Equal(offset, descriptor.NumFeatures);
            Assert.Equal(Enumerable.Range(0, descriptor.Columns.Count), descriptor.Columns.Select(c => c.FileIndex));
            Assert.Equal(Enumerable.Range(0, descriptor.Labels.Count), descriptor.Labels.Select(c => c.LabelIndex));
            Assert.Equal(Enumerable.Range(0, descriptor.Weights.Count), descriptor.Weights.Select(c => c.WeightIndex));
            Assert.Equal(Enumerable.Range(0, descriptor.Tasks.Count), descriptor.Tasks.Select(t => t.Index));
        }
    }

    [Fact]
    public void Splits_do_not_overlap()
    {
        foreach (var source in Registry.All.Datasets.Select(d => d.Descriptor.Source).OfType<FileSource>())
        {
            SplitRule[] rules = [source.Train, source.Validation, source.Test];
            Assert.All(rules, r => Assert.Contains(source.Files, f => f.Id == r.File));
            var period = rules.Aggregate(1L, (product, rule) => product * rule.Modulo);
            for (var row = 0L; row < period; row++)
            {
                Assert.All(source.Files, f => Assert.InRange(rules.Count(r => r.File == f.Id && r.Contains(row)), 0, 1));
            }
        }
    }

    [Fact]
    public void The_built_in_datasets_have_the_features_of_the_reference()
    {
        int Features(string name) => Registry.All.Find(name).Good().Descriptor.NumFeatures;
        Assert.Equal(499, Features("census-income"));
        Assert.Equal(100, Features("adult"));
        Assert.Equal(48, Features("bank-marketing"));
        Assert.Equal(100, Features("synthetic"));
        Assert.Equal(488, Registry.All.Find("census-income").Good().Descriptor.OneHotWidth);
    }

    private static void ForAll(IDatasetVisitor<bool> law)
    {
        foreach (var dataset in Registry.All.Datasets)
        {
            Assert.True(dataset.Accept(law), dataset.Descriptor.Name);
        }
    }

    private static List<(string Dataset, string Column, Vocabulary Vocabulary)> Vocabularies()
    {
        var all = new List<(string, string, Vocabulary)>();
        foreach (var descriptor in Registry.All.Datasets.Select(d => d.Descriptor))
        {
            all.AddRange(descriptor.Columns.OfType<CategoricalFeature>().Select(c => (descriptor.Name, c.Name, c.Vocabulary)));
            all.AddRange(descriptor.Columns.OfType<CategoricalLabel>().Select(c => (descriptor.Name, c.Name, c.Vocabulary)));
        }

        return all;
    }

    private static void TextRoundTrip(DatasetDescriptor descriptor, DataFile? file, ulong seed)
    {
        var row = EncodedRows.Create(descriptor);
        RowSampler.Sample(descriptor, DeterministicRandom.FromSeed(seed, descriptor.Name), row);
        var text = RecordFormatter.For(descriptor, file).Good().Format(row);
        using var reader = new CsvReader(new MemoryStream(Encoding.UTF8.GetBytes(text)), descriptor.Format, "row");
        Assert.Equal(CsvStep.Record, reader.Read());
        var read = EncodedRows.Create(descriptor);
        var faults = new List<Fault>();
        Assert.True(new RecordEncoder(descriptor, file).Encode(reader.Current, read, faults), string.Join('\n', faults));
        AssertSame(row, read);
        Assert.Equal(CsvStep.End, reader.Read());
    }

    private static void AssertSame(EncodedRow expected, EncodedRow actual)
    {
        Assert.Equal(expected.Codes.ToArray(), actual.Codes.ToArray());
        Assert.Equal(expected.Numerics.ToArray(), actual.Numerics.ToArray());
        Assert.Equal(expected.Labels.ToArray(), actual.Labels.ToArray());
        Assert.Equal(expected.Weights.ToArray(), actual.Weights.ToArray());
    }

    private sealed class TypedRoundTrip(ulong seed) : IDatasetVisitor<bool>
    {
        public bool Visit<TDataset, TRow, TPrediction>()
            where TDataset : IDataset<TRow, TPrediction>
            where TRow : class, IEquatable<TRow>
        {
            var descriptor = TDataset.Descriptor;
            var encoded = EncodedRows.Create(descriptor);
            RowSampler.Sample(descriptor, DeterministicRandom.FromSeed(seed, descriptor.Name), encoded);
            var row = TDataset.Decode(encoded);
            var again = EncodedRows.Create(descriptor);
            TDataset.Encode(row, again);
            AssertSame(encoded, again);
            return row.Equals(TDataset.Decode(again));
        }
    }
}
