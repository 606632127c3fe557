using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Mmoe.Generators.Parsing;

/// <summary>
/// Makes C# identifiers of texts: readable, valid, and the same on every host.
/// </summary>
/// <remarks>
/// <para>
/// Words are runs of letters and digits; each starts upper-case and the rest stays as written. Blanks, <c>_</c>, <c>-</c>, <c>/</c> and
/// other punctuation separate words; quotes and apostrophes vanish. Signs that carry meaning are spelled: <c>?</c> (alone)
/// QuestionMark, <c>&lt;</c> LessThan, <c>&lt;=</c> AtMost, <c>&gt;</c> MoreThan, <c>&gt;=</c> AtLeast, <c>+</c> Plus, <c>%</c> Percent,
/// <c>&amp;</c> And, a <c>-</c> before a number Minus and between two numbers To, a dot between digits Point. Any other character is
/// spelled by its code point. A leading digit gets <c>_</c> before it. A long name is cut and ends in a hash of its text.
/// </para>
/// <para>
/// What is a letter, and its upper case, is decided by the tables below and not by the host: the Unicode tables of .NET Framework and
/// .NET differ, and emitted code must not.
/// </para>
/// </remarks>
internal static class Identifiers
{
    /// <summary>The most characters of a derived identifier, and of one that a schema states.</summary>
    public const int MaxLength = 64;

    private const int HashDigits = 8;

    // Ranges that hold nothing but letters, all assigned for long and in all tables: Latin, Greek, Cyrillic, Armenian, Hebrew, Arabic,
    // Vietnamese, Hiragana, Katakana, CJK ideographs, Hangul.
    private static readonly (char First, char Last)[] LetterRanges =
    [
        ('\u00AA', '\u00AA'), ('\u00B5', '\u00B5'), ('\u00BA', '\u00BA'), ('\u00C0', '\u00D6'), ('\u00D8', '\u00F6'),
        ('\u00F8', '\u02C1'), ('\u0386', '\u0386'), ('\u0388', '\u038A'), ('\u038C', '\u038C'), ('\u038E', '\u03A1'),
        ('\u03A3', '\u03F5'), ('\u03F7', '\u0481'), ('\u048A', '\u0527'), ('\u0531', '\u0556'), ('\u0561', '\u0587'),
        ('\u05D0', '\u05EA'), ('\u0620', '\u064A'), ('\u0671', '\u06D3'), ('\u1E00', '\u1EFF'), ('\u3041', '\u3096'),
        ('\u30A1', '\u30FA'), ('\u30FC', '\u30FE'), ('\u3400', '\u4DB5'), ('\u4E00', '\u9FA5'), ('\uAC00', '\uD7A3'),
    ];

    private static readonly Dictionary<char, string> SignNames = new()
    {
        [' '] = "Blank",
        ['\t'] = "Tab",
        ['\n'] = "LineFeed",
        ['\r'] = "CarriageReturn",
        ['!'] = "ExclamationMark",
        ['"'] = "Quote",
        ['#'] = "Hash",
        ['$'] = "Dollar",
        ['%'] = "Percent",
        ['&'] = "And",
        ['\''] = "Apostrophe",
        ['('] = "LeftParenthesis",
        [')'] = "RightParenthesis",
        ['*'] = "Star",
        ['+'] = "Plus",
        [','] = "Comma",
        ['-'] = "Hyphen",
        ['.'] = "Dot",
        ['/'] = "Slash",
        [':'] = "Colon",
        [';'] = "Semicolon",
        ['<'] = "LessThan",
        ['='] = "Equal",
        ['>'] = "MoreThan",
        ['?'] = "QuestionMark",
        ['@'] = "At",
        ['['] = "LeftBracket",
        ['\\'] = "Backslash",
        [']'] = "RightBracket",
        ['^'] = "Caret",
        ['_'] = "Underscore",
        ['`'] = "Backtick",
        ['{'] = "LeftBrace",
        ['|'] = "Bar",
        ['}'] = "RightBrace",
        ['~'] = "Tilde",
        ['\u20AC'] = "Euro",
        ['\u00A3'] = "Pound",
        ['\u00A5'] = "Yen",
        ['\u00A7'] = "Section",
        ['\u00B0'] = "Degree",
        ['\u00B1'] = "PlusMinus",
        ['\u00D7'] = "Times",
        ['\u00F7'] = "DividedBy",
    };

    // Spelled wherever they stand, since they carry meaning; all other ASCII signs are spelled only where nothing else is left to read.
    private const string Spelled = "#$%&*+<=>@^~";

    private static readonly HashSet<string> Keywords = new(StringComparer.Ordinal)
    {
        "abstract", "as", "base", "bool", "break", "byte", "case", "catch", "char", "checked", "class", "const", "continue", "decimal",
        "default", "delegate", "do", "double", "else", "enum", "event", "explicit", "extern", "false", "finally", "fixed", "float", "for",
        "foreach", "goto", "if", "implicit", "in", "int", "interface", "internal", "is", "lock", "long", "namespace", "new", "null",
        "object", "operator", "out", "override", "params", "private", "protected", "public", "readonly", "ref", "return", "sbyte",
        "sealed", "short", "sizeof", "stackalloc", "static", "string", "struct", "switch", "this", "throw", "true", "try", "typeof",
        "uint", "ulong", "unchecked", "unsafe", "ushort", "using", "virtual", "void", "volatile", "while",
    };

    /// <summary>The identifier of a text by itself, before clashes are settled.</summary>
    public static string Of(string text)
    {
        var name = Words(text);
        if (name.Length == 0)
        {
            name = text.Length == 0 ? "Empty" : Spell(text);
        }

        if (name[0] is >= '0' and <= '9')
        {
            name = "_" + name;
        }

        return name.Length <= MaxLength ? name : name.Substring(0, MaxLength - HashDigits - 1) + "_" + Hash(text, HashDigits);
    }

    /// <summary>The identifier of a name of words parted by hyphens and underscores, such as a dataset's or a task's.</summary>
    public static string OfName(string name) => Of(name.Replace('-', '_'));

    /// <summary>
    /// Whether a text may be stated as an identifier: letters, digits and <c>_</c>, not starting with a digit or a lower-case letter.
    /// </summary>
    /// <remarks>
    /// Without a lower-case start no identifier is a keyword, and making it a parameter's name keeps different names different.
    /// </remarks>
    public static bool IsValid(string text) =>
        text.Length is > 0 and <= MaxLength
        && (text[0] == '_' || IsLetter(text[0])) && ToUpper(text[0]) == text[0]
        && text.All(c => c == '_' || IsLetter(c) || IsDigit(c));

    /// <summary>The identifier with its first letter in lower case, escaped where that makes a keyword.</summary>
    public static string ToParameter(string identifier)
    {
        var lower = ToLower(identifier[0]) + identifier.Substring(1);
        return Keywords.Contains(lower) ? "@" + lower : lower;
    }

    /// <summary>A namespace of any text: each part a valid identifier.</summary>
    public static string ToNamespace(string text)
    {
        var parts = text.Split('.').Select(ToNamespacePart).Where(p => p.Length > 0);
        return string.Join(".", parts);
    }

    /// <summary>The first hexadecimal digits of the SHA-256 of a text in UTF-8.</summary>
    public static string Hash(string text, int digits)
    {
        using var sha = SHA256.Create();
        var builder = new StringBuilder();
        foreach (var value in sha.ComputeHash(Encoding.UTF8.GetBytes(text)))
        {
            builder.Append(value.ToString("x2", CultureInfo.InvariantCulture));
        }

        return builder.ToString(0, digits);
    }

    internal static bool IsLetter(char c)
    {
        if (c < '\u0080')
        {
            return c is (>= 'a' and <= 'z') or (>= 'A' and <= 'Z');
        }

        foreach (var (first, last) in LetterRanges)
        {
            if (c <= last)
            {
                return c >= first;
            }
        }

        return false;
    }

    private static bool IsDigit(char c) => c is >= '0' and <= '9';

    internal static char ToUpper(char c) => c switch
    {
        >= 'a' and <= 'z' => (char)(c - 0x20),
        >= '\u00E0' and <= '\u00FE' and not '\u00F7' => (char)(c - 0x20),
        >= '\u03B1' and <= '\u03C9' and not '\u03C2' => (char)(c - 0x20),
        >= '\u0430' and <= '\u044F' => (char)(c - 0x20),
        >= '\u0450' and <= '\u045F' => (char)(c - 0x50),
        _ => c,
    };

    private static char ToLower(char c) => c switch
    {
        >= 'A' and <= 'Z' => (char)(c + 0x20),
        >= '\u00C0' and <= '\u00DE' and not '\u00D7' => (char)(c + 0x20),
        >= '\u0391' and <= '\u03A9' and not '\u03A2' => (char)(c + 0x20),
        >= '\u0410' and <= '\u042F' => (char)(c + 0x20),
        >= '\u0400' and <= '\u040F' => (char)(c + 0x50),
        _ => c,
    };

    private static string Words(string text)
    {
        var builder = new StringBuilder();
        var starts = true;
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (IsLetter(c) || IsDigit(c))
            {
                builder.Append(starts ? ToUpper(c) : c);
                starts = false;
                continue;
            }

            // An apostrophe is part of its word.
            if (c is '\'' or '\u2019')
            {
                continue;
            }

            builder.Append(SpellInside(text, ref i));
            starts = true;
        }

        return builder.ToString();
    }

    private static string SpellInside(string text, ref int at)
    {
        var c = text[at];
        switch (c)
        {
            case '<' or '>' when at + 1 < text.Length && text[at + 1] == '=':
                at++;
                return c == '<' ? "AtMost" : "AtLeast";
            case '-' or '\u2212' or '\u2013' when IsDigit(Beyond(text, at, +1)):
                return IsDigit(Beyond(text, at, -1)) ? "To" : IsLetter(Beyond(text, at, -1)) ? "" : "Minus";
            case '.' when at > 0 && IsDigit(text[at - 1]) && at + 1 < text.Length && IsDigit(text[at + 1]):
                return "Point";
        }

        if (c < '\u0080')
        {
            return Spelled.IndexOf(c) >= 0 ? SignNames[c] : "";
        }

        return IsSeparator(c) ? "" : SpellOne(text, ref at);
    }

    // The next character in a direction that is no blank; '\0' at an end.
    private static char Beyond(string text, int at, int step)
    {
        do
        {
            at += step;
        }
        while (at >= 0 && at < text.Length && text[at] == ' ');
        return at >= 0 && at < text.Length ? text[at] : '\0';
    }

    // No-break space, soft hyphen, guillemets, middle dot, general punctuation without joiners, CJK punctuation.
    private static bool IsSeparator(char c) =>
        c is '\u00A0' or '\u00AB' or '\u00AD' or '\u00B7' or '\u00BB' or (>= '\u2000' and <= '\u2027') or (>= '\u3000' and <= '\u3002')
            or '\uFF0C' or '\u2212';

    private static string Spell(string text)
    {
        var builder = new StringBuilder();
        for (var i = 0; i < text.Length; i++)
        {
            builder.Append(SpellOne(text, ref i));
        }

        return builder.ToString();
    }

    private static string SpellOne(string text, ref int at)
    {
        var c = text[at];
        if (SignNames.TryGetValue(c, out var name))
        {
            return name;
        }

        var code = (int)c;
        if (char.IsHighSurrogate(c) && at + 1 < text.Length && char.IsLowSurrogate(text[at + 1]))
        {
            code = char.ConvertToUtf32(c, text[++at]);
        }

        return "U" + code.ToString("X4", CultureInfo.InvariantCulture);
    }

    private static string ToNamespacePart(string part)
    {
        var builder = new StringBuilder();
        foreach (var c in part.Trim())
        {
            builder.Append(c == '_' || IsLetter(c) || IsDigit(c) ? c : '_');
        }

        if (builder.Length > 0 && IsDigit(builder[0]))
        {
            builder.Insert(0, '_');
        }

        var name = builder.ToString();
        return Keywords.Contains(name) ? "@" + name : name;
    }
}
