using System.Text;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;

namespace Mmoe.Data.Tests;

public class CsvReaderTests
{
    private static readonly FileFormat Plain = new(',', false, null, null, false);
    private static readonly FileFormat Quoting = new(',', false, '"', null, false);

    [Property(MaxTest = 3_000)]
    public Property The_reader_agrees_with_a_naive_parser_whatever_the_buffer_boundaries() => Prop.ForAll(
        TextAndFormat().ToArbitrary(),
        sample =>
        {
            var (text, format, seed) = sample;
            var (expected, error) = NaiveCsv.Parse(text, format);
            var (records, fault) = ReadAll(new DribblingStream(Encoding.UTF8.GetBytes(text), seed), format, capacity: 1 + (seed % 50));
            Assert.Equal(expected.Select(r => string.Join("|", r)), records.Select(r => string.Join("|", r)));
            Assert.Equal(error is null ? null : "f:" + error, fault is null ? null : $"{fault.Where}: {fault.What}");
        });

    [Property(MaxTest = 300)]
    public Property Long_records_of_ordinary_fields_agree_too() => Prop.ForAll(
        (from rows in Gen.ListOf(Gen.ListOf(Gen.Elements(
             "Not in universe", "0", "\"a;b\"", "\"he said \"\"no\"\"\"", "1601.75", "", "\"x\r\ny\"")))
         from end in Gen.Elements("\n", "\r\n", "\r")
         from seed in Gen.Choose(0, 1_000)
         select (string.Join(end, rows.Select(r => string.Join(';', r))), seed)).ToArbitrary(),
        sample =>
        {
            var format = new FileFormat(';', false, '"', null, false);
            var (expected, _) = NaiveCsv.Parse(sample.Item1, format);
            var bytes = Encoding.UTF8.GetBytes(sample.Item1);
            foreach (var capacity in (int[])[1 << 18, 1 + sample.seed])
            {
                var (records, fault) = ReadAll(new MemoryStream(bytes), format, capacity);
                Assert.Null(fault);
                Assert.Equal(expected.Select(r => string.Join("|", r)), records.Select(r => string.Join("|", r)));
            }
        });

    [Fact]
    public void Lines_columns_and_indices_count_what_editors_count()
    {
        var text = "\uFEFFä,😀,x\r\n\r\n#c\n\"two\nlines\",\"q\"\"\",y\rlast,,";
        var format = new FileFormat(',', false, '"', "#", false);
        var (records, fault) = ReadAll(new MemoryStream(Encoding.UTF8.GetBytes(text)), format, 1 << 10);
        Assert.Null(fault);
        Assert.Equal(
            [
                [new("ä", 1, 1), new("😀", 1, 3), new("x", 1, 6)],
                [new("two\nlines", 4, 1), new("q\"", 5, 8), new("y", 5, 14)],
                [new("last", 6, 1), new("", 6, 6), new("", 6, 7)],
            ],
            records);
    }

    [Fact]
    public void Records_are_counted_from_0_without_blank_lines_and_comments()
    {
        var stream = new MemoryStream("|c\na\n\n\nb\n|c\nc"u8.ToArray());
        using var reader = new CsvReader(stream, new(',', false, null, "|", true), "f");
        var seen = new List<(long, long, string)>();
        while (reader.Read() == CsvStep.Record)
        {
            seen.Add((reader.Current.Index, reader.Current.Line, reader.Current.Text(0)));
        }

        Assert.Equal([(0, 2, "a"), (1, 5, "b"), (2, 7, "c")], seen);
        Assert.Equal(CsvStep.End, reader.Read());
    }

    [Theory]
    [InlineData("a,b\nc,\"d", "f:2:3: the quote that opens here is never closed; close it, or double it if it belongs to the text")]
    [InlineData("a,\"b\"c\n", "f:1:6: text after a closing quote; inside a quoted field, double the quote")]
    public void Broken_quotes_are_located(string text, string expected)
    {
        var (_, fault) = ReadAll(new MemoryStream(Encoding.UTF8.GetBytes(text)), Quoting, 64);
        Assert.Equal(expected, fault!.ToString());
    }

    [Fact]
    public void Cancellation_ends_reading_in_the_middle_of_a_file()
    {
        using var source = new CancellationTokenSource();
        var text = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("a,b\n", 1_000)));
        using var reader = new CsvReader(new MemoryStream(text), Quoting, "f", CsvLimits.Default, capacity: 64, source.Token);
        var records = 0;
        Assert.Throws<OperationCanceledException>(() =>
        {
            while (reader.Read() == CsvStep.Record)
            {
                if (++records == 10)
                {
                    source.Cancel();
                }
            }
        });
        Assert.InRange(records, 10, 100);
    }

    [Fact]
    public void After_a_fault_the_reader_stays_at_it()
    {
        using var reader = new CsvReader(new MemoryStream("\"a"u8.ToArray()), Quoting, "f");
        Assert.Equal(CsvStep.Fault, reader.Read());
        Assert.Equal(CsvStep.Fault, reader.Read());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void An_endless_field_is_a_fault_and_not_endless_memory(bool quoted)
    {
        var stream = new EndlessStream("ok,1\nx,"u8.ToArray(), quoted ? (byte)'"' : (byte)'a', (byte)'a');
        var (records, fault) = ReadAll(stream, Quoting, 1 << 12);
        Assert.Single(records);
        Assert.StartsWith("f:2:3: the field is longer than 1048576 bytes", fault!.ToString());
        Assert.True(stream.Given < 8 << 20, $"{stream.Given} bytes were read");
    }

    [Fact]
    public void Endless_fields_are_a_fault()
    {
        var (_, fault) = ReadAll(new EndlessStream([], (byte)',', (byte)','), Plain, 1 << 12);
        Assert.Equal("f:1:65537: the record has more than 65536 fields", fault!.ToString());
    }

    [Fact]
    public void A_record_longer_than_the_limit_is_a_fault()
    {
        var limits = new CsvLimits(FieldBytes: 100, Fields: 1_000, RecordBytes: 200);
        var text = string.Join(',', Enumerable.Repeat(new string('a', 90), 10));
        var (_, fault) = ReadAll(new MemoryStream(Encoding.UTF8.GetBytes(text)), Plain, 64, limits);
        Assert.StartsWith("f:1: the record is longer than 200 bytes", fault!.ToString());
    }

    [Fact]
    public void An_endless_comment_needs_no_memory()
    {
        var format = new FileFormat(',', false, null, "#", false);
        var text = "#" + new string('x', 1_000_000) + "\na,b";
        var (records, fault) = ReadAll(new MemoryStream(Encoding.UTF8.GetBytes(text)), format, 64, new(100, 100, 100));
        Assert.Null(fault);
        Assert.Equal([[new NaiveField("a", 2, 1), new("b", 2, 3)]], records);
    }

    [Fact]
    public void A_stream_that_fails_is_a_fault_and_no_exception()
    {
        var (_, fault) = ReadAll(new FailingStream(), Plain, 64);
        Assert.Equal("f: reading failed: the disk is gone", fault!.ToString());
    }

    [Fact]
    public void Reading_allocates_nothing_per_record()
    {
        var line = "38, Private, \"a \"\"quoted\"\" text\", 0\r\n";
        var bytes = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat(line, 20_000)));
        var length = 0;
        var allocated = Allocations.Least(() =>
        {
            var reader = new CsvReader(new MemoryStream(bytes), new(',', false, '"', "|", true), "f");
            reader.Read();
            length = 0;
            return () =>
            {
                while (reader.Read() == CsvStep.Record)
                {
                    length += reader.Current[2].Length;
                }

                reader.Dispose();
            };
        });
        Assert.InRange(allocated, 0, 1_000);
        Assert.Equal(19_999 * "a \"quoted\" text".Length, length);
    }

    private static Gen<(string Text, FileFormat Format, int Seed)> TextAndFormat() =>
        from delimiter in Gen.Elements(',', ';', '\t')
        from quote in Gen.Elements<char?>('"', '"', '\'', null)
        from comment in Gen.Elements(null, "|", "//", "a")
        from trim in Gen.Elements(true, false)
        from seed in Gen.Choose(0, 1_000_000)
        from pieces in Gen.ListOf(Gen.Elements(
            $"{delimiter}", $"{delimiter}", "\n", "\n", "\r\n", "\r", "\"", "\"", "\"\"", "'", " ", "\t", "a", "//", "|", "ä", "😀", "bcd",
            ";", "a longer text that needs more than one vector", "\uFEFF"))
        select (string.Concat(pieces), new FileFormat(delimiter, false, quote, comment, trim), seed);

    private static (List<List<NaiveField>> Records, Fault? Fault) ReadAll(
        Stream stream, FileFormat format, int capacity, CsvLimits? limits = null)
    {
        using var reader = new CsvReader(stream, format, "f", limits ?? CsvLimits.Default, capacity);
        var records = new List<List<NaiveField>>();
        while (reader.Read() == CsvStep.Record)
        {
            var record = new List<NaiveField>();
            for (var i = 0; i < reader.Current.Count; i++)
            {
                var where = reader.Current.Locate(i);
                record.Add(new(reader.Current.Text(i), where.Line, where.Column));
            }

            Assert.Equal(records.Count, reader.Current.Index);
            Assert.Equal(record[0].Line, reader.Current.Line);
            records.Add(record);
        }

        return (records, reader.Fault);
    }

    private sealed class EndlessStream(byte[] start, byte first, byte then) : MemoryStream
    {
        public long Given { get; private set; }

        public override int Read(byte[] buffer, int offset, int count)
        {
            for (var i = 0; i < count; i++, this.Given++)
            {
                buffer[offset + i] = this.Given < start.Length ? start[this.Given] : this.Given == start.Length ? first : then;
            }

            return count;
        }
    }

    private sealed class FailingStream : MemoryStream
    {
        public override int Read(byte[] buffer, int offset, int count) => throw new IOException("the disk is gone");
    }
}
