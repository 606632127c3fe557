using System.Globalization;
using System.Text;

namespace Mmoe.Training;

/// <summary>Writes texts as YAML from which they are read again.</summary>
internal static class YamlText
{
    /// <summary>A key's text: a list in brackets as a list, all else as a scalar.</summary>
    public static string Of(string text)
    {
        // Whether it is meant as a list is the key's to say; so it becomes one only where the list is read as the same text again.
        string[]? elements = text == "[]" ? [] : text is ['[', .., ']'] ? text[1..^1].Split(", ") : null;
        return elements?.All(e => !string.IsNullOrWhiteSpace(e) && !e.Contains(',', StringComparison.Ordinal)) == true
            ? $"[{string.Join(", ", elements.Select(e => Scalar(e, isInList: true)))}]"
            : Scalar(text, isInList: false);
    }

    private static string Scalar(string text, bool isInList) =>
        IsPlain(text, isInList) ? text
        : text.Any(c => char.IsControl(c) || c is '\u2028' or '\u2029' or '\uFEFF') ? DoubleQuoted(text)
        : $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";

    // Less than YAML allows, and all that numbers and usual names need.
    private static bool IsPlain(string text, bool isInList) =>
        text.Length > 0
        && text is not ("null" or "Null" or "NULL")
        && (char.IsLetterOrDigit(text[0]) || (text[0] is '-' or '+' or '.' or '_' && text.Length > 1 && char.IsLetterOrDigit(text[1])))
        && text[^1] is not (' ' or ':')
        && text.All(c => char.IsLetterOrDigit(c) || " _-+.:=*/()<>".Contains(c, StringComparison.Ordinal) || (c == ',' && !isInList))
        && !text.Contains(": ", StringComparison.Ordinal);

    private static string DoubleQuoted(string text)
    {
        var quoted = new StringBuilder("\"");
        foreach (var rune in text.EnumerateRunes())
        {
            _ = rune.Value is '"' or '\\' ? quoted.Append('\\').Append(rune)
                : rune.IsAscii && !Rune.IsControl(rune) ? quoted.Append(rune)
                : quoted.Append(CultureInfo.InvariantCulture, $"\\U{rune.Value:X8}");
        }

        return quoted.Append('"').ToString();
    }
}
