using System.Text;

namespace Mmoe.Generators.Parsing;

/// <summary>What is wrong with a JSON text.</summary>
/// <param name="Message">The mistake, without a full stop.</param>
/// <param name="Span">The offending characters.</param>
/// <param name="Repeats">For a repeated property name: the name, and where it stood first.</param>
internal sealed record JsonError(string Message, JsonSpan Span, (string Name, JsonSpan First)? Repeats = null);

/// <summary>What a JSON text says, as far as it can be told.</summary>
/// <param name="Root">The value; null if the text breaks off or is no JSON at all.</param>
/// <param name="Errors">The mistakes in the order of the text.</param>
internal sealed record JsonTree(JsonNode? Root, IReadOnlyList<JsonError> Errors);

/// <summary>Reads strict JSON (RFC 8259) into nodes that know their place.</summary>
/// <remarks>
/// It never throws on any text. A slip whose meaning is plain (a comment, a comma too many or too few, an unescaped tab) is reported
/// and read past, so that one slip does not hide the rest of the file; anything else ends the reading.
/// </remarks>
internal sealed class JsonReader
{
    /// <summary>How many objects and arrays may be nested.</summary>
    public const int MaxDepth = 64;

    private readonly string text;
    private readonly CancellationToken cancellation;
    private readonly List<JsonError> errors = [];
    private int position;

    private JsonReader(string text, CancellationToken cancellation)
    {
        this.text = text;
        this.cancellation = cancellation;
    }

    /// <summary>Reads a text.</summary>
    public static JsonTree Read(string text, CancellationToken cancellation = default)
    {
        var reader = new JsonReader(text, cancellation);
        var root = reader.ReadDocument();
        return new(root, reader.errors);
    }

    private bool AtEnd => this.position >= this.text.Length;

    private char Current => this.text[this.position];

    private JsonNode? ReadDocument()
    {
        if (!this.AtEnd && this.Current == '\uFEFF')
        {
            this.position++;
        }

        this.SkipBlanks();
        var root = this.ReadValue(0);
        if (root is null)
        {
            return null;
        }

        this.SkipBlanks();
        if (!this.AtEnd)
        {
            this.Report("the text should end here, after its one value", JsonSpan.FromBounds(this.position, this.text.TrimEnd().Length));
        }

        return root;
    }

    // Null means that reading cannot go on; the reason is reported by then.
    private JsonNode? ReadValue(int depth)
    {
        this.cancellation.ThrowIfCancellationRequested();
        if (this.AtEnd)
        {
            return this.Stop("the text ends where a value should stand");
        }

        var start = this.position;
        switch (this.Current)
        {
            case '{' or '[' when depth == MaxDepth:
                return this.Stop($"objects and arrays are nested more than {MaxDepth} deep");
            case '{':
                return this.ReadObject(depth);
            case '[':
                return this.ReadArray(depth);
            case '"':
                return this.ReadText() is { } value ? new JsonString(this.Since(start), value) : null;
            case '-' or '+' or '.' or (>= '0' and <= '9'):
                return this.ReadNumber();
        }

        var word = this.PeekWord();
        this.position += word.Length;
        switch (word)
        {
            case "true" or "false":
                return new JsonBoolean(this.Since(start), word == "true");
            case "null":
                return new JsonNull(this.Since(start));
            case "":
                return this.Stop($"a value should stand here, not '{this.Current}'");
            default:
                this.Report($"'{word}' is no value; a text stands in double quotes", this.Since(start));
                return null;
        }
    }

    private JsonNode? ReadObject(int depth)
    {
        var start = this.position++;
        var properties = new List<JsonProperty>();
        var seen = new Dictionary<string, JsonSpan>(StringComparer.Ordinal);
        var comma = default(JsonSpan?);
        while (true)
        {
            this.SkipBlanks();
            if (this.AtEnd)
            {
                return this.Stop("the text ends inside an object; '}' is missing");
            }

            if (this.Current == '}')
            {
                this.position++;
                this.ReportTrailing(comma);
                return new JsonObject(this.Since(start), properties);
            }

            this.ReportMissingComma(properties.Count > 0 && comma is null);
            var nameStart = this.position;
            if (this.Current != '"')
            {
                return this.Stop($"a property name in double quotes should stand here, not '{this.Current}'");
            }

            if (this.ReadText() is not { } name)
            {
                return null;
            }

            var nameSpan = this.Since(nameStart);
            this.SkipBlanks();
            if (this.AtEnd || this.Current != ':')
            {
                return this.Stop("':' should stand here, between a property's name and its value");
            }

            this.position++;
            this.SkipBlanks();
            if (this.ReadValue(depth + 1) is not { } value)
            {
                return null;
            }

            if (seen.TryGetValue(name, out var first))
            {
                this.errors.Add(new($"the property '{name}' stands twice", nameSpan, (name, first)));
            }
            else
            {
                seen.Add(name, nameSpan);
            }

            properties.Add(new(name, nameSpan, value));
            comma = this.ReadComma();
        }
    }

    private JsonNode? ReadArray(int depth)
    {
        var start = this.position++;
        var items = new List<JsonNode>();
        var comma = default(JsonSpan?);
        while (true)
        {
            this.SkipBlanks();
            if (this.AtEnd)
            {
                return this.Stop("the text ends inside an array; ']' is missing");
            }

            if (this.Current == ']')
            {
                this.position++;
                this.ReportTrailing(comma);
                return new JsonArray(this.Since(start), items);
            }

            if (this.Current is '}' or ':' or ',')
            {
                return this.Stop($"a value or ']' should stand here, not '{this.Current}'");
            }

            this.ReportMissingComma(items.Count > 0 && comma is null);
            if (this.ReadValue(depth + 1) is not { } value)
            {
                return null;
            }

            items.Add(value);
            comma = this.ReadComma();
        }
    }

    private JsonSpan? ReadComma()
    {
        this.SkipBlanks();
        return !this.AtEnd && this.Current == ',' ? new JsonSpan(this.position++, 1) : null;
    }

    private void ReportTrailing(JsonSpan? comma)
    {
        if (comma is { } span)
        {
            this.Report("a comma too many: nothing follows it", span);
        }
    }

    private void ReportMissingComma(bool missing)
    {
        if (missing)
        {
            this.Report("a comma is missing before this", new(this.position, 1));
        }
    }

    private string? ReadText()
    {
        var start = this.position++;
        var builder = new StringBuilder();
        while (!this.AtEnd)
        {
            var character = this.Current;
            switch (character)
            {
                case '"':
                    this.position++;
                    return this.WellFormed(builder, this.Since(start));
                case '\\':
                    this.ReadEscape(builder);
                    break;
                case '\n' or '\r':
                    this.position = start;
                    this.Report("this text is not closed: '\"' is missing at its end", new(start, 1));
                    return null;
                case < ' ':
                    this.Report($"a control character in a text is written \\u{(int)character:x4}", new(this.position, 1));
                    goto default;
                default:
                    builder.Append(character);
                    this.position++;
                    break;
            }
        }

        this.Report("this text is not closed: '\"' is missing at its end", new(start, 1));
        return null;
    }

    private void ReadEscape(StringBuilder builder)
    {
        var start = this.position++;
        if (this.AtEnd)
        {
            return;
        }

        switch (this.text[this.position++])
        {
            case '"':
                builder.Append('"');
                return;
            case '\\':
                builder.Append('\\');
                return;
            case '/':
                builder.Append('/');
                return;
            case 'b':
                builder.Append('\b');
                return;
            case 'f':
                builder.Append('\f');
                return;
            case 'n':
                builder.Append('\n');
                return;
            case 'r':
                builder.Append('\r');
                return;
            case 't':
                builder.Append('\t');
                return;
            case 'u' when this.TryReadHex(out var code):
                builder.Append(code);
                return;
            case '\n' or '\r':
                // The text's end is missing; the caller says so.
                this.position--;
                return;
            default:
                this.Report(
                    "no such escape; accepted are \\\" \\\\ \\/ \\b \\f \\n \\r \\t and \\u with four hexadecimal digits",
                    this.Since(start));
                return;
        }
    }

    private bool TryReadHex(out char code)
    {
        var value = 0;
        for (var i = 0; i < 4; i++)
        {
            var digit = this.position + i < this.text.Length ? HexValue(this.text[this.position + i]) : -1;
            if (digit < 0)
            {
                code = default;
                return false;
            }

            value = (value * 16) + digit;
        }

        this.position += 4;
        code = (char)value;
        return true;
    }

    private static int HexValue(char digit) => digit switch
    {
        >= '0' and <= '9' => digit - '0',
        >= 'a' and <= 'f' => digit - 'a' + 10,
        >= 'A' and <= 'F' => digit - 'A' + 10,
        _ => -1,
    };

    // Files are UTF-8, where a lone surrogate has no form: such a text could never be met, and two of them would have one checksum.
    private string WellFormed(StringBuilder builder, JsonSpan span)
    {
        var broken = false;
        for (var i = 0; i < builder.Length; i++)
        {
            if (!char.IsSurrogate(builder[i]))
            {
                continue;
            }

            if (char.IsHighSurrogate(builder[i]) && i + 1 < builder.Length && char.IsLowSurrogate(builder[i + 1]))
            {
                i++;
                continue;
            }

            builder[i] = '\uFFFD';
            broken = true;
        }

        if (broken)
        {
            this.Report("this text holds half of a surrogate pair, which is no character", span);
        }

        return builder.ToString();
    }

    private JsonNode ReadNumber()
    {
        var start = this.position;
        while (!this.AtEnd && this.Current is '-' or '+' or '.' or 'e' or 'E' or (>= '0' and <= '9'))
        {
            this.position++;
        }

        var span = this.Since(start);
        var raw = this.text.Substring(start, span.Length);
        if (IsNumber(raw))
        {
            return new JsonNumber(span, raw);
        }

        this.Report($"'{raw}' is no number as JSON writes them", span);
        return new JsonNumber(span, "0");
    }

    private static bool IsNumber(string raw)
    {
        var at = raw[0] == '-' ? 1 : 0;
        var whole = SkipDigits(raw, ref at);
        if (whole == 0 || (whole > 1 && raw[at - whole] == '0'))
        {
            return false;
        }

        if (at < raw.Length && raw[at] == '.')
        {
            at++;
            if (SkipDigits(raw, ref at) == 0)
            {
                return false;
            }
        }

        if (at < raw.Length && raw[at] is 'e' or 'E')
        {
            at++;
            at += at < raw.Length && raw[at] is '+' or '-' ? 1 : 0;
            if (SkipDigits(raw, ref at) == 0)
            {
                return false;
            }
        }

        return at == raw.Length;
    }

    private static int SkipDigits(string raw, ref int at)
    {
        var start = at;
        while (at < raw.Length && raw[at] is >= '0' and <= '9')
        {
            at++;
        }

        return at - start;
    }

    private string PeekWord()
    {
        var end = this.position;
        while (end < this.text.Length && this.text[end] is '_' or (>= 'a' and <= 'z') or (>= 'A' and <= 'Z') or (>= '0' and <= '9'))
        {
            end++;
        }

        return this.text.Substring(this.position, end - this.position);
    }

    private void SkipBlanks()
    {
        while (!this.AtEnd)
        {
            switch (this.Current)
            {
                case ' ' or '\t' or '\n' or '\r':
                    this.position++;
                    break;
                case '/' when this.position + 1 < this.text.Length && this.text[this.position + 1] is '/' or '*':
                    this.SkipComment();
                    break;
                default:
                    return;
            }
        }
    }

    private void SkipComment()
    {
        var start = this.position;
        var block = this.text[start + 1] == '*';
        var end = block
            ? this.text.IndexOf("*/", start + 2, StringComparison.Ordinal)
            : this.text.IndexOf('\n', start + 2);
        this.position = end < 0 ? this.text.Length : block ? end + 2 : end;
        this.Report("JSON has no comments", this.Since(start));
    }

    private JsonSpan Since(int start) => JsonSpan.FromBounds(start, this.position);

    private void Report(string message, JsonSpan span) => this.errors.Add(new(message, span));

    private JsonNode? Stop(string message)
    {
        this.Report(message, new(Math.Min(this.position, this.text.Length), this.AtEnd ? 0 : 1));
        return null;
    }
}
