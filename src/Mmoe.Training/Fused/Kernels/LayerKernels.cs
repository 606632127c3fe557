using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Mmoe.Model;
using static Mmoe.Training.Fused.VectorMath;

namespace Mmoe.Training.Fused;

/// <summary>A function of elements and its derivative.</summary>
internal interface IElementFunction
{
    /// <summary>f(x).</summary>
    static abstract Vector512<float> Of(Vector512<float> x);

    /// <summary>d · f'(x).</summary>
    /// <param name="d">The gradient of y.</param>
    /// <param name="x">x; or y, where the result took its place.</param>
    /// <param name="y">f(x).</param>
    static abstract Vector512<float> Back(Vector512<float> d, Vector512<float> x, Vector512<float> y);
}

/// <summary>max(x, 0). May take the place of what it is made from.</summary>
internal readonly struct ReluFunction : IElementFunction
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Of(Vector512<float> x) =>
        Vector512.MaxNative(Vector512<float>.Zero, x); // in this order of operands, no number stays none

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Back(Vector512<float> d, Vector512<float> x, Vector512<float> y) => WherePositive(y, d);
}

/// <summary>tanh x, whose derivative is 1 - tanh². May take the place of what it is made from.</summary>
internal readonly struct TanhFunction : IElementFunction
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Of(Vector512<float> x) => Tanh(x);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Back(Vector512<float> d, Vector512<float> x, Vector512<float> y) =>
        d * (Vector512<float>.One - (y * y));
}

/// <summary>x·σ(x), whose derivative is σ + x·σ·(1 - σ).</summary>
internal readonly struct SiluFunction : IElementFunction
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Of(Vector512<float> x) => x * Sigmoid(x);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Back(Vector512<float> d, Vector512<float> x, Vector512<float> y)
    {
        var s = Sigmoid(x);
        return d * Fma(x * s, Vector512<float>.One - s, s);
    }
}

/// <summary>x·Φ(x), whose derivative is Φ + x·φ.</summary>
internal readonly struct GeluFunction : IElementFunction
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Of(Vector512<float> x) => x * NormalDistribution(x);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Back(Vector512<float> d, Vector512<float> x, Vector512<float> y) =>
        d * Fma(x, NormalDensity(x), NormalDistribution(x));
}

/// <summary>An activation, from lines to others or in their place.</summary>
/// <typeparam name="TFunction">The function.</typeparam>
internal sealed unsafe class ActivationKernel<TFunction>(Lines from, Lines to) : BlockwiseKernel
    where TFunction : struct, IElementFunction
{
    /// <inheritdoc/>
    [MethodImpl(Compiled.AtOnce)]
    protected override void Forward(in Block block)
    {
        var x = block.ValuesOf(from);
        var y = block.ValuesOf(to);
        for (var i = 0; i < from.Count * Lines.Rows; i += Lines.Rows)
        {
            TFunction.Of(Vector512.LoadAligned(x + i)).StoreAligned(y + i);
        }
    }

    /// <inheritdoc/>
    [MethodImpl(Compiled.AtOnce)]
    protected override void Backward(in Block block)
    {
        var x = block.ValuesOf(from);
        var y = block.ValuesOf(to);
        var dy = block.GradientsOf(to);
        var dx = block.GradientsOf(from);
        var isInPlace = from == to;
        for (var i = 0; i < from.Count * Lines.Rows; i += Lines.Rows)
        {
            var d = TFunction.Back(Vector512.LoadAligned(dy + i), Vector512.LoadAligned(x + i), Vector512.LoadAligned(y + i));
            (isInPlace ? d : Vector512.LoadAligned(dx + i) + d).StoreAligned(dx + i);
        }
    }
}

/// <summary>See <see cref="Dropout"/>; the factors of a block lie line by line where <paramref name="mask"/> says.</summary>
internal sealed unsafe class DropoutKernel(Lines from, Lines to, Lines mask) : BlockwiseKernel
{
    /// <inheritdoc/>
    [MethodImpl(Compiled.AtOnce)]
    protected override void Forward(in Block block)
    {
        var x = block.ValuesOf(from);
        var y = block.ValuesOf(to);
        var factors = block.Masks + ((nint)mask.First * Lines.Rows);
        for (var i = 0; i < from.Count * Lines.Rows; i += Lines.Rows)
        {
            (Vector512.LoadAligned(x + i) * Vector512.LoadAligned(factors + i)).StoreAligned(y + i);
        }
    }

    /// <inheritdoc/>
    [MethodImpl(Compiled.AtOnce)]
    protected override void Backward(in Block block)
    {
        var dy = block.GradientsOf(to);
        var dx = block.GradientsOf(from);
        var factors = block.Masks + ((nint)mask.First * Lines.Rows);
        for (var i = 0; i < from.Count * Lines.Rows; i += Lines.Rows)
        {
            Fma(Vector512.LoadAligned(dy + i), Vector512.LoadAligned(factors + i), Vector512.LoadAligned(dx + i)).StoreAligned(dx + i);
        }
    }
}

/// <summary>
/// See <see cref="LayerNorm"/>. Two lines of its own follow those that it writes: what was subtracted from each row, and what it was
/// multiplied by.
/// </summary>
internal sealed unsafe class NormKernel(
    Lines from, Lines to, Lines own, int scale, int shift, float epsilon, GradientSums scaleSums, GradientSums shiftSums) : BlockwiseKernel
{
    private readonly Vector512<float> share = Vector512.Create(1f / from.Count);

    /// <inheritdoc/>
    [MethodImpl(Compiled.AtOnce)]
    protected override void Forward(in Block block)
    {
        var x = block.ValuesOf(from);
        var y = block.ValuesOf(to);
        var kept = block.ValuesOf(own);
        var sum = Vector512<float>.Zero;
        for (var i = 0; i < from.Count; i++)
        {
            sum += Vector512.LoadAligned(x + (i * Lines.Rows));
        }

        var mean = sum * this.share;
        var squares = Vector512<float>.Zero;
        for (var i = 0; i < from.Count; i++)
        {
            var d = Vector512.LoadAligned(x + (i * Lines.Rows)) - mean;
            squares = Fma(d, d, squares);
        }

        var factor = Vector512<float>.One / Vector512.Sqrt(Fma(squares, this.share, Vector512.Create(epsilon)));
        mean.StoreAligned(kept);
        factor.StoreAligned(kept + Lines.Rows);
        for (var i = 0; i < from.Count; i++)
        {
            var normal = (Vector512.LoadAligned(x + (i * Lines.Rows)) - mean) * factor;
            Fma(normal, Vector512.Create(block.Parameters[scale + i]), Vector512.Create(block.Parameters[shift + i]))
                .StoreAligned(y + (i * Lines.Rows));
        }
    }

    /// <inheritdoc/>
    [MethodImpl(Compiled.AtOnce)]
    protected override void Backward(in Block block)
    {
        var x = block.ValuesOf(from);
        var kept = block.ValuesOf(own);
        var dy = block.GradientsOf(to);
        var dx = block.GradientsOf(from);
        var (mean, factor) = (Vector512.LoadAligned(kept), Vector512.LoadAligned(kept + Lines.Rows));
        var dScale = block.Sums + scaleSums.At;
        var dShift = block.Sums + shiftSums.At;
        var (sum, product) = (Vector512<float>.Zero, Vector512<float>.Zero);
        for (var i = 0; i < from.Count; i++)
        {
            var line = i * Lines.Rows;
            var normal = (Vector512.LoadAligned(x + line) - mean) * factor;
            var d = Vector512.LoadAligned(dy + line);
            Fma(d, normal, Vector512.LoadAligned(dScale + line)).StoreAligned(dScale + line);
            (Vector512.LoadAligned(dShift + line) + d).StoreAligned(dShift + line);
            d *= Vector512.Create(block.Parameters[scale + i]);
            sum += d;
            product = Fma(d, normal, product);
        }

        // Of y = (x - mean) · factor: dx = factor · (dy - mean of dy - y · mean of dy·y).
        sum *= this.share;
        product *= this.share;
        for (var i = 0; i < from.Count; i++)
        {
            var line = i * Lines.Rows;
            var normal = (Vector512.LoadAligned(x + line) - mean) * factor;
            var d = (Vector512.LoadAligned(dy + line) * Vector512.Create(block.Parameters[scale + i])) - sum - (normal * product);
            Fma(d, factor, Vector512.LoadAligned(dx + line)).StoreAligned(dx + line);
        }
    }
}

/// <summary>One plus the other, from lines to new ones.</summary>
internal sealed unsafe class SumKernel(Lines one, Lines other, Lines to) : BlockwiseKernel
{
    /// <inheritdoc/>
    [MethodImpl(Compiled.AtOnce)]
    protected override void Forward(in Block block)
    {
        var a = block.ValuesOf(one);
        var b = block.ValuesOf(other);
        var y = block.ValuesOf(to);
        for (var i = 0; i < to.Count * Lines.Rows; i += Lines.Rows)
        {
            (Vector512.LoadAligned(a + i) + Vector512.LoadAligned(b + i)).StoreAligned(y + i);
        }
    }

    /// <inheritdoc/>
    [MethodImpl(Compiled.AtOnce)]
    protected override void Backward(in Block block)
    {
        this.Add(block, one);
        this.Add(block, other);
    }

    [MethodImpl(Compiled.AtOnce)]
    private void Add(in Block block, Lines lines)
    {
        var dy = block.GradientsOf(to);
        var dx = block.GradientsOf(lines);
        for (var i = 0; i < to.Count * Lines.Rows; i += Lines.Rows)
        {
            (Vector512.LoadAligned(dx + i) + Vector512.LoadAligned(dy + i)).StoreAligned(dx + i);
        }
    }
}
