using System.Buffers;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Text;

namespace Mmoe.Data;

/// <summary>What <see cref="CsvReader.Read"/> came upon.</summary>
public enum CsvStep
{
    /// <summary>A record: <see cref="CsvReader.Current"/>.</summary>
    Record,

    /// <summary>The end of the file.</summary>
    End,

    /// <summary>An error after which the file cannot be read on: <see cref="CsvReader.Fault"/>.</summary>
    Fault,
}

/// <summary>
/// Reads UTF-8 CSV from a stream, record by record, without allocating per record and in memory that does not grow with the file.
/// </summary>
/// <remarks>
/// A field is quoted if it starts with the quote (after blanks, where the format trims); a quote further on is a character like any other.
/// After a closing quote only blanks, where the format trims, may come before the delimiter or the line's end. LF, CR LF and CR end a line.
/// Lines that are empty, or hold only blanks where the format trims, and lines that start with the comment text are skipped.
/// A byte order mark at the start is skipped. Whether a text is valid UTF-8 is not checked: who compares or parses it finds out.
/// </remarks>
public sealed class CsvReader : IDisposable
{
    private const int DefaultCapacity = 1 << 18;

    /// <summary>Bytes behind the data that a vector may read; what stands there is masked out.</summary>
    private const int Padding = 32;

    private readonly Stream stream;
    private readonly string file;
    private readonly CsvLimits limits;
    private readonly byte delimiter;
    private readonly int quote;
    private readonly bool trim;
    private readonly byte[] comment;
    private readonly CancellationToken cancellation;
    private readonly string? again;

    private byte[] buffer;
    private byte[] unescaped = [];
    private CsvField[] fields = new CsvField[64];
    private int position;
    private int end;
    private bool atEnd;
    private bool started;
    private long line = 1;
    private long records;
    private int recordStart;
    private long recordLine;
    private int fieldCount;

    /// <summary>Reads from a stream.</summary>
    /// <param name="stream">The file's bytes, uncompressed; the caller keeps and closes it.</param>
    /// <param name="format">How the file is written.</param>
    /// <param name="file">The name of the file in faults.</param>
    /// <param name="limits">What the file may demand of memory.</param>
    /// <param name="cancellation">Ends reading: looked at before a part of the file is fetched, so that records cost nothing.</param>
    /// <param name="again">How to get the file again, for one that is damaged; null if that is not known.</param>
    public CsvReader(
        Stream stream,
        FileFormat format,
        string file,
        CsvLimits? limits = null,
        CancellationToken cancellation = default,
        string? again = null)
        : this(stream, format, file, limits ?? CsvLimits.Default, DefaultCapacity, cancellation, again)
    {
    }

    internal CsvReader(
        Stream stream,
        FileFormat format,
        string file,
        CsvLimits limits,
        int capacity,
        CancellationToken cancellation = default,
        string? again = null)
    {
        this.cancellation = cancellation;
        this.again = again;
        this.stream = stream;
        this.file = file;
        this.limits = limits;
        this.delimiter = checked((byte)format.Delimiter);
        this.quote = format.Quote is { } quote ? checked((byte)quote) : -1;
        this.trim = format.Trim;
        this.comment = format.Comment is { } comment ? Encoding.UTF8.GetBytes(comment) : [];
        this.buffer = ArrayPool<byte>.Shared.Rent(capacity + Padding);
    }

    private enum Scanned
    {
        Record,
        Nothing,
        MoreNeeded,
        End,
        Fault,
    }

    /// <summary>The record read last; valid until the next call of <see cref="Read"/>.</summary>
    public CsvRecord Current => new(
        this.buffer,
        this.unescaped,
        this.fields.AsSpan(0, this.fieldCount),
        this.file,
        this.recordStart,
        this.recordLine,
        this.records - 1);

    /// <summary>Why reading stopped before the end; null while it has not.</summary>
    public Fault? Fault { get; private set; }

    /// <summary>Goes on to the next record.</summary>
    /// <returns>What there is. After a fault, always that fault.</returns>
    /// <exception cref="OperationCanceledException">Cancellation was asked for.</exception>
    public CsvStep Read()
    {
        if (this.Fault is not null)
        {
            return CsvStep.Fault;
        }

        if (!this.started)
        {
            this.started = true;
            if (!this.LoadMore())
            {
                return CsvStep.Fault;
            }

            if (this.buffer.AsSpan(0, this.end).StartsWith("\uFEFF"u8))
            {
                this.position = 3;
            }
        }

        while (true)
        {
            switch (this.Scan())
            {
                case Scanned.Record:
                    this.records++;
                    return CsvStep.Record;
                case Scanned.End:
                    return CsvStep.End;
                case Scanned.Fault:
                case Scanned.MoreNeeded when !this.LoadMore():
                    return CsvStep.Fault;
            }
        }
    }

    /// <summary>Gives the buffers back; the stream stays open.</summary>
    public void Dispose()
    {
        foreach (var rented in (byte[][])[this.buffer, this.unescaped])
        {
            if (rented.Length > 0)
            {
                ArrayPool<byte>.Shared.Return(rented);
            }
        }

        (this.buffer, this.unescaped) = ([], []);
        (this.position, this.end, this.fieldCount) = (0, 0, 0);
        this.Fault ??= Fault.Run($"{this.file} was closed");
    }

    /// <summary>Moves the record begun to the front and fills the buffer, twice as large if it was full.</summary>
    private bool LoadMore()
    {
        var kept = this.end - this.position;
        if (kept > this.limits.RecordBytes)
        {
            var hint = this.quote < 0 ? "is this a text file with one record per line?" : "is a closing quote missing?";
            return this.Stop($"the record is longer than {this.limits.RecordBytes} bytes", new(this.file, this.line), hint);
        }

        // Rescanning a record from its start stays linear in total, since each time there is twice as much to scan.
        if (this.position == 0 && this.end == this.buffer.Length - Padding)
        {
            var larger = ArrayPool<byte>.Shared.Rent((this.buffer.Length * 2) + Padding);
            this.buffer.AsSpan(0, this.end).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(this.buffer);
            this.buffer = larger;
        }
        else if (this.position > 0)
        {
            this.buffer.AsSpan(this.position, kept).CopyTo(this.buffer);
            (this.position, this.end) = (0, kept);
        }

        try
        {
            while (this.end < this.buffer.Length - Padding)
            {
                this.cancellation.ThrowIfCancellationRequested();
                var count = this.stream.Read(this.buffer, this.end, this.buffer.Length - Padding - this.end);
                if (count == 0)
                {
                    this.atEnd = true;
                    break;
                }

                this.end += count;
            }

            return true;
        }
        catch (InvalidDataException e)
        {
            return this.Stop(e.Message, new(this.file), this.again);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return this.Stop($"reading failed: {e.Message}", new(this.file));
        }
    }

    private bool Stop(string what, FileLocation where, string? hint = null)
    {
        this.Fault = Fault.Data(what, where, hint);
        return false;
    }

    private Scanned StopAt(int place, string what, string? hint = null)
    {
        this.Stop(what, CsvPosition.Of(this.file, this.line, this.buffer.AsSpan(this.position..place)), hint);
        return Scanned.Fault;
    }

    /// <summary>From the start of a line: a record, a line to skip, or nothing decided, for want of data.</summary>
    private Scanned Scan()
    {
        if (this.position == this.end)
        {
            return this.atEnd ? Scanned.End : Scanned.MoreNeeded;
        }

        if (this.comment.Length > 0)
        {
            var seen = Math.Min(this.comment.Length, this.end - this.position);
            if (this.buffer.AsSpan(this.position, seen).SequenceEqual(this.comment.AsSpan(0, seen)))
            {
                if (seen == this.comment.Length)
                {
                    return this.SkipComment();
                }

                if (!this.atEnd)
                {
                    return Scanned.MoreNeeded;
                }
            }
        }

        var first = this.SkipBlanks(this.position);
        if (first == this.end)
        {
            this.position = this.atEnd ? this.end : this.position;
            return this.atEnd ? Scanned.End : Scanned.MoreNeeded;
        }

        return this.buffer[first] is (byte)'\n' or (byte)'\r'
            ? this.EndLine(first, 1) ? Scanned.Nothing : Scanned.MoreNeeded
            : this.ScanRecord();
    }

    /// <summary>Passes over a line that may be longer than the buffer, and is never held as a whole.</summary>
    private Scanned SkipComment()
    {
        while (true)
        {
            var length = this.buffer.AsSpan(this.position..this.end).IndexOfAny((byte)'\n', (byte)'\r');
            if (length >= 0 && this.EndLine(this.position + length, 1))
            {
                return Scanned.Nothing;
            }

            this.position = length < 0 ? this.end : this.position + length;
            if (this.atEnd)
            {
                return Scanned.Nothing;
            }

            if (!this.LoadMore())
            {
                return Scanned.Fault;
            }
        }
    }

    /// <summary>Takes the line end at a place; false if it is a CR after which the data do not show whether an LF follows.</summary>
    private bool EndLine(int place, int lines)
    {
        if (this.buffer[place] == '\r')
        {
            if (place + 1 == this.end && !this.atEnd)
            {
                return false;
            }

            place += place + 1 < this.end && this.buffer[place + 1] == '\n' ? 1 : 0;
        }

        this.position = place + 1;
        this.line += lines;
        return true;
    }

    private int SkipBlanks(int place)
    {
        if (this.trim)
        {
            while (place < this.end && this.IsBlank(this.buffer[place]))
            {
                place++;
            }
        }

        return place;
    }

    private bool IsBlank(byte value) => value is (byte)' ' or (byte)'\t' && value != this.delimiter;

    private Scanned ScanRecord()
    {
        var data = this.buffer;
        var end = this.end;
        var place = this.position;
        var block = place;
        var stops = this.Stops(block);
        var count = 0;
        var lineEnds = 1;
        var anyEscaped = false;
        while (true)
        {
            if (count == this.fields.Length)
            {
                if (count >= this.limits.Fields)
                {
                    return this.StopAt(place, $"the record has more than {this.limits.Fields} fields");
                }

                Array.Resize(ref this.fields, count * 2);
            }

            ref var field = ref this.fields[count++];
            var start = this.SkipBlanks(place);
            int stop;
            if (this.quote >= 0 && start < end && data[start] == this.quote)
            {
                var close = this.FindNearQuote(start, out var escaped);
                var certain = close >= 0;
                if (!certain)
                {
                    close = this.ScanQuoted(start, out escaped);
                }

                if (close < 0)
                {
                    return this.atEnd || end - start > this.limits.FieldBytes ? this.Unclosed(start) : Scanned.MoreNeeded;
                }

                field = new() { Start = start + 1, Length = close - start - 1, Raw = start, Escaped = escaped };
                anyEscaped |= escaped;
                lineEnds += certain ? 0 : CsvPosition.CountLineEnds(data.AsSpan(start, close - start));
                stop = this.SkipBlanks(close + 1);
                if (stop < end && !this.IsStop(data[stop]))
                {
                    return this.StopAt(stop, "text after a closing quote", "inside a quoted field, double the quote");
                }

                // The stops up to here were read as if outside quotes: forget them.
                if (stop - block >= Padding)
                {
                    block = stop;
                    stops = this.Stops(block);
                }

                stops &= (uint)(0xFFFFFFFFul << (stop - block + 1));
            }
            else
            {
                while (stops == 0 && block < end)
                {
                    block += Padding;
                    stops = this.Stops(block);
                }

                stop = stops == 0 ? end : block + BitOperations.TrailingZeroCount(stops);
                stops &= stops - 1;
                var last = stop;
                if (this.trim)
                {
                    while (last > start && this.IsBlank(data[last - 1]))
                    {
                        last--;
                    }
                }

                field = new() { Start = start, Length = last - start, Raw = start };
            }

            if (field.Length > this.limits.FieldBytes)
            {
                return this.TooLong(field.Raw);
            }

            if (stop == end)
            {
                if (!this.atEnd)
                {
                    return Scanned.MoreNeeded;
                }

                this.Finish(count, end, lineEnds - 1, anyEscaped);
                return Scanned.Record;
            }

            if (data[stop] != this.delimiter)
            {
                if (data[stop] == '\r' && stop + 1 == end && !this.atEnd)
                {
                    return Scanned.MoreNeeded;
                }

                this.Finish(count, stop, lineEnds, anyEscaped);
                return Scanned.Record;
            }

            place = stop + 1;
        }
    }

    private void Finish(int count, int stop, int lines, bool anyEscaped)
    {
        this.fieldCount = count;
        this.recordStart = this.position;
        this.recordLine = this.line;
        if (anyEscaped)
        {
            this.Unescape(stop - this.position);
        }

        if (stop < this.end)
        {
            this.EndLine(stop, lines);
        }
        else
        {
            this.position = stop;
            this.line += lines;
        }
    }

    /// <summary>The place of a closing quote, if it comes within 32 bytes and before any line end; -1 if it is not so simple.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int FindNearQuote(int start, out bool escaped)
    {
        escaped = false;
        if (start + 1 + Padding >= this.end)
        {
            return -1;
        }

        var bytes = Vector256.Create<byte>(this.buffer.AsSpan(start + 1, Padding));
        var quotes = Vector256.Equals(bytes, Vector256.Create((byte)this.quote)).ExtractMostSignificantBits();
        var lineEnds = (Vector256.Equals(bytes, Vector256.Create((byte)'\n')) | Vector256.Equals(bytes, Vector256.Create((byte)'\r')))
            .ExtractMostSignificantBits();
        var length = BitOperations.TrailingZeroCount(quotes);
        var close = start + 1 + length;
        return quotes != 0 && BitOperations.TrailingZeroCount(lineEnds) > length && this.buffer[close + 1] != this.quote ? close : -1;
    }

    /// <summary>The place of the closing quote, or -1 if the data end before it is certain.</summary>
    private int ScanQuoted(int start, out bool escaped)
    {
        escaped = false;
        var place = start + 1;
        while (true)
        {
            var length = this.buffer.AsSpan(place..this.end).IndexOf((byte)this.quote);
            var close = place + length;
            if (length < 0 || (close + 1 == this.end && !this.atEnd))
            {
                return -1;
            }

            if (close + 1 == this.end || this.buffer[close + 1] != this.quote)
            {
                return close;
            }

            escaped = true;
            place = close + 2;
        }
    }

    private Scanned Unclosed(int start) => this.end - start > this.limits.FieldBytes
        ? this.TooLong(start)
        : this.StopAt(start, "the quote that opens here is never closed", "close it, or double it if it belongs to the text");

    private Scanned TooLong(int start) => this.StopAt(
        start, $"the field is longer than {this.limits.FieldBytes} bytes", this.quote < 0 ? null : "is a closing quote missing?");

    /// <summary>Writes the texts with doubled quotes aside: the buffer stays as it was read, since places are computed from it.</summary>
    private void Unescape(int size)
    {
        size += Padding;
        if (this.unescaped.Length < size)
        {
            if (this.unescaped.Length > 0)
            {
                ArrayPool<byte>.Shared.Return(this.unescaped);
            }

            this.unescaped = ArrayPool<byte>.Shared.Rent(size);
        }

        var written = 0;
        foreach (ref var field in this.fields.AsSpan(0, this.fieldCount))
        {
            if (!field.Escaped)
            {
                continue;
            }

            var begin = written;
            var rest = this.buffer.AsSpan(field.Start, field.Length);
            for (int next; (next = rest.IndexOf((byte)this.quote)) >= 0; rest = rest[(next + 2)..])
            {
                rest[..(next + 1)].CopyTo(this.unescaped.AsSpan(written));
                written += next + 1;
            }

            rest.CopyTo(this.unescaped.AsSpan(written));
            written += rest.Length;
            (field.Start, field.Length) = (~begin, written - begin);
        }
    }

    private bool IsStop(byte value) => value is (byte)'\n' or (byte)'\r' || value == this.delimiter;

    /// <summary>One bit for each of the next 32 bytes that is a delimiter or ends a line.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private uint Stops(int block)
    {
        var left = this.end - block;
        if (left <= 0)
        {
            return 0;
        }

        // In bounds: the buffer has Padding more bytes than data.
        var bytes = Vector256.Create<byte>(this.buffer.AsSpan(block, Padding));
        var stops = (Vector256.Equals(bytes, Vector256.Create(this.delimiter))
            | Vector256.Equals(bytes, Vector256.Create((byte)'\n'))
            | Vector256.Equals(bytes, Vector256.Create((byte)'\r'))).ExtractMostSignificantBits();
        return left >= Padding ? stops : stops & ((1u << left) - 1);
    }
}
