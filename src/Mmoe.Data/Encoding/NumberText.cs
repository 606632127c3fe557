using System.Buffers;
using System.Globalization;

namespace Mmoe.Data;

/// <summary>What a text is as a number.</summary>
internal enum NumberOutcome
{
    /// <summary>A number.</summary>
    Number,

    /// <summary>No decimal number; NaN and Infinity are none either.</summary>
    NoNumber,

    /// <summary>A decimal number beyond the range of single precision.</summary>
    TooLarge,
}

/// <summary>Decimal numbers in UTF-8: an optional sign, digits with an optional point, an optional exponent; no blanks.</summary>
internal static class NumberText
{
    /// <summary>The powers of ten that are exact in double precision.</summary>
    private static readonly double[] PowersOfTen =
    [
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
    ];

    private static readonly SearchValues<byte> Characters = SearchValues.Create("0123456789+-.eE"u8);

    /// <summary>The single-precision number nearest to a decimal text: what <see cref="float.Parse(string)"/> gives, to the bit.</summary>
    public static NumberOutcome Parse(ReadOnlySpan<byte> text, out float value)
    {
        // Up to 15 digits are an exact double, and so is the power of ten of their places: the quotient is the decimal's nearest double.
        var place = !text.IsEmpty && text[0] is (byte)'-' or (byte)'+' ? 1 : 0;
        var first = place;
        ulong digits = 0;
        var decimals = -1;
        for (; place < text.Length; place++)
        {
            var digit = (uint)text[place] - '0';
            if (digit <= 9)
            {
                digits = (digits * 10) + digit;
            }
            else if (text[place] == '.' && decimals < 0)
            {
                decimals = place;
            }
            else
            {
                return ParseAny(text, out value);
            }
        }

        var count = place - first - (decimals < 0 ? 0 : 1);
        if (count is < 1 or > 15)
        {
            return ParseAny(text, out value);
        }

        var exact = decimals < 0 ? digits : digits / PowersOfTen[place - decimals - 1];

        // Rounding twice goes wrong only where the double is half-way between two floats, and even then not if it was exact.
        if (decimals >= 0 && (BitConverter.DoubleToUInt64Bits(exact) & 0x1FFFFFFF) == 0x10000000)
        {
            return ParseAny(text, out value);
        }

        value = text[0] == '-' ? -(float)exact : (float)exact;
        return NumberOutcome.Number;
    }

    private static NumberOutcome ParseAny(ReadOnlySpan<byte> text, out float value)
    {
        const NumberStyles Decimal = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;

        // The library also takes "NaN", "Infinity", "∞", and zero bytes at the end.
        if (text.ContainsAnyExcept(Characters) || !float.TryParse(text, Decimal, CultureInfo.InvariantCulture, out value))
        {
            value = float.NaN;
            return NumberOutcome.NoNumber;
        }

        return float.IsFinite(value) ? NumberOutcome.Number : NumberOutcome.TooLarge;
    }
}
