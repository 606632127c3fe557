using Mmoe.Generators.Parsing;

namespace Mmoe.Generators.Samples;

/// <summary>What a text is as a number.</summary>
internal enum SampleNumberForm
{
    /// <summary>A number.</summary>
    Number,

    /// <summary>No decimal number.</summary>
    NoNumber,

    /// <summary>A decimal number beyond the range of single precision.</summary>
    TooLarge,
}

/// <summary>Tells decimal numbers of single precision from other texts as <c>Mmoe.Data</c> does when it encodes a record.</summary>
/// <remarks>
/// The verdict is taken on the digits, not by the host's conversion: hosts of a compiler differ in what they make of a number too large.
/// </remarks>
internal static class SampleNumber
{
    /// <summary>
    /// 2^128 − 2^103, the least number that rounds to infinity: half-way between the largest single-precision number and the next.
    /// </summary>
    private const string Infinite = "340282356779733661637539395458142568448";

    /// <summary>Beyond it, no mantissa that a field can hold brings the number back into range.</summary>
    private const int MaxExponent = 100_000_000;

    /// <summary>What a text is: an optional sign, digits with an optional point, an optional exponent; no blanks.</summary>
    public static SampleNumberForm Of(string text)
    {
        var place = SignAt(text, 0);
        var firstDigit = place;
        var point = -1;
        for (; place < text.Length && (IsDigit(text[place]) || (text[place] == '.' && point < 0)); place++)
        {
            point = text[place] == '.' ? place : point;
        }

        var end = place;
        if (end - firstDigit - (point < 0 ? 0 : 1) == 0)
        {
            return SampleNumberForm.NoNumber;
        }

        var exponent = 0L;
        if (place < text.Length && text[place] is 'e' or 'E')
        {
            place++;
            var isNegative = place < text.Length && text[place] == '-';
            place = SignAt(text, place);
            var first = place;
            for (; place < text.Length && IsDigit(text[place]); place++)
            {
                exponent = Math.Min((exponent * 10) + (text[place] - '0'), MaxExponent);
            }

            if (place == first)
            {
                return SampleNumberForm.NoNumber;
            }

            exponent = isNegative ? -exponent : exponent;
        }

        return place < text.Length
            ? SampleNumberForm.NoNumber
            : IsInfinite(text, JsonSpan.FromBounds(firstDigit, end), point < 0 ? end : point, exponent)
                ? SampleNumberForm.TooLarge
                : SampleNumberForm.Number;
    }

    // Compares 0.d₁d₂d₃… × 10^scale, d₁ not 0, digit by digit.
    private static bool IsInfinite(string text, JsonSpan digits, int point, long exponent)
    {
        var place = digits.Start;
        while (place < digits.End && text[place] is '0' or '.')
        {
            place++;
        }

        if (place == digits.End)
        {
            return false;
        }

        var scale = point - place + (place > point ? 1 : 0) + exponent;
        if (scale != Infinite.Length)
        {
            return scale > Infinite.Length;
        }

        for (var i = 0; i < Infinite.Length; place++)
        {
            if (place < digits.End && text[place] == '.')
            {
                continue;
            }

            var digit = place < digits.End ? text[place] : '0';
            if (digit != Infinite[i])
            {
                return digit > Infinite[i];
            }

            i++;
        }

        return true;
    }

    private static int SignAt(string text, int place) => place < text.Length && text[place] is '-' or '+' ? place + 1 : place;

    private static bool IsDigit(char c) => c is >= '0' and <= '9';
}
