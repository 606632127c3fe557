using System.Text;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;

namespace Mmoe.Data.Tests;

public class RecordFormatterTests
{
    [Property(MaxTest = 500)]
    public void What_is_written_reads_back_as_the_same_row(ulong seed)
    {
        foreach (var descriptor in Samples.OfFiles)
        {
            foreach (var file in (DataFile?[])[.. ((FileSource)descriptor.Source).Files, null])
            {
                RoundTrip(descriptor, file, seed);
            }
        }
    }

    [Property(MaxTest = 500)]
    public Property Any_vocabulary_reads_back_in_any_format_that_has_a_quote() => Prop.ForAll(
        (from delimiter in Gen.Elements(',', ';', '\t')
         from comment in Gen.Elements(null, "|", "a", "\"")
         from trim in Gen.Elements(true, false)
         from texts in Gen.ListOf(Gen.Elements(
             "", " ", "a", "|a", "\"", "\"\"", "a\"b", "x;y", "x,y", "x\ty", "\n", "\r", "a\r\nb", " a", "a ", "\uFEFF", "ä"))
         from seed in Gen.Choose(0, 100_000)
         select (new FileFormat(delimiter, false, '"', comment, trim), texts.Append("z").Distinct().ToArray(), seed)).ToArbitrary(),
        sample =>
        {
            var (format, texts, seed) = sample;
            if (format.Comment == "\"")
            {
                // Quoting helps against every comment text but that of the quote itself.
                format = format with { Comment = null };
            }

            RoundTrip(OneColumn(format, texts), null, (ulong)seed);
        });

    [Fact]
    public void Texts_are_quoted_only_where_they_must_be()
    {
        var formatter = RecordFormatter.For(Samples.Bank).Good();
        Assert.Equal("age;job;duration;balance;y", formatter.Header());
        Assert.Equal("1.5;admin.;;n/a;yes", formatter.Format(Row(Samples.Bank, [0], [1.5f], [float.NaN, 1], [])));
        Assert.Equal("-0;\"two; jobs\";;1E+20;", formatter.Format(Row(Samples.Bank, [2], [-0f], [1e20f, float.NaN], [])));
        Assert.Equal("0;\"says \"\"hi\"\"\";;0.1;no", formatter.Format(Row(Samples.Bank, [3], [0], [0.1f, 0], [])));
    }

    [Fact]
    public void A_number_that_looks_like_a_missing_mark_gets_a_leading_zero()
    {
        var formatter = RecordFormatter.For(Samples.Adult).Good();
        Assert.Equal("0,Private,1,00,<=50K", formatter.Format(Row(Samples.Adult, [0], [0, 0], [0], [1])));
        Assert.Equal("?,Private,1,NA,unknown", formatter.Format(Row(Samples.Adult, [0], [float.NaN, float.NaN], [float.NaN], [1])));
    }

    [Fact]
    public void What_a_file_appends_is_appended()
    {
        var test = ((FileSource)Samples.Adult.Source).Files[1];
        var formatter = RecordFormatter.For(Samples.Adult, test).Good();
        Assert.Equal("1,Private,1,1,>50K.", formatter.Format(Row(Samples.Adult, [0], [1, 1], [1], [1])));
    }

    [Fact]
    public void A_value_that_the_format_cannot_express_is_a_fault()
    {
        var descriptor = OneColumn(new(',', false, null, "#", true), ["ok", "a,b", " a", "#a"]);
        Assert.Equal(3, RecordFormatter.For(descriptor).Bad().Length);
        Assert.Contains("the value 'a,b' of column 'c' cannot be written", RecordFormatter.For(descriptor).Bad()[0].ToString());
    }

    [Fact]
    public void A_column_name_that_the_format_cannot_express_is_a_fault_where_there_is_a_header()
    {
        DatasetDescriptor Named(bool header) =>
            Samples.Describe("one", new(',', header, null, null, false), [new CategoricalFeature("a,b", "", 0, new("x"), 0, 0)], _ => []);
        Assert.Contains("the column name 'a,b' cannot be written", RecordFormatter.For(Named(header: true)).OnlyFault());
        Assert.True(RecordFormatter.For(Named(header: false)).IsSuccess);
    }

    [Fact]
    public void A_row_that_no_text_can_express_is_an_exception()
    {
        var formatter = RecordFormatter.For(Samples.Census).Good();
        Assert.Throws<ArgumentException>(() => formatter.Format(Row(Samples.Census, [3, 0], [1, 1], [0, 0], [])));
        Assert.Throws<ArgumentException>(() => formatter.Format(Row(Samples.Census, [0, 0], [float.NaN, 1], [0, 0], [])));
        Assert.Throws<ArgumentException>(() => formatter.Format(Row(Samples.Census, [0, 0], [float.PositiveInfinity, 1], [0, 0], [])));
        Assert.Throws<ArgumentException>(() => formatter.Format(Row(Samples.Census, [0, 0], [1, 1], [float.NaN, 0], [])));
        var blank = RecordFormatter.For(OneColumn(new(',', false, null, null, false), ["", "a"])).Good();
        Assert.Throws<ArgumentException>(() => blank.Format(Coded(0)));
        Assert.Equal("a", blank.Format(Coded(1)));

        static EncodedRow Coded(int code) => new() { Codes = new[] { code }, Numerics = [], Labels = [], Weights = [] };
    }

    private static EncodedRow Row(DatasetDescriptor descriptor, int[] codes, float[] numerics, float[] labels, float[] weights)
    {
        Assert.Equal(
            (codes.Length, numerics.Length, labels.Length, weights.Length),
            (descriptor.Categoricals.Count, descriptor.Numerics.Count, descriptor.Labels.Count, descriptor.Weights.Count));
        return new() { Codes = codes, Numerics = numerics, Labels = labels, Weights = weights };
    }

    private static DatasetDescriptor OneColumn(FileFormat format, string[] texts) =>
        Samples.Describe("one", format, [new CategoricalFeature("c", "", 0, new(texts), 0, 0)], _ => []);

    private static void RoundTrip(DatasetDescriptor descriptor, DataFile? file, ulong seed)
    {
        const int Rows = 5;
        var random = DeterministicRandom.FromSeed(seed, descriptor.Name);
        var builder = new EncodedTableBuilder(descriptor);
        var formatter = RecordFormatter.For(descriptor, file).Good();
        var text = new StringBuilder();
        for (var i = 0; i < Rows; i++)
        {
            var row = builder.Next();
            RowSampler.Sample(descriptor, random, row);
            builder.Commit();
            formatter.Append(row, text);
            text.Append('\n');
        }

        var expected = builder.Build();
        var encoder = new RecordEncoder(descriptor, file);
        var faults = new List<Fault>();
        using var reader = new CsvReader(new MemoryStream(Encoding.UTF8.GetBytes(text.ToString())), descriptor.Format, "f");
        var read = new EncodedTableBuilder(descriptor);
        while (reader.Read() == CsvStep.Record)
        {
            Assert.True(encoder.Encode(reader.Current, read.Next(), faults), string.Join('\n', faults) + text);
            read.Commit();
        }

        Assert.Null(reader.Fault);
        Tables.AssertSame(expected, read.Build());
    }
}
