namespace Mmoe.Data;

/// <summary>
/// Functions that give the same bits on every machine, since they use only additions, multiplications and divisions of doubles, which
/// IEEE 754 fixes. <see cref="Math.Log(double)"/> and <see cref="Math.Sin"/> come from the system's library and differ in last bits.
/// </summary>
internal static class PortableMath
{
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

        var s = (mantissa - 1) / (mantissa + 1);
        var square = s * s;
        var sum = 0.0;
        for (var k = 23; k >= 1; k -= 2)
        {
            sum = (sum * square) + (1.0 / k);
        }

        return (2 * s * sum) + (exponent * 0.69314718055994531);
    }

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
}
