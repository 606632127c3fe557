using System.Globalization;

namespace Mmoe.Training;

/// <summary>Advice on values in notations that YAML 1.1 or a programming language has, and a configuration has not.</summary>
internal static class Slips
{
    /// <summary>How to write a number that is written as <c>0x10</c>, <c>0o17</c> or <c>1_000</c>; null if it is no such number.</summary>
    public static string? Number(string text)
    {
        var digits = text.Replace("_", "", StringComparison.Ordinal);
        return digits switch
        {
            ['0', 'x' or 'X', .. var hex] => Written(hex, 16),
            ['0', 'o' or 'O', .. var octal] => Written(octal, 8),
            _ => digits != text && double.TryParse(digits, NumberStyles.Float, CultureInfo.InvariantCulture, out _) ? $"write {digits}" : null,
        };
    }

    /// <summary>How to write what is written as <c>yes</c> or <c>off</c>; null if it is no such word.</summary>
    public static string? Flag(string text) => text.ToUpperInvariant() switch
    {
        "YES" or "Y" or "ON" or "1" => "write true",
        "NO" or "N" or "OFF" or "0" => "write false",
        _ => null,
    };

    private static string? Written(string digits, int radix)
    {
        // More digits than a setting's range has.
        if (digits.Length is 0 or > 12)
        {
            return null;
        }

        var value = 0L;
        foreach (var c in digits)
        {
            var digit = char.IsAsciiHexDigit(c) ? Convert.ToInt32($"{c}", 16) : radix;
            if (digit >= radix)
            {
                return null;
            }

            value = (value * radix) + digit;
        }

        return $"write {value.ToString(CultureInfo.InvariantCulture)}";
    }
}
