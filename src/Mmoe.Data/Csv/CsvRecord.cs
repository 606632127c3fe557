using System.Text;

namespace Mmoe.Data;

/// <summary>One record of a CSV file, over the reader's buffer: valid until the next record is read.</summary>
public readonly ref struct CsvRecord
{
    private readonly ReadOnlySpan<byte> buffer;
    private readonly ReadOnlySpan<byte> unescaped;
    private readonly ReadOnlySpan<CsvField> fields;
    private readonly string file;
    private readonly int start;

    internal CsvRecord(
        ReadOnlySpan<byte> buffer,
        ReadOnlySpan<byte> unescaped,
        ReadOnlySpan<CsvField> fields,
        string file,
        int start,
        long line,
        long index)
    {
        this.buffer = buffer;
        this.unescaped = unescaped;
        this.fields = fields;
        this.file = file;
        this.start = start;
        this.Line = line;
        this.Index = index;
    }

    /// <summary>The number of fields.</summary>
    public int Count => this.fields.Length;

    /// <summary>The line on which the record starts, from 1.</summary>
    public long Line { get; }

    /// <summary>The number of records before this one; comments and blank lines are none.</summary>
    public long Index { get; }

    /// <summary>A field's text in UTF-8, trimmed and unquoted as the format says.</summary>
    /// <exception cref="IndexOutOfRangeException">There is no such field.</exception>
    public ReadOnlySpan<byte> this[int field]
    {
        get
        {
            ref readonly var place = ref this.fields[field];
            return place.Start >= 0 ? this.buffer.Slice(place.Start, place.Length) : this.unescaped.Slice(~place.Start, place.Length);
        }
    }

    /// <summary>A field's text; what is not UTF-8 becomes U+FFFD.</summary>
    public string Text(int field) => Encoding.UTF8.GetString(this[field]);

    /// <summary>Where the record starts.</summary>
    public FileLocation Locate() => new(this.file, this.Line);

    /// <summary>Where a field starts: its first character, which is the quotation mark of a quoted field.</summary>
    public FileLocation Locate(int field) =>
        CsvPosition.Of(this.file, this.Line, this.buffer[this.start..this.fields[field].Raw]);
}

/// <summary>The place of a field's text.</summary>
internal struct CsvField
{
    /// <summary>The start in the buffer, or the complement of the start among the unescaped texts.</summary>
    public int Start;

    /// <summary>The length in bytes.</summary>
    public int Length;

    /// <summary>Where the field starts in the buffer, its quotation mark included.</summary>
    public int Raw;

    /// <summary>Whether the text in the buffer still holds doubled quotes.</summary>
    public bool Escaped;
}

/// <summary>From bytes to lines and columns, when a fault needs them.</summary>
internal static class CsvPosition
{
    /// <summary>The place after <paramref name="before"/>, which starts at the beginning of a line.</summary>
    public static FileLocation Of(string file, long line, ReadOnlySpan<byte> before)
    {
        while (SkipLine(before) is >= 0 and var next)
        {
            line++;
            before = before[next..];
        }

        return new(file, line, Encoding.UTF8.GetCharCount(before) + 1);
    }

    /// <summary>The number of line ends; CR LF is one.</summary>
    public static int CountLineEnds(ReadOnlySpan<byte> text)
    {
        var count = 0;
        for (; SkipLine(text) is >= 0 and var next; text = text[next..])
        {
            count++;
        }

        return count;
    }

    private static int SkipLine(ReadOnlySpan<byte> text)
    {
        var end = text.IndexOfAny((byte)'\r', (byte)'\n');
        return end < 0 ? -1 : text[end] == '\r' && end + 1 < text.Length && text[end + 1] == '\n' ? end + 2 : end + 1;
    }
}
