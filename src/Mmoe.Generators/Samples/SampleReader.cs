using Mmoe.Generators.Models;
using Mmoe.Generators.Parsing;

namespace Mmoe.Generators.Samples;

/// <summary>A field of a record.</summary>
/// <param name="Place">The characters that stand for it in the file, quotes included and trimmed blanks not.</param>
/// <param name="Text">The characters of its text in the file.</param>
/// <param name="Escaped">Whether quotes in the text are doubled.</param>
internal readonly record struct SampleField(JsonSpan Place, JsonSpan Text, bool Escaped);

/// <summary>Why a sample cannot be read on.</summary>
/// <param name="Span">The offending characters.</param>
/// <param name="Message">What is wrong, without a full stop.</param>
internal sealed record SampleFault(JsonSpan Span, string Message);

/// <summary>Reads the records of a CSV text with the places of their fields.</summary>
/// <remarks>
/// The records are those that <c>Mmoe.Data.CsvReader</c> reads, the limits are its limits, and it stops where that one stops: a property of
/// both is tested. That one works in bytes of a stream and with vectors, which .NET Standard 2.0 lacks; this one in characters of a text
/// that the compiler has decoded, and whose byte order mark it has taken off.
/// </remarks>
/// <param name="text">The text.</param>
/// <param name="format">How it is written.</param>
internal sealed class SampleReader(string text, FormatModel format)
{
    /// <summary>The longest field in bytes of UTF-8.</summary>
    public const int MaxFieldBytes = FieldSyntax.MaxBytes;

    /// <summary>The most fields of a record.</summary>
    public const int MaxFields = 1 << 16;

    private readonly char[] stops = ['\n', '\r', format.Delimiter];
    private readonly List<SampleField> fields = [];
    private int position;

    /// <summary>The fields of the record read last.</summary>
    public IReadOnlyList<SampleField> Fields => this.fields;

    /// <summary>Why reading stopped before the end; null while it has not.</summary>
    public SampleFault? Fault { get; private set; }

    /// <summary>The record read last, from its first field to its last.</summary>
    public JsonSpan Record => JsonSpan.FromBounds(this.fields[0].Place.Start, this.fields[this.fields.Count - 1].Place.End);

    /// <summary>A field's text, trimmed and unquoted as the format says.</summary>
    public string Text(int field)
    {
        var place = this.fields[field].Text;
        var raw = text.Substring(place.Start, place.Length);
        return this.fields[field].Escaped ? raw.Replace($"{format.Quote}{format.Quote}", $"{format.Quote}") : raw;
    }

    /// <summary>Goes on to the next record; false at the end of the text and at a fault.</summary>
    public bool Read()
    {
        this.fields.Clear();
        while (this.Fault is null && this.position < text.Length)
        {
            var isComment = format.Comment is { Length: > 0 } comment
                && string.CompareOrdinal(text, this.position, comment, 0, comment.Length) == 0;
            var first = this.SkipBlanks(this.position);
            if (isComment)
            {
                var end = text.IndexOfAny(['\n', '\r'], this.position);
                this.position = end < 0 ? text.Length : this.AfterLineEnd(end);
            }
            else if (first == text.Length)
            {
                this.position = first;
            }
            else if (text[first] is '\n' or '\r')
            {
                this.position = this.AfterLineEnd(first);
            }
            else
            {
                return this.ReadRecord();
            }
        }

        return false;
    }

    private bool ReadRecord()
    {
        var place = this.position;
        while (true)
        {
            if (this.fields.Count == MaxFields)
            {
                return this.Stop(new(place, 0), $"the record has more than {SchemaReport.Number(MaxFields)} fields");
            }

            var start = this.SkipBlanks(place);
            if ((start < text.Length && text[start] == format.Quote ? this.ReadQuoted(start) : this.ReadPlain(start)) is not { } end)
            {
                return false;
            }

            if (end < text.Length && text[end] == format.Delimiter)
            {
                place = end + 1;
                continue;
            }

            this.position = end < text.Length ? this.AfterLineEnd(end) : end;
            return true;
        }
    }

    /// <summary>Takes a field without quotes; the place of the delimiter or line end after it, or null after a fault.</summary>
    private int? ReadPlain(int start)
    {
        var stop = text.IndexOfAny(this.stops, start);
        stop = stop < 0 ? text.Length : stop;
        var last = stop;
        while (format.Trim && last > start && this.IsBlank(text[last - 1]))
        {
            last--;
        }

        var span = JsonSpan.FromBounds(start, last);
        return this.Add(new(span, span, Escaped: false)) ? stop : null;
    }

    /// <summary>Takes a field in quotes; the place of the delimiter or line end after it, or null after a fault.</summary>
    private int? ReadQuoted(int start)
    {
        var quote = format.Quote!.Value;
        var escaped = false;
        var close = text.IndexOf(quote, start + 1);
        while (close >= 0 && close + 1 < text.Length && text[close + 1] == quote)
        {
            escaped = true;
            close = close + 2 < text.Length ? text.IndexOf(quote, close + 2) : -1;
        }

        if (close < 0)
        {
            this.Stop(
                new(start, 1),
                IsTooLong(text, JsonSpan.FromBounds(start, text.Length))
                    ? TooLong(isQuoted: true)
                    : "the quote that opens here is never closed; close it, or double it if it belongs to the text");
            return null;
        }

        var stop = this.SkipBlanks(close + 1);
        if (stop < text.Length && text[stop] is not ('\n' or '\r') && text[stop] != format.Delimiter)
        {
            this.Stop(new(stop, 1), "text after a closing quote; inside a quoted field, double the quote");
            return null;
        }

        return this.Add(new(JsonSpan.FromBounds(start, close + 1), JsonSpan.FromBounds(start + 1, close), escaped)) ? stop : null;
    }

    private bool Add(SampleField field)
    {
        if (IsTooLong(text, field.Text))
        {
            return this.Stop(new(field.Place.Start, 1), TooLong(format.Quote is not null));
        }

        this.fields.Add(field);
        return true;
    }

    // A UTF-16 character takes one to three bytes of UTF-8, half of a pair two: most fields need not be counted.
    private static bool IsTooLong(string text, JsonSpan span)
    {
        if (span.Length <= MaxFieldBytes / 3)
        {
            return false;
        }

        var bytes = 0;
        for (var i = span.Start; i < span.End && bytes <= MaxFieldBytes; i++)
        {
            bytes += text[i] < 0x80 ? 1 : text[i] < 0x800 || char.IsSurrogate(text[i]) ? 2 : 3;
        }

        return bytes > MaxFieldBytes;
    }

    private static string TooLong(bool isQuoted) =>
        $"the field is longer than {SchemaReport.Number(MaxFieldBytes)} bytes{(isQuoted ? "; is a closing quote missing?" : "")}";

    private bool Stop(JsonSpan span, string message)
    {
        this.fields.Clear();
        this.Fault = new(span, message);
        return false;
    }

    private int SkipBlanks(int place)
    {
        while (format.Trim && place < text.Length && this.IsBlank(text[place]))
        {
            place++;
        }

        return place;
    }

    private bool IsBlank(char c) => c is ' ' or '\t' && c != format.Delimiter;

    private int AfterLineEnd(int place) =>
        text[place] == '\r' && place + 1 < text.Length && text[place + 1] == '\n' ? place + 2 : place + 1;
}
