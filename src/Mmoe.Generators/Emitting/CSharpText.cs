using System.Globalization;
using System.Text;

namespace Mmoe.Generators.Emitting;

/// <summary>Texts of a schema as C# literals and as XML comments.</summary>
internal static class CSharpText
{
    /// <summary>A string literal.</summary>
    public static string Literal(string text)
    {
        var builder = new StringBuilder(text.Length + 2).Append('"');
        AppendEscaped(builder, text);
        return builder.Append('"').ToString();
    }

    /// <summary>A string literal, or <c>null</c>.</summary>
    public static string LiteralOrNull(string? text) => text is null ? "null" : Literal(text);

    /// <summary>A character literal.</summary>
    public static string Literal(char value) => value switch
    {
        '\'' => "'\\''",
        '"' => "'\"'",
        _ => $"'{Literal(value.ToString()).Trim('"')}'",
    };

    /// <summary>A number in digits.</summary>
    public static string Literal(int value) => value.ToString(CultureInfo.InvariantCulture);

    /// <summary><c>true</c> or <c>false</c>.</summary>
    public static string Literal(bool value) => value ? "true" : "false";

    /// <summary>A list of numbers, without brackets.</summary>
    public static string List(IEnumerable<int> values) => string.Join(", ", values.Select(Literal));

    /// <summary>A list of texts, without brackets.</summary>
    public static string List(IEnumerable<string> values) => string.Join(", ", values.Select(Literal));

    /// <summary>A text inside an XML comment: on one line, well-formed whatever it holds.</summary>
    public static string Doc(string text)
    {
        var builder = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            switch (c)
            {
                case '<':
                    builder.Append("&lt;");
                    break;
                case '>':
                    builder.Append("&gt;");
                    break;
                case '&':
                    builder.Append("&amp;");
                    break;
                case '\n' or '\r' or '\t':
                    builder.Append(' ');
                    break;
                default:
                    Append(builder, text, ref i);
                    break;
            }
        }

        return builder.ToString();
    }

    /// <summary>A value as code inside an XML comment; the empty one in words.</summary>
    public static string DocValue(string text) => text.Length == 0 ? "The empty text" : $"<c>{Doc(text)}</c>";

    /// <summary>A text with a full stop at its end.</summary>
    public static string Sentence(string text)
    {
        var trimmed = text.Trim(' ', '\t', '\n', '\r');
        return trimmed.Length == 0 || trimmed[trimmed.Length - 1] is '.' or '!' or '?' or '。' ? trimmed : trimmed + ".";
    }

    private static void AppendEscaped(StringBuilder builder, string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            switch (text[i])
            {
                case '"':
                    builder.Append("\\\"");
                    break;
                case '\\':
                    builder.Append("\\\\");
                    break;
                case '\n':
                    builder.Append("\\n");
                    break;
                case '\r':
                    builder.Append("\\r");
                    break;
                case '\t':
                    builder.Append("\\t");
                    break;
                default:
                    Append(builder, text, ref i);
                    break;
            }
        }
    }

    private static void Append(StringBuilder builder, string text, ref int at)
    {
        var c = text[at];
        if (char.IsHighSurrogate(c) && at + 1 < text.Length && char.IsLowSurrogate(text[at + 1]))
        {
            builder.Append(c).Append(text[++at]);
        }
        else if (IsInvisible(c))
        {
            builder.Append("\\u").Append(((int)c).ToString("x4", CultureInfo.InvariantCulture));
        }
        else
        {
            builder.Append(c);
        }
    }

    // Line breaks that C# knows, control characters, and what changes the look of a line without being seen.
    private static bool IsInvisible(char c) =>
        c is < ' ' or (>= '\u007F' and <= '\u00A0') or '\u00AD' or (>= '\u200B' and <= '\u200F') or (>= '\u2028' and <= '\u202E')
            or (>= '\u2060' and <= '\u206F') or (>= '\uD800' and <= '\uDFFF') or '\uFEFF' or (>= '\uFFF0' and <= '\uFFFF');
}
