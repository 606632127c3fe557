using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Mmoe.Training.Fused;

/// <summary>Where the gradient of a parameter tensor is added up.</summary>
/// <param name="At">Its first float among the sums.</param>
/// <param name="Stride">
/// Floats between its rows, a multiple of 16, where rows are kept as they are; 0 where every element has a line of its own, one float for
/// each row of a block.
/// </param>
internal readonly record struct GradientSums(int At, int Stride)
{
    /// <summary>Whether each element has a line.</summary>
    public bool AreLines => this.Stride == 0;
}

/// <summary>Neighbours among the sums of gradients that are added to the flat gradient in one go.</summary>
/// <param name="Sums">Where they lie.</param>
/// <param name="Flat">The first element of the flat gradient.</param>
/// <param name="Rows">The number of rows; 1 where each element has a line.</param>
/// <param name="Columns">The elements of a row.</param>
internal sealed record SummedGradient(GradientSums Sums, int Flat, int Rows, int Columns);

/// <summary>From sums of gradients, one set per chunk of a batch, to the flat gradient: chunk after chunk, always in the same order.</summary>
internal static unsafe class GradientReduction
{
    private const int Lanes = Lines.Rows;

    /// <summary>Adds the sums of all chunks.</summary>
    /// <param name="part">What is added.</param>
    /// <param name="sums">The sums of the first chunk.</param>
    /// <param name="length">Floats from one chunk's sums to the next's.</param>
    /// <param name="chunks">The number of chunks.</param>
    /// <param name="gradient">The flat gradient.</param>
    [MethodImpl(Compiled.AtOnce)]
    public static void Add(SummedGradient part, float* sums, nint length, int chunks, float* gradient)
    {
        if (part.Sums.AreLines)
        {
            AddLines(part, sums, length, chunks, gradient + part.Flat);
            return;
        }

        for (var chunk = 0; chunk < chunks; chunk++, sums += length)
        {
            for (var row = 0; row < part.Rows; row++)
            {
                var from = sums + part.Sums.At + ((nint)row * part.Sums.Stride);
                var to = gradient + part.Flat + ((nint)row * part.Columns);
                var i = 0;
                for (; i + Lanes <= part.Columns; i += Lanes)
                {
                    (Vector512.Load(to + i) + Vector512.LoadAligned(from + i)).Store(to + i);
                }

                for (; i < part.Columns; i++)
                {
                    to[i] += from[i];
                }
            }
        }
    }

    [SkipLocalsInit]
    [MethodImpl(Compiled.AtOnce)]
    private static void AddLines(SummedGradient part, float* sums, nint length, int chunks, float* to)
    {
        var memory = stackalloc float[(2 * Lanes * Lanes) + Lanes];
        var lines = (float*)(((nint)memory + 63) & ~63);
        var turned = lines + (Lanes * Lanes);
        for (var first = 0; first < part.Columns; first += Lanes)
        {
            var count = Math.Min(Lanes, part.Columns - first);
            var own = sums + part.Sums.At + ((nint)first * Lanes);
            if (chunks > 1 || count < Lanes)
            {
                Sum(own, length, chunks, count, lines);
                own = lines;
            }

            Transposition.Of16(own, Lanes, turned, Lanes);
            var total = Vector512.LoadAligned(turned);
            for (var i = 1; i < Lanes; i++)
            {
                total += Vector512.LoadAligned(turned + (i * Lanes));
            }

            if (count == Lanes)
            {
                (Vector512.Load(to + first) + total).Store(to + first);
                continue;
            }

            total.StoreAligned(lines);
            for (var i = 0; i < count; i++)
            {
                to[first + i] += lines[i];
            }
        }
    }

    [MethodImpl(Compiled.AtOnce)]
    private static void Sum(float* sums, nint length, int chunks, int count, float* lines)
    {
        for (var i = 0; i < Lanes; i++)
        {
            var sum = Vector512<float>.Zero;
            var line = sums + (i * Lanes);
            for (var chunk = 0; i < count && chunk < chunks; chunk++, line += length)
            {
                sum += Vector512.LoadAligned(line);
            }

            sum.StoreAligned(lines + (i * Lanes));
        }
    }
}
