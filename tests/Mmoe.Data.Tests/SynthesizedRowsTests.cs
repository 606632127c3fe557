using System.Text;
using FsCheck.Xunit;
using LanguageExt;
using Mmoe.Data.Datasets;
using static LanguageExt.Prelude;

namespace Mmoe.Data.Tests;

public class SynthesizedRowsTests
{
    private const int Rows = 20;

    /// <summary>A law over every dataset that is compiled in, under the name of each of its files and under a name that none has.</summary>
    [Property(MaxTest = 10)]
    public void The_datasets_own_reader_gives_the_rows_that_were_drawn(int seed)
    {
        using var folder = new TemporaryFolder();
        foreach (var descriptor in Registry.All.Datasets.Select(d => d.Descriptor))
        {
            var source = descriptor.Source as FileSource;
            foreach (var name in (string[])[.. source?.Files.Select(f => f.Path) ?? [], "other.csv"])
            {
                var path = folder.Write(name, Bytes(descriptor, Rows, seed, source?.Named(name)));
                Tables.AssertSame(Drawn(descriptor, seed), SplitLoader.LoadFile(descriptor, path).Good());
            }
        }
    }

    [Property(MaxTest = 10)]
    public void A_seed_fixes_the_bytes_and_more_rows_begin_with_the_same(int seed)
    {
        foreach (var descriptor in Registry.All.Datasets.Select(d => d.Descriptor))
        {
            var bytes = Bytes(descriptor, Rows, seed);
            Assert.Equal(bytes, Bytes(descriptor, Rows, seed));
            Assert.Equal(bytes, Bytes(descriptor, Rows + 5, seed)[..bytes.Length]);
            Assert.NotEqual(bytes, Bytes(descriptor, Rows, unchecked(seed + 1)));
        }
    }

    [Fact]
    public void Rows_can_be_written_more_than_once()
    {
        var rows = SynthesizedRows.Of(Samples.Bank, null, Rows, 1).Good();
        using var twice = new MemoryStream();
        rows.WriteTo(twice).Good();
        var once = twice.ToArray();
        rows.WriteTo(twice).Good();
        Assert.Equal([.. once, .. once], twice.ToArray());
    }

    [Fact]
    public void Without_a_seed_it_is_the_schemas()
    {
        Assert.Equal(Bytes(Adult.Descriptor, Rows, Adult.Descriptor.Training.Any.Seed), Bytes(Adult.Descriptor, Rows, None));
        var reseeded = Adult.Descriptor with { Training = Adult.Descriptor.Training with { Any = Adult.Descriptor.Training.Any with { Seed = 77 } } };
        Assert.Equal(Bytes(Adult.Descriptor, Rows, 77), Bytes(reseeded, Rows, None));
    }

    [Fact]
    public void A_dataset_that_is_drawn_on_the_spot_has_the_rows_that_it_trains_on()
    {
        using var folder = new TemporaryFolder();
        var trained = SplitLoader.LoadSplit(Synthetic.Descriptor, folder.Data, SplitName.Train).Good();
        var path = folder.Write("x.csv", Bytes(Synthetic.Descriptor, trained.Rows, None));
        Tables.AssertSame(trained, SplitLoader.LoadFile(Synthetic.Descriptor, path).Good());
    }

    [Fact]
    public void A_format_that_has_a_header_gets_one_and_lines_end_in_a_line_feed()
    {
        string[] Lines(DatasetDescriptor descriptor) => Encoding.UTF8.GetString(Bytes(descriptor, 2, 1)).Split('\n');
        Assert.Equal([true, true, false], Lines(Samples.Census).Select(line => line.Length > 0));
        Assert.Equal([true, true, true, false], Lines(Samples.Bank).Select(line => line.Length > 0));
        Assert.Equal("age;job;duration;balance;y", Lines(Samples.Bank)[0]);
    }

    [Fact]
    public void A_row_that_the_format_cannot_express_is_a_fault()
    {
        // Without a quote nothing keeps a minus sign from starting a comment.
        Validation<Fault, Unit> Write(char? quote) => SynthesizedRows
            .Of(Samples.Describe("debts", new(',', false, quote, "-", false), [new NumericFeature("sum", "", 0, null, 0, 0, false)], _ => []), null, 1_000, 1)
            .Bind(rows => rows.WriteTo(new MemoryStream()));
        Assert.Matches("^row [0-9]+ cannot be written in the file format of 'debts': .*'sum'; name a \"quote\" in the schema's format$", Write(null).OnlyFault());
        Write('"').Good();
    }

    [Fact]
    public void A_generator_that_makes_no_sense_is_a_fault()
    {
        var source = (SyntheticSource)Synthetic.Descriptor.Source;
        var fault = SynthesizedRows.Of(Synthetic.Descriptor with { Source = source with { Correlation = 2 } }, null, 5, 1).OnlyFault();
        Assert.Contains("correlation is 2", fault, StringComparison.Ordinal);
    }

    [Fact]
    public void It_ends_when_it_is_cancelled() => Assert.Throws<OperationCanceledException>(
        () => SynthesizedRows.Of(Samples.Adult, null, Rows, 1).Good().WriteTo(new MemoryStream(), new CancellationToken(canceled: true)));

    private static EncodedTable Drawn(DatasetDescriptor descriptor, int seed)
    {
        if (descriptor.Source is SyntheticSource source)
        {
            return SyntheticBenchmark.Generate(descriptor, source with { TrainRows = Rows, Seed = seed }, SplitName.Train).Good();
        }

        var random = DeterministicRandom.FromSeed(unchecked((ulong)seed), $"synthesize/{descriptor.Name}");
        var table = new EncodedTableBuilder(descriptor);
        for (var i = 0; i < Rows; i++)
        {
            RowSampler.Sample(descriptor, random, table.Next());
            table.Commit();
        }

        return table.Build();
    }

    private static byte[] Bytes(DatasetDescriptor descriptor, int rows, Option<int> seed, DataFile? file = null)
    {
        using var stream = new MemoryStream();
        SynthesizedRows.Of(descriptor, file, rows, seed).Good().WriteTo(stream).Good();
        return stream.ToArray();
    }
}
