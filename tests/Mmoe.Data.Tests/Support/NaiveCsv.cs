using System.Text;

namespace Mmoe.Data.Tests;

/// <summary>A field as the naive parser sees it.</summary>
internal sealed record NaiveField(string Text, long Line, int Column);

/// <summary>
/// CSV one character at a time over a whole string, written without a look at the reader: what the reader must agree with.
/// </summary>
internal static class NaiveCsv
{
    /// <summary>The records, and the message of the error that ended reading, if one did.</summary>
    public static (List<List<NaiveField>> Records, string? Error) Parse(string text, FileFormat format)
    {
        var records = new List<List<NaiveField>>();
        var at = text.StartsWith('\uFEFF') ? 1 : 0;
        long line = 1;
        while (at < text.Length)
        {
            var lineStart = at;
            var lineEnd = text.IndexOfAny(['\r', '\n'], at);
            var rest = text[at..(lineEnd < 0 ? text.Length : lineEnd)];
            var isBlank = format.Trim ? rest.All(c => IsBlank(c, format)) : rest.Length == 0;
            if (isBlank || (format.Comment is { Length: > 0 } && rest.StartsWith(format.Comment, StringComparison.Ordinal)))
            {
                at = lineEnd < 0 ? text.Length : AfterLineEnd(text, lineEnd);
                line++;
                continue;
            }

            var record = new List<NaiveField>();
            while (true)
            {
                while (format.Trim && at < text.Length && IsBlank(text[at], format))
                {
                    at++;
                }

                var (fieldLine, fieldColumn) = (line, at - lineStart + 1);
                var value = new StringBuilder();
                if (at < text.Length && text[at] == format.Quote)
                {
                    at++;
                    while (true)
                    {
                        if (at == text.Length)
                        {
                            return (records, $"{fieldLine}:{fieldColumn}: the quote that opens here is never closed");
                        }

                        if (text[at] == format.Quote && at + 1 < text.Length && text[at + 1] == format.Quote)
                        {
                            value.Append(text[at]);
                            at += 2;
                        }
                        else if (text[at] == format.Quote)
                        {
                            at++;
                            break;
                        }
                        else if (text[at] is '\r' or '\n')
                        {
                            var next = AfterLineEnd(text, at);
                            value.Append(text, at, next - at);
                            at = lineStart = next;
                            line++;
                        }
                        else
                        {
                            value.Append(text[at++]);
                        }
                    }

                    while (format.Trim && at < text.Length && IsBlank(text[at], format))
                    {
                        at++;
                    }

                    if (at < text.Length && text[at] is not ('\r' or '\n') && text[at] != format.Delimiter)
                    {
                        return (records, $"{line}:{at - lineStart + 1}: text after a closing quote");
                    }
                }
                else
                {
                    while (at < text.Length && text[at] is not ('\r' or '\n') && text[at] != format.Delimiter)
                    {
                        value.Append(text[at++]);
                    }

                    while (format.Trim && value.Length > 0 && IsBlank(value[^1], format))
                    {
                        value.Length--;
                    }
                }

                record.Add(new(value.ToString(), fieldLine, fieldColumn));
                if (at == text.Length || text[at] != format.Delimiter)
                {
                    break;
                }

                at++;
            }

            records.Add(record);
            if (at < text.Length)
            {
                at = AfterLineEnd(text, at);
                line++;
            }
        }

        return (records, null);
    }

    private static bool IsBlank(char c, FileFormat format) => c is ' ' or '\t' && c != format.Delimiter;

    private static int AfterLineEnd(string text, int at) =>
        text[at] == '\r' && at + 1 < text.Length && text[at + 1] == '\n' ? at + 2 : at + 1;
}
