using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using static Mmoe.Training.Fused.VectorMath;

namespace Mmoe.Training.Fused;

/// <summary>
/// The first layer: a row's line is a sum of rows of a matrix, those that its categories name as they are and those of its numbers times the
/// number. A one-hot input never stands in memory.
/// </summary>
internal static unsafe class FirstLayer
{
    /// <summary>
    /// So many columns are worked on at once: of some hundred rows of a matrix they stay in a second-level cache.
    /// </summary>
    public const int ColumnsAtOnce = 128;

    /// <summary>So many numbers of a row are multiplied at once, each into a register; a row has memory for whole groups of them.</summary>
    public const int NumbersAtOnce = 12;

    private const int Lanes = 16;

    /// <summary>The line of a row.</summary>
    /// <param name="shape">The shape.</param>
    /// <param name="weights">The matrix: [inputs + 1, stride].</param>
    /// <param name="row">The packed row.</param>
    /// <param name="factorsAt">See <see cref="PackedRows.FactorsAt"/>.</param>
    /// <param name="line">[stride], to be written.</param>
    /// <param name="from">The first of the columns to look at, a multiple of 16.</param>
    /// <param name="to">The end of them.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Forward(RowShape shape, float* weights, byte* row, int factorsAt, float* line, int from, int to)
    {
        if (shape.IsNarrow)
        {
            Forward((ushort*)row, new Narrow(), shape, weights, (float*)(row + factorsAt), line, from, to);
        }
        else
        {
            Forward((int*)row, new Wide(), shape, weights, (float*)(row + factorsAt), line, from, to);
        }
    }

    /// <summary>Adds a row's gradient to those of the rows of the matrix that its categories name.</summary>
    /// <param name="shape">The shape.</param>
    /// <param name="row">The packed row.</param>
    /// <param name="firstInput">The first of the gathered inputs to look at.</param>
    /// <param name="endInput">The end of them.</param>
    /// <param name="from">The first of the columns to look at, a multiple of 16.</param>
    /// <param name="to">The end of them.</param>
    /// <param name="d">[stride]: the gradient of the row's line.</param>
    /// <param name="gradient">The gradient of the matrix.</param>
    /// <param name="touched">Per vector of the matrix, 1 if it is the first of a row with a gradient.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Backward(
        RowShape shape, byte* row, int firstInput, int endInput, int from, int to, float* d, float* gradient, byte* touched)
    {
        if (shape.IsNarrow)
        {
            Backward((ushort*)row, new Narrow(), firstInput, endInput, from, to, d, gradient, touched);
        }
        else
        {
            Backward((int*)row, new Wide(), firstInput, endInput, from, to, d, gradient, touched);
        }
    }

    /// <summary>Adds the gradients of the matrix's rows of numbers and of its biases.</summary>
    /// <param name="rows">The packed rows.</param>
    /// <param name="order">The numbers of the rows of the batch.</param>
    /// <param name="count">How many.</param>
    /// <param name="factors">How many numbers a row has, the 1 of the biases included.</param>
    /// <param name="d">[count, stride]: the gradients of lines.</param>
    /// <param name="stride">Floats of a line.</param>
    /// <param name="from">The first float of the lines to look at, a multiple of 16.</param>
    /// <param name="to">The end of them.</param>
    /// <param name="gradient">[factors, stride]: the gradient of those rows of the matrix.</param>
    [MethodImpl(Compiled.AtOnce)]
    public static void NumericBackward(
        PackedRows rows, int* order, int count, int factors, float* d, int stride, int from, int to, float* gradient)
    {
        var first = rows.Pointer + rows.FactorsAt;
        var size = rows.Size;
        for (var at = from; at < to; at += Lanes)
        {
            for (var k = 0; k < factors; k += NumbersAtOnce)
            {
                var own = gradient + ((nint)k * stride) + at;
                Outer(first + (k * sizeof(float)), size, order, count, d + at, stride, own, Math.Min(NumbersAtOnce, factors - k));
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Forward<TIndex, TReader>(
        TIndex* indices, TReader reader, RowShape shape, float* weights, float* factors, float* line, int from, int to)
        where TIndex : unmanaged
        where TReader : struct, IIndexReader<TIndex>
    {
        var (stride, gathered, count) = (shape.Stride, shape.Gathered, shape.Factors);
        var numeric = weights + ((nint)shape.FirstNumeric * stride);
        var at = from;
        while (at < to)
        {
            switch ((to - at) / Lanes)
            {
                case 1:
                    Forward1(indices, reader, gathered, weights + at, stride, factors, count, numeric + at, line + at);
                    at += Lanes;
                    break;
                case 2:
                    Forward2(indices, reader, gathered, weights + at, stride, factors, count, numeric + at, line + at);
                    at += 2 * Lanes;
                    break;
                case 3:
                    Forward3(indices, reader, gathered, weights + at, stride, factors, count, numeric + at, line + at);
                    at += 3 * Lanes;
                    break;
                default:
                    Forward4(indices, reader, gathered, weights + at, stride, factors, count, numeric + at, line + at);
                    at += 4 * Lanes;
                    break;
            }
        }
    }

    [MethodImpl(Compiled.AtOnce)]
    private static void Forward1<TIndex, TReader>(
        TIndex* indices, TReader reader, int gathered, float* weights, int stride, float* factors, int count, float* numeric, float* line)
        where TIndex : unmanaged
        where TReader : struct, IIndexReader<TIndex>
    {
        var a0 = Vector512<float>.Zero;
        for (var i = 0; i < gathered; i++)
        {
            a0 += Vector512.LoadAligned(weights + (reader.At(indices, i) * Lanes));
        }

        for (var k = 0; k < count; k++, numeric += stride)
        {
            a0 = Fma(Vector512.Create(factors[k]), Vector512.LoadAligned(numeric), a0);
        }

        a0.StoreAligned(line);
    }

    [MethodImpl(Compiled.AtOnce)]
    private static void Forward2<TIndex, TReader>(
        TIndex* indices, TReader reader, int gathered, float* weights, int stride, float* factors, int count, float* numeric, float* line)
        where TIndex : unmanaged
        where TReader : struct, IIndexReader<TIndex>
    {
        var (a0, a1) = (Vector512<float>.Zero, Vector512<float>.Zero);
        for (var i = 0; i < gathered; i++)
        {
            var w = weights + (reader.At(indices, i) * Lanes);
            a0 += Vector512.LoadAligned(w);
            a1 += Vector512.LoadAligned(w + Lanes);
        }

        for (var k = 0; k < count; k++, numeric += stride)
        {
            var x = Vector512.Create(factors[k]);
            a0 = Fma(x, Vector512.LoadAligned(numeric), a0);
            a1 = Fma(x, Vector512.LoadAligned(numeric + Lanes), a1);
        }

        a0.StoreAligned(line);
        a1.StoreAligned(line + Lanes);
    }

    [MethodImpl(Compiled.AtOnce)]
    private static void Forward3<TIndex, TReader>(
        TIndex* indices, TReader reader, int gathered, float* weights, int stride, float* factors, int count, float* numeric, float* line)
        where TIndex : unmanaged
        where TReader : struct, IIndexReader<TIndex>
    {
        var (a0, a1, a2) = (Vector512<float>.Zero, Vector512<float>.Zero, Vector512<float>.Zero);
        for (var i = 0; i < gathered; i++)
        {
            var w = weights + (reader.At(indices, i) * Lanes);
            a0 += Vector512.LoadAligned(w);
            a1 += Vector512.LoadAligned(w + Lanes);
            a2 += Vector512.LoadAligned(w + (2 * Lanes));
        }

        for (var k = 0; k < count; k++, numeric += stride)
        {
            var x = Vector512.Create(factors[k]);
            a0 = Fma(x, Vector512.LoadAligned(numeric), a0);
            a1 = Fma(x, Vector512.LoadAligned(numeric + Lanes), a1);
            a2 = Fma(x, Vector512.LoadAligned(numeric + (2 * Lanes)), a2);
        }

        a0.StoreAligned(line);
        a1.StoreAligned(line + Lanes);
        a2.StoreAligned(line + (2 * Lanes));
    }

    [MethodImpl(Compiled.AtOnce)]
    private static void Forward4<TIndex, TReader>(
        TIndex* indices, TReader reader, int gathered, float* weights, int stride, float* factors, int count, float* numeric, float* line)
        where TIndex : unmanaged
        where TReader : struct, IIndexReader<TIndex>
    {
        var (a0, a1) = (Vector512<float>.Zero, Vector512<float>.Zero);
        var (a2, a3) = (Vector512<float>.Zero, Vector512<float>.Zero);
        for (var i = 0; i < gathered; i++)
        {
            var w = weights + (reader.At(indices, i) * Lanes);
            a0 += Vector512.LoadAligned(w);
            a1 += Vector512.LoadAligned(w + Lanes);
            a2 += Vector512.LoadAligned(w + (2 * Lanes));
            a3 += Vector512.LoadAligned(w + (3 * Lanes));
        }

        for (var k = 0; k < count; k++, numeric += stride)
        {
            var x = Vector512.Create(factors[k]);
            a0 = Fma(x, Vector512.LoadAligned(numeric), a0);
            a1 = Fma(x, Vector512.LoadAligned(numeric + Lanes), a1);
            a2 = Fma(x, Vector512.LoadAligned(numeric + (2 * Lanes)), a2);
            a3 = Fma(x, Vector512.LoadAligned(numeric + (3 * Lanes)), a3);
        }

        a0.StoreAligned(line);
        a1.StoreAligned(line + Lanes);
        a2.StoreAligned(line + (2 * Lanes));
        a3.StoreAligned(line + (3 * Lanes));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Backward<TIndex, TReader>(
        TIndex* indices,
        TReader reader,
        int firstInput,
        int endInput,
        int from,
        int to,
        float* d,
        float* gradient,
        byte* touched)
        where TIndex : unmanaged
        where TReader : struct, IIndexReader<TIndex>
    {
        var at = from;
        while (at < to)
        {
            switch ((to - at) / Lanes)
            {
                case 1:
                    Backward1(indices, reader, firstInput, endInput, d + at, gradient + at, touched);
                    at += Lanes;
                    break;
                case 2:
                    Backward2(indices, reader, firstInput, endInput, d + at, gradient + at, touched);
                    at += 2 * Lanes;
                    break;
                case 3:
                    Backward3(indices, reader, firstInput, endInput, d + at, gradient + at, touched);
                    at += 3 * Lanes;
                    break;
                default:
                    Backward2(indices, reader, firstInput, endInput, d + at, gradient + at, touched);
                    Backward2(indices, reader, firstInput, endInput, d + at + (2 * Lanes), gradient + at + (2 * Lanes), touched);
                    at += 4 * Lanes;
                    break;
            }
        }
    }

    [MethodImpl(Compiled.AtOnce)]
    private static void Backward1<TIndex, TReader>(
        TIndex* indices, TReader reader, int from, int to, float* d, float* gradient, byte* touched)
        where TIndex : unmanaged
        where TReader : struct, IIndexReader<TIndex>
    {
        var d0 = Vector512.LoadAligned(d);
        for (var i = from; i < to; i++)
        {
            var place = reader.At(indices, i);
            var g = gradient + (place * Lanes);
            touched[place] = 1;
            (Vector512.LoadAligned(g) + d0).StoreAligned(g);
        }
    }

    [MethodImpl(Compiled.AtOnce)]
    private static void Backward2<TIndex, TReader>(
        TIndex* indices, TReader reader, int from, int to, float* d, float* gradient, byte* touched)
        where TIndex : unmanaged
        where TReader : struct, IIndexReader<TIndex>
    {
        var (d0, d1) = (Vector512.LoadAligned(d), Vector512.LoadAligned(d + Lanes));
        for (var i = from; i < to; i++)
        {
            var place = reader.At(indices, i);
            var g = gradient + (place * Lanes);
            touched[place] = 1;
            (Vector512.LoadAligned(g) + d0).StoreAligned(g);
            (Vector512.LoadAligned(g + Lanes) + d1).StoreAligned(g + Lanes);
        }
    }

    [MethodImpl(Compiled.AtOnce)]
    private static void Backward3<TIndex, TReader>(
        TIndex* indices, TReader reader, int from, int to, float* d, float* gradient, byte* touched)
        where TIndex : unmanaged
        where TReader : struct, IIndexReader<TIndex>
    {
        var (d0, d1, d2) = (Vector512.LoadAligned(d), Vector512.LoadAligned(d + Lanes), Vector512.LoadAligned(d + (2 * Lanes)));
        for (var i = from; i < to; i++)
        {
            var place = reader.At(indices, i);
            var g = gradient + (place * Lanes);
            touched[place] = 1;
            (Vector512.LoadAligned(g) + d0).StoreAligned(g);
            (Vector512.LoadAligned(g + Lanes) + d1).StoreAligned(g + Lanes);
            (Vector512.LoadAligned(g + (2 * Lanes)) + d2).StoreAligned(g + (2 * Lanes));
        }
    }

    // A row of numbers times the gradient of a line, for all rows of a batch. Sums of numbers that there are not stay in registers: what is
    // read for them is what follows in the packed row: targets, weights, zeros.
    [MethodImpl(Compiled.AtOnce)]
    [SkipLocalsInit]
    private static void Outer(byte* factors, int size, int* order, int count, float* d, int stride, float* gradient, int numbers)
    {
        var g0 = Vector512<float>.Zero;
        var g1 = g0;
        var g2 = g0;
        var g3 = g0;
        var g4 = g0;
        var g5 = g0;
        var g6 = g0;
        var g7 = g0;
        var g8 = g0;
        var g9 = g0;
        var g10 = g0;
        var g11 = g0;
        for (var row = 0; row < count; row++, d += stride)
        {
            var x = (float*)(factors + ((nint)order[row] * size));
            var own = Vector512.LoadAligned(d);
            g0 = Fma(own, Vector512.Create(x[0]), g0);
            g1 = Fma(own, Vector512.Create(x[1]), g1);
            g2 = Fma(own, Vector512.Create(x[2]), g2);
            g3 = Fma(own, Vector512.Create(x[3]), g3);
            g4 = Fma(own, Vector512.Create(x[4]), g4);
            g5 = Fma(own, Vector512.Create(x[5]), g5);
            g6 = Fma(own, Vector512.Create(x[6]), g6);
            g7 = Fma(own, Vector512.Create(x[7]), g7);
            g8 = Fma(own, Vector512.Create(x[8]), g8);
            g9 = Fma(own, Vector512.Create(x[9]), g9);
            g10 = Fma(own, Vector512.Create(x[10]), g10);
            g11 = Fma(own, Vector512.Create(x[11]), g11);
        }

        var sums = stackalloc Vector512<float>[NumbersAtOnce] { g0, g1, g2, g3, g4, g5, g6, g7, g8, g9, g10, g11 };
        for (var k = 0; k < numbers; k++, gradient += stride)
        {
            (Vector512.LoadAligned(gradient) + sums[k]).StoreAligned(gradient);
        }
    }
}

/// <summary>How places of rows are read, so that each width has machine code of its own.</summary>
internal unsafe interface IIndexReader<TIndex>
    where TIndex : unmanaged
{
    /// <summary>A place.</summary>
    nint At(TIndex* indices, int i);
}

/// <summary>Two bytes.</summary>
internal readonly unsafe struct Narrow : IIndexReader<ushort>
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public nint At(ushort* indices, int i) => indices[i];
}

/// <summary>Four bytes.</summary>
internal readonly unsafe struct Wide : IIndexReader<int>
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public nint At(int* indices, int i) => indices[i];
}
