using System.Text;

namespace Mmoe.Testing;

/// <summary>Laws of the vocabularies of a dataset.</summary>
internal static class VocabularyLaws
{
    public static IEnumerable<string> Codes(DatasetDescriptor descriptor) =>
        Of(descriptor).SelectMany(v => Codes(v.Column, v.Texts, v.Values.IndexOf, v.Values.IndexOf));

    public static IEnumerable<string> Strangers(DatasetDescriptor descriptor) =>
        Of(descriptor).SelectMany(v => Strangers(v.Column, v.Texts, v.Values.IndexOf, v.Values.IndexOf));

    /// <summary>The law of codes over any search: a vocabulary itself cannot be made to break it.</summary>
    internal static IEnumerable<string> Codes(string column, string[] texts, IndexOfUtf16 utf16, IndexOfUtf8 utf8) =>
        from value in texts.Select((text, code) => (Text: text, Code: code))
        let found = Search(value.Text, utf16, utf8)
        where found != (value.Code, value.Code)
        select $"column '{column}': '{value.Text}' is value {value.Code}, {Found(found)}";

    /// <summary>The law of strangers over any search.</summary>
    internal static IEnumerable<string> Strangers(string column, string[] texts, IndexOfUtf16 utf16, IndexOfUtf8 utf8) =>
        from stranger in texts.SelectMany(Near).Append("").Except(texts, StringComparer.Ordinal)
        let found = Search(stranger, utf16, utf8)
        where found != (-1, -1)
        select $"column '{column}': '{stranger}' is no value, {Found(found)}";

    /// <summary>What a hand slips to: something added, something left out, another letter case.</summary>
    private static string[] Near(string text) =>
        [text + '\u0001', ' ' + text, text.ToUpperInvariant(), text.ToLowerInvariant(), WithoutLast(text)];

    private static string WithoutLast(string text) =>
        text.Length == 0 ? "" : text[..^(text.Length > 1 && char.IsLowSurrogate(text[^1]) ? 2 : 1)];

    private static (int Utf16, int Utf8) Search(string text, IndexOfUtf16 utf16, IndexOfUtf8 utf8) =>
        (utf16(text), utf8(Encoding.UTF8.GetBytes(text)));

    private static string Found((int Utf16, int Utf8) found) => $"found at {found.Utf16} by UTF-16 and at {found.Utf8} by UTF-8";

    private static IEnumerable<(string Column, string[] Texts, Vocabulary Values)> Of(DatasetDescriptor descriptor) =>
        from column in descriptor.Columns
        let vocabulary = column.VocabularyOrNull()
        where vocabulary is not null
        select (column.Name, vocabulary.Texts.ToArray(), vocabulary);

    /// <summary>The code of a text, or -1.</summary>
    internal delegate int IndexOfUtf16(ReadOnlySpan<char> text);

    /// <summary>The code of a text in UTF-8, or -1.</summary>
    internal delegate int IndexOfUtf8(ReadOnlySpan<byte> utf8);
}
