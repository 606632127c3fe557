using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Mmoe.Training.Fused;

/// <summary>Sixteen rows of sixteen numbers turned on their diagonal.</summary>
internal static unsafe class Transposition
{
    /// <summary>to[j, i] = from[i, j].</summary>
    /// <param name="from">[16, 16], each row at the beginning of a cache line.</param>
    /// <param name="fromStride">Floats between its rows, a multiple of 16.</param>
    /// <param name="to">[16, 16], each row at the beginning of a cache line.</param>
    /// <param name="toStride">Floats between its rows, a multiple of 16.</param>
    [SkipLocalsInit]
    [MethodImpl(Compiled.AtOnce)]
    public static void Of16(float* from, int fromStride, float* to, int toStride)
    {
        if (!Avx512F.IsSupported)
        {
            for (var i = 0; i < 16; i++)
            {
                for (var j = 0; j < 16; j++)
                {
                    to[(j * toStride) + i] = from[(i * fromStride) + j];
                }
            }

            return;
        }

        // Neighbouring rows are interleaved by elements, then pairs of those by twos, then fours and eights.
        var (a0, a1, a2, a3) = Quarter(from, fromStride);
        var (b0, b1, b2, b3) = Quarter(from + (4 * fromStride), fromStride);
        var (c0, c1, c2, c3) = Quarter(from + (8 * fromStride), fromStride);
        var (d0, d1, d2, d3) = Quarter(from + (12 * fromStride), fromStride);
        Spread(a0, b0, c0, d0, to, toStride);
        Spread(a1, b1, c1, d1, to + toStride, toStride);
        Spread(a2, b2, c2, d2, to + (2 * toStride), toStride);
        Spread(a3, b3, c3, d3, to + (3 * toStride), toStride);
    }

    /// <summary>to[j, i] = from[i, j] for the first rows; the rest of each row that is written is 0.</summary>
    /// <param name="from">[count, 16].</param>
    /// <param name="count">From 1 to 16.</param>
    /// <param name="to">[16, 16].</param>
    [SkipLocalsInit]
    [MethodImpl(Compiled.AtOnce)]
    public static void Some(float* from, int count, float* to)
    {
        if (count == 16)
        {
            Of16(from, 16, to, 16);
            return;
        }

        var whole = stackalloc float[(16 * 16) + 16];
        whole = (float*)(((nint)whole + 63) & ~63);
        for (var i = 0; i < 16; i++)
        {
            (i < count ? Vector512.LoadAligned(from + (i * 16)) : Vector512<float>.Zero).StoreAligned(whole + (i * 16));
        }

        Of16(whole, 16, to, 16);
    }

    // Of four rows: within each fourth of 128 bits, a column.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (Vector512<float> First, Vector512<float> Second, Vector512<float> Third, Vector512<float> Fourth) Quarter(
        float* rows, int stride)
    {
        var (r0, r1) = (Vector512.LoadAligned(rows), Vector512.LoadAligned(rows + stride));
        var (r2, r3) = (Vector512.LoadAligned(rows + (2 * stride)), Vector512.LoadAligned(rows + (3 * stride)));
        var (l01, h01) = (Avx512F.UnpackLow(r0, r1).AsDouble(), Avx512F.UnpackHigh(r0, r1).AsDouble());
        var (l23, h23) = (Avx512F.UnpackLow(r2, r3).AsDouble(), Avx512F.UnpackHigh(r2, r3).AsDouble());
        return (
            Avx512F.UnpackLow(l01, l23).AsSingle(),
            Avx512F.UnpackHigh(l01, l23).AsSingle(),
            Avx512F.UnpackLow(h01, h23).AsSingle(),
            Avx512F.UnpackHigh(h01, h23).AsSingle());
    }

    // A 4 by 4 transposition of fourths: columns j, j + 4, j + 8 and j + 12.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Spread(Vector512<float> a, Vector512<float> b, Vector512<float> c, Vector512<float> d, float* to, int stride)
    {
        const byte Even = 0b10_00_10_00, Odd = 0b11_01_11_01;
        var (ab0, ab1) = (Avx512F.Shuffle4x128(a, b, Even), Avx512F.Shuffle4x128(a, b, Odd));
        var (cd0, cd1) = (Avx512F.Shuffle4x128(c, d, Even), Avx512F.Shuffle4x128(c, d, Odd));
        Avx512F.Shuffle4x128(ab0, cd0, Even).StoreAligned(to);
        Avx512F.Shuffle4x128(ab1, cd1, Even).StoreAligned(to + (4 * stride));
        Avx512F.Shuffle4x128(ab0, cd0, Odd).StoreAligned(to + (8 * stride));
        Avx512F.Shuffle4x128(ab1, cd1, Odd).StoreAligned(to + (12 * stride));
    }
}
