using System.Text;

namespace Mmoe;

/// <summary>Why no file can hold a text as a field.</summary>
internal enum FieldObstacle
{
    /// <summary>It is longer than a field may be.</summary>
    Length,

    /// <summary>It holds the delimiter, which ends a field.</summary>
    Delimiter,

    /// <summary>It holds a line break, which ends a record.</summary>
    LineBreak,

    /// <summary>It starts or ends with a blank, which is trimmed.</summary>
    Blanks,

    /// <summary>It is a record's only field, and a line without text is skipped.</summary>
    EmptyLine,

    /// <summary>It starts a line that is skipped as a comment.</summary>
    Comment,
}

/// <summary>How a text is written as a field of a file, so that the reader gives back that very text.</summary>
/// <remarks>
/// This one file is compiled into the generator, which refuses a value that no file can hold, and into Mmoe.Data, which writes the values:
/// what one refuses, the other cannot write. That the reader agrees is a matter of tests.
/// </remarks>
/// <param name="Delimiter">The character between fields.</param>
/// <param name="Quote">The character around quoted fields; null if there is no quoting.</param>
/// <param name="Comment">A line that starts with this text is skipped; null if there are no comments.</param>
/// <param name="Trim">Whether blanks at both ends of an unquoted field are taken off.</param>
internal readonly record struct FieldSyntax(char Delimiter, char? Quote, string? Comment, bool Trim)
{
    /// <summary>The longest field in bytes, doubled quotes counted twice.</summary>
    public const int MaxBytes = 1 << 20;

    private const char ByteOrderMark = '\uFEFF';

    /// <summary>The text as it stands in a file, quoted if it must be; null if no file can hold it at that place.</summary>
    /// <param name="text">The text.</param>
    /// <param name="first">Whether it is the first field of a record, and so the start of a line.</param>
    /// <param name="only">Whether a record has no other field.</param>
    public string? Write(string text, bool first, bool only)
    {
        var plain = this.IsPlain(text) ? text : null;
        if (plain is not null && this.IsRead(plain, first, only) && !this.LooksOdd(plain, first))
        {
            return plain;
        }

        // A blank before a line's first field keeps the line from starting with the comment, or the file with a byte order mark.
        var quoted = this.Quoted(text);
        var blank = !first || !this.Trim ? null : this.Delimiter == ' ' ? "\t" : " ";
        foreach (var field in new[] { quoted, plain is null ? null : blank + plain, plain, quoted is null ? null : blank + quoted })
        {
            if (field is not null && this.IsRead(field, first, only))
            {
                return field;
            }
        }

        return null;
    }

    /// <summary>
    /// The text as it stands in a file that appends a suffix to it, which is taken off once if it is there; null if no file can hold it.
    /// </summary>
    public string? Write(string text, string suffix, bool first, bool only) =>
        this.Write(text + suffix, first, only)
        ?? (suffix.Length == 0 || text.EndsWith(suffix, StringComparison.Ordinal) ? null : this.Write(text, first, only));

    /// <summary>Why a text cannot be written.</summary>
    public FieldObstacle Obstacle(string text, bool only) =>
        Encoding.UTF8.GetByteCount(text) > MaxBytes ? FieldObstacle.Length
        : this.CanQuote ? this.IsPlain(text) || this.Quoted(text) is not null ? FieldObstacle.Comment : FieldObstacle.Length
        : text.IndexOf(this.Delimiter) >= 0 ? FieldObstacle.Delimiter
        : HoldsLineBreak(text) ? FieldObstacle.LineBreak
        : this.IsTrimmed(text) ? FieldObstacle.Blanks
        : text.Length == 0 && only ? FieldObstacle.EmptyLine
        : FieldObstacle.Comment;

    /// <summary>Whether a field of a file can end with a text; if not, why.</summary>
    public FieldObstacle? ObstacleAtEnd(string text) =>
        Encoding.UTF8.GetByteCount(text) > MaxBytes ? FieldObstacle.Length
        : this.CanQuote ? null
        : text.IndexOf(this.Delimiter) >= 0 ? FieldObstacle.Delimiter
        : HoldsLineBreak(text) ? FieldObstacle.LineBreak
        : this.Trim && text.Length > 0 && this.IsBlank(text[text.Length - 1]) ? FieldObstacle.Blanks
        : null;

    /// <summary>Whether the reader skips a line: a comment, or one without text.</summary>
    /// <param name="line">A record without its line end.</param>
    public bool IsSkipped(string line) =>
        (this.Comment is { Length: > 0 } comment && line.StartsWith(comment, StringComparison.Ordinal))
        || (this.Trim ? line.All(this.IsBlank) : line.Length == 0);

    /// <summary>A text in quotes; null if there are none, or it is too long.</summary>
    public string? Quoted(string text)
    {
        if (!this.CanQuote)
        {
            return null;
        }

        var quote = this.Quote!.Value.ToString();
        var inner = text.Replace(quote, quote + quote);
        return Encoding.UTF8.GetByteCount(inner) > MaxBytes ? null : quote + inner + quote;
    }

    // A quote that is a blank is trimmed away before it is seen.
    private bool CanQuote => this.Quote is { } quote && !(this.Trim && this.IsBlank(quote));

    private bool IsBlank(char c) => c is ' ' or '\t' && c != this.Delimiter;

    private bool IsTrimmed(string text) => this.Trim && text.Length > 0 && (this.IsBlank(text[0]) || this.IsBlank(text[text.Length - 1]));

    private static bool HoldsLineBreak(string text) => text.IndexOf('\n') >= 0 || text.IndexOf('\r') >= 0;

    private bool IsPlain(string text) =>
        text.IndexOf(this.Delimiter) < 0
        && !HoldsLineBreak(text)
        && !this.IsTrimmed(text)
        && !(this.CanQuote && text.Length > 0 && text[0] == this.Quote)
        && Encoding.UTF8.GetByteCount(text) <= MaxBytes;

    // Read as it is, but better written otherwise: a quote inside may puzzle other programs; a file may start with this field.
    private bool LooksOdd(string text, bool first) =>
        (this.CanQuote && text.IndexOf(this.Quote!.Value) >= 0) || (first && text.Length > 0 && text[0] == ByteOrderMark);

    private bool IsRead(string field, bool first, bool only) => !first || !this.IsSkipped(only ? field : field + this.Delimiter);
}
