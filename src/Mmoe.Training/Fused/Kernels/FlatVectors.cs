using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Mmoe.Training.Fused;

/// <summary>Whole vectors laid out as the parameters, of a length that is a multiple of 16.</summary>
internal static unsafe class FlatVectors
{
    private const int Lanes = 16;

    /// <summary>Sets floats to 0, a multiple of 16. For a few hundred of them the call that a span makes takes longer than the work.</summary>
    [MethodImpl(Compiled.AtOnce)]
    public static void Clear(float* from, nint length)
    {
        for (nint i = 0; i < length; i += Lanes)
        {
            Vector512<float>.Zero.StoreAligned(from + i);
        }
    }

    /// <summary>to += from · factor.</summary>
    [MethodImpl(Compiled.AtOnce)]
    public static void AddScaled(AlignedMemory<float> to, AlignedMemory<float> from, float factor)
    {
        var y = to.Pointer;
        var x = from.Pointer;
        var scale = Vector512.Create(factor);
        for (nint i = 0; i < to.Length; i += Lanes)
        {
            VectorMath.Fma(Vector512.LoadAligned(x + i), scale, Vector512.LoadAligned(y + i)).StoreAligned(y + i);
        }
    }

    /// <summary>vector *= factor.</summary>
    [MethodImpl(Compiled.AtOnce)]
    public static void Scale(AlignedMemory<float> vector, float factor)
    {
        var x = vector.Pointer;
        var scale = Vector512.Create(factor);
        for (nint i = 0; i < vector.Length; i += Lanes)
        {
            (Vector512.LoadAligned(x + i) * scale).StoreAligned(x + i);
        }
    }

    /// <summary>Sets to 0 what a mask does not say to keep by a number above 0.</summary>
    [MethodImpl(Compiled.AtOnce)]
    public static void Keep(AlignedMemory<float> vector, AlignedMemory<float> mask)
    {
        var x = vector.Pointer;
        var keep = mask.Pointer;
        for (nint i = 0; i < vector.Length; i += Lanes)
        {
            VectorMath.WherePositive(Vector512.LoadAligned(keep + i), Vector512.LoadAligned(x + i)).StoreAligned(x + i);
        }
    }

    /// <summary>The inner product, in double precision.</summary>
    [MethodImpl(Compiled.AtOnce)]
    public static double Dot(AlignedMemory<float> one, AlignedMemory<float> other)
    {
        var x = one.Pointer;
        var y = other.Pointer;
        var (low, high) = (Vector512<double>.Zero, Vector512<double>.Zero);
        for (nint i = 0; i < one.Length; i += Lanes)
        {
            var (xLow, xHigh) = Vector512.Widen(Vector512.LoadAligned(x + i));
            var (yLow, yHigh) = Vector512.Widen(Vector512.LoadAligned(y + i));
            low += xLow * yLow;
            high += xHigh * yHigh;
        }

        return Vector512.Sum(low + high);
    }
}
