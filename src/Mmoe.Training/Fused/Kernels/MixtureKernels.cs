using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Mmoe.Model;
using static Mmoe.Training.Fused.VectorMath;

namespace Mmoe.Training.Fused;

/// <summary>Logits of a gate to weights, in place; see <see cref="SoftmaxGate"/>.</summary>
internal sealed unsafe class SoftmaxKernel(Lines logits, float inverseTemperature, int topK) : BlockwiseKernel
{
    /// <inheritdoc/>
    [MethodImpl(Compiled.AtOnce)]
    protected override void Forward(in Block block)
    {
        var x = block.ValuesOf(logits);
        var end = logits.Count * Lines.Rows;
        var greatest = Vector512.LoadAligned(x);
        for (var i = Lines.Rows; i < end; i += Lines.Rows)
        {
            greatest = Vector512.MaxNative(greatest, Vector512.LoadAligned(x + i));
        }

        var least = topK < logits.Count ? this.KthGreatest(x) : Vector512.Create(float.NegativeInfinity);
        var scale = Vector512.Create(inverseTemperature);

        // What is so far below the greatest has no weight at all: the least that an exponential can be times a great scale would be a gradient.
        least = Vector512.Max(least, greatest + Vector512.Create(LeastExponent / inverseTemperature));
        var sum = Vector512<float>.Zero;
        for (var i = 0; i < end; i += Lines.Rows)
        {
            var logit = Vector512.LoadAligned(x + i);
            var e = Exp((logit - greatest) * scale);
            e = Vector512.ConditionalSelect(Vector512.LessThan(logit, least), Vector512<float>.Zero, e);
            e.StoreAligned(x + i);
            sum += e;
        }

        var factor = Vector512<float>.One / sum;
        for (var i = 0; i < end; i += Lines.Rows)
        {
            (Vector512.LoadAligned(x + i) * factor).StoreAligned(x + i);
        }
    }

    /// <inheritdoc/>
    [MethodImpl(Compiled.AtOnce)]
    protected override void Backward(in Block block)
    {
        var weights = block.ValuesOf(logits);
        var d = block.GradientsOf(logits);
        var end = logits.Count * Lines.Rows;
        var mean = Vector512<float>.Zero;
        for (var i = 0; i < end; i += Lines.Rows)
        {
            mean = Fma(Vector512.LoadAligned(weights + i), Vector512.LoadAligned(d + i), mean);
        }

        var scale = Vector512.Create(inverseTemperature);
        for (var i = 0; i < end; i += Lines.Rows)
        {
            (Vector512.LoadAligned(weights + i) * (Vector512.LoadAligned(d + i) - mean) * scale).StoreAligned(d + i);
        }
    }

    // For each row its k-th greatest logit.
    [MethodImpl(Compiled.AtOnce)]
    private Vector512<float> KthGreatest(float* x)
    {
        // Value after value from the greatest down, each with all that equal it, until there are enough: k values at most, and no more where
        // a logit is no number, which nothing equals.
        var end = logits.Count * Lines.Rows;
        var kth = Vector512.Create(float.PositiveInfinity);
        var value = kth;
        var missing = Vector512.Create((float)topK);
        for (var k = 0; k < topK && Vector512.GreaterThanAny(missing, Vector512<float>.Zero); k++)
        {
            var next = Vector512.Create(float.NegativeInfinity);
            for (var i = 0; i < end; i += Lines.Rows)
            {
                var logit = Vector512.LoadAligned(x + i);
                next = Vector512.ConditionalSelect(
                    Vector512.LessThan(logit, value) & Vector512.GreaterThan(logit, next), logit, next);
            }

            kth = Vector512.ConditionalSelect(Vector512.GreaterThan(missing, Vector512<float>.Zero), next, kth);
            for (var i = 0; i < end; i += Lines.Rows)
            {
                missing -= Vector512.ConditionalSelect(
                    Vector512.Equals(Vector512.LoadAligned(x + i), next), Vector512<float>.One, Vector512<float>.Zero);
            }

            value = next;
        }

        return kth;
    }
}

/// <summary>A sum of experts, each with a weight out of lines: the weights of a gate.</summary>
internal sealed unsafe class MixKernel(Lines weights, int[] experts, Lines to) : BlockwiseKernel
{
    /// <inheritdoc/>
    [MethodImpl(Compiled.AtOnce)]
    protected override void Forward(in Block block)
    {
        var g = block.ValuesOf(weights);
        var y = block.ValuesOf(to);
        for (var u = 0; u < to.Count; u++)
        {
            var (even, odd) = (Vector512<float>.Zero, Vector512<float>.Zero);
            var e = 0;
            for (; e + 2 <= experts.Length; e += 2)
            {
                even = Fma(Vector512.LoadAligned(g + (e * Lines.Rows)), Expert(block.Values, experts[e], u), even);
                odd = Fma(Vector512.LoadAligned(g + ((e + 1) * Lines.Rows)), Expert(block.Values, experts[e + 1], u), odd);
            }

            if (e < experts.Length)
            {
                even = Fma(Vector512.LoadAligned(g + (e * Lines.Rows)), Expert(block.Values, experts[e], u), even);
            }

            (even + odd).StoreAligned(y + (u * Lines.Rows));
        }
    }

    /// <inheritdoc/>
    [MethodImpl(Compiled.AtOnce)]
    protected override void Backward(in Block block)
    {
        var g = block.ValuesOf(weights);
        var dg = block.GradientsOf(weights);
        var dy = block.GradientsOf(to);
        for (var e = 0; e < experts.Length; e++)
        {
            var at = (nint)experts[e] * Lines.Rows;
            var x = block.Values + at;
            var dx = block.Gradients + at;
            var weight = Vector512.LoadAligned(g + (e * Lines.Rows));
            var product = Vector512.LoadAligned(dg + (e * Lines.Rows));
            for (var u = 0; u < to.Count * Lines.Rows; u += Lines.Rows)
            {
                var d = Vector512.LoadAligned(dy + u);
                product = Fma(d, Vector512.LoadAligned(x + u), product);
                Fma(d, weight, Vector512.LoadAligned(dx + u)).StoreAligned(dx + u);
            }

            product.StoreAligned(dg + (e * Lines.Rows));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Expert(float* values, int first, int unit) =>
        Vector512.LoadAligned(values + (((nint)first + unit) * Lines.Rows));
}

/// <summary>A sum of experts, each with a weight that is a parameter; see <see cref="StitchGate"/>.</summary>
internal sealed unsafe class StitchKernel(int weights, GradientSums sums, int[] experts, Lines to) : BlockwiseKernel
{
    /// <inheritdoc/>
    [MethodImpl(Compiled.AtOnce)]
    protected override void Forward(in Block block)
    {
        var y = block.ValuesOf(to);
        for (var u = 0; u < to.Count; u++)
        {
            var sum = Vector512<float>.Zero;
            for (var e = 0; e < experts.Length; e++)
            {
                var x = Vector512.LoadAligned(block.Values + (((nint)experts[e] + u) * Lines.Rows));
                sum = Fma(x, Vector512.Create(block.Parameters[weights + e]), sum);
            }

            sum.StoreAligned(y + (u * Lines.Rows));
        }
    }

    /// <inheritdoc/>
    [MethodImpl(Compiled.AtOnce)]
    protected override void Backward(in Block block)
    {
        var dy = block.GradientsOf(to);
        for (var e = 0; e < experts.Length; e++)
        {
            var at = (nint)experts[e] * Lines.Rows;
            var x = block.Values + at;
            var dx = block.Gradients + at;
            var own = block.Sums + sums.At + (e * Lines.Rows);
            var weight = Vector512.Create(block.Parameters[weights + e]);
            var product = Vector512.LoadAligned(own);
            for (var u = 0; u < to.Count * Lines.Rows; u += Lines.Rows)
            {
                var d = Vector512.LoadAligned(dy + u);
                product = Fma(d, Vector512.LoadAligned(x + u), product);
                Fma(d, weight, Vector512.LoadAligned(dx + u)).StoreAligned(dx + u);
            }

            product.StoreAligned(own);
        }
    }
}
