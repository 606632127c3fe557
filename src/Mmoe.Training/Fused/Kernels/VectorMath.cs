using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Mmoe.Training.Fused;

/// <summary>
/// Functions of sixteen numbers at a time, to about two units in the last place of float32. Where a machine has no vectors of 512 bits,
/// .NET computes the same in halves or quarters.
/// </summary>
internal static class VectorMath
{
    /// <summary>Below it, <see cref="Exp"/> is what it is there.</summary>
    public const float LeastExponent = -64;

    /// <summary>e^x for x from -64 to 88, and the values there beyond; no number stays none.</summary>
    /// <remarks>
    /// x = n·ln 2 + r with |r| ≤ ln 2 / 2, Cody and Waite 1980, chapter 6; then the series up to r⁷, whose rest is below 1e-8. What is below
    /// e^-64 changes no sum of float32 here, and its products would be subnormal numbers, with which machines are slow.
    /// </remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Exp(Vector512<float> x)
    {
        // In this order of operands, no number stays none.
        var clamped = Vector512.MinNative(Vector512.Create(88f), Vector512.MaxNative(Vector512.Create(LeastExponent), x));
        var n = Vector512.Round(clamped * Vector512.Create(1.44269504f));
        var r = Fma(n, Vector512.Create(-0.693359375f), clamped);
        r = Fma(n, Vector512.Create(2.12194440e-4f), r);
        var p = Fma(r, Vector512.Create(1f / 5040), Vector512.Create(1f / 720));
        p = Fma(p, r, Vector512.Create(1f / 120));
        p = Fma(p, r, Vector512.Create(1f / 24));
        p = Fma(p, r, Vector512.Create(1f / 6));
        p = Fma(p, r, Vector512.Create(0.5f));
        p = Fma(p * r, r, r + Vector512<float>.One);
        var exponent = Vector512.ConvertToInt32Native(n) + Vector512.Create(127);
        return p * (exponent << 23).AsSingle();
    }

    /// <summary>log(1 + z) for z from 0 to 1.</summary>
    /// <remarks>
    /// 2·artanh(s) with s = z / (2 + z), at most 1/3: s + s³/3 + s⁵/5 + …, whose terms after s¹⁵ are below the last digit.
    /// </remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Log1P(Vector512<float> z)
    {
        var s = z / (z + Vector512.Create(2f));
        var q = s * s;
        var p = Fma(q, Vector512.Create(2f / 15), Vector512.Create(2f / 13));
        p = Fma(p, q, Vector512.Create(2f / 11));
        p = Fma(p, q, Vector512.Create(2f / 9));
        p = Fma(p, q, Vector512.Create(2f / 7));
        p = Fma(p, q, Vector512.Create(2f / 5));
        p = Fma(p, q, Vector512.Create(2f / 3));
        return Fma(p * q, s, s + s);
    }

    /// <summary>tanh x.</summary>
    /// <remarks>Near 0 by tanh's continued fraction, elsewhere 1 - 2 / (e^2|x| + 1) with the sign of x.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Tanh(Vector512<float> x)
    {
        var size = Vector512.Abs(x);
        var far = Vector512<float>.One - (Vector512.Create(2f) / (Exp(size + size) + Vector512<float>.One));
        var q = x * x;

        // x·(10395 + 1260q + 21q²) / (10395 + 4725q + 210q² + q³): the sixth convergent.
        var over = Fma(Fma(q, Vector512.Create(21f), Vector512.Create(1260f)), q, Vector512.Create(10395f));
        var under = Fma(Fma(q + Vector512.Create(210f), q, Vector512.Create(4725f)), q, Vector512.Create(10395f));
        var near = size * over / under;
        var value = Vector512.ConditionalSelect(Vector512.LessThan(size, Vector512.Create(0.9f)), near, far);
        return Vector512.CopySign(value, x);
    }

    /// <summary>1 / (1 + e^-x).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Sigmoid(Vector512<float> x)
    {
        var e = Exp(-Vector512.Abs(x));
        var s = Vector512<float>.One / (Vector512<float>.One + e);
        return Vector512.ConditionalSelect(Vector512.GreaterThanOrEqual(x, Vector512<float>.Zero), s, e * s);
    }

    /// <summary>Φ(x), the distribution function of the standard normal, with a relative error of 1.5e-6, and of 1e-5 below -3.</summary>
    /// <remarks>½·erfc(-x/√2), by the Chebyshev fit of Press et al. 1992, "Numerical Recipes", section 6.2.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> NormalDistribution(Vector512<float> x)
    {
        var z = Vector512.Abs(x) * Vector512.Create(0.707106781f);
        var t = Vector512<float>.One / Fma(z, Vector512.Create(0.5f), Vector512<float>.One);
        var p = Fma(t, Vector512.Create(0.17087277f), Vector512.Create(-0.82215223f));
        p = Fma(p, t, Vector512.Create(1.48851587f));
        p = Fma(p, t, Vector512.Create(-1.13520398f));
        p = Fma(p, t, Vector512.Create(0.27886807f));
        p = Fma(p, t, Vector512.Create(-0.18628806f));
        p = Fma(p, t, Vector512.Create(0.09678418f));
        p = Fma(p, t, Vector512.Create(0.37409196f));
        p = Fma(p, t, Vector512.Create(1.00002368f));
        p = Fma(p, t, Vector512.Create(-1.26551223f));
        var tail = Vector512.Create(0.5f) * t * Exp(Fma(-z, z, p));
        return Vector512.ConditionalSelect(Vector512.GreaterThan(x, Vector512<float>.Zero), Vector512<float>.One - tail, tail);
    }

    /// <summary>φ(x), the density of the standard normal.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> NormalDensity(Vector512<float> x) =>
        Vector512.Create(0.398942280f) * Exp(x * x * Vector512.Create(-0.5f));

    /// <summary>a·b + c, rounded once where the machine can.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Fma(Vector512<float> a, Vector512<float> b, Vector512<float> c) =>
        Vector512.MultiplyAddEstimate(a, b, c);

    /// <summary>x where <paramref name="sign"/> is above 0, else 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> WherePositive(Vector512<float> sign, Vector512<float> x) =>
        Vector512.ConditionalSelect(Vector512.GreaterThan(sign, Vector512<float>.Zero), x, Vector512<float>.Zero);
}
