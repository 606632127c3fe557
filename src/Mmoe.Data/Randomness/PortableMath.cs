namespace Mmoe.Data;

/// <summary>
/// Functions that give the same bits on every machine, since they use only additions, multiplications and divisions of doubles, which
/// IEEE 754 fixes. <see cref="Math.Log(double)"/> and <see cref="Math.Sin"/> come from the system's library and differ in last bits.
/// </summary>
internal static class PortableMath
{
    /// <summary>The series of atanh: 1 + s²/3 + s⁴/5 + …; the last term first.</summary>
    /// <remarks>An array, since a span of constants allocates in code that is not optimised.</remarks>
    private static readonly double[] Atanh =
        [1.0 / 23, 1.0 / 21, 1.0 / 19, 1.0 / 17, 1.0 / 15, 1.0 / 13, 1.0 / 11, 1.0 / 9, 1.0 / 7, 1.0 / 5, 1.0 / 3, 1.0];

    /// <summary>The natural logarithm of a positive normal number, to about 1e-15 relative to 1.</summary>
    public static double Log(double value)
    {
        // value = m · 2^e with m in [sqrt(1/2), sqrt(2)); log m = 2 atanh(s), s = (m - 1) / (m + 1), |s| < 0.1716.
        var bits = BitConverter.DoubleToInt64Bits(value);
        var exponent = (int)(bits >> 52) - 1022;
        var mantissa = BitConverter.Int64BitsToDouble((bits & 0x000FFFFFFFFFFFFF) | 0x3FE0000000000000);
        if (mantissa < 0.70710678118654752)
        {
            mantissa *= 2;
            exponent--;
        }

        return TwiceAtanh((mantissa - 1) / (mantissa + 1)) + (exponent * 0.69314718055994531);
    }

    /// <summary>The natural logarithm of 1 + a number that is not negative, to about 1e-15 relative to the result, however small.</summary>
    public static double LogOnePlus(double value) => value < 0.41421356237309503 ? TwiceAtanh(value / (value + 2)) : Log(1 + value);

    /// <summary>The sine of a number of moderate size (up to about a million), to about 1e-15 for numbers near 0.</summary>
    public static double Sin(double value)
    {
        // Pi in two parts, the first with 33 bits: multiples up to 2^20 of it are exact.
        const double PiHigh = 3.14159265346825122833251953125;
        const double PiLow = 1.2154201013012384e-10;
        var turns = Math.Floor((value / Math.PI) + 0.5);
        var x = value - (turns * PiHigh) - (turns * PiLow);
        var square = x * x;
        var sum = 0.0;
        for (var k = 23; k >= 3; k -= 2)
        {
            sum = (1 + sum) * (-square / (k * (k - 1)));
        }

        var sine = x * (1 + sum);
        return ((long)turns & 1) == 0 ? sine : -sine;
    }

    // For |s| < 0.1716.
    private static double TwiceAtanh(double s)
    {
        var square = s * s;
        var sum = 0.0;
        foreach (var coefficient in Atanh)
        {
            sum = (sum * square) + coefficient;
        }

        return 2 * s * sum;
    }
}
