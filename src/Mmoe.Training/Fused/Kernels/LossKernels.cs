using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Mmoe.Model;
using static Mmoe.Training.Fused.VectorMath;

namespace Mmoe.Training.Fused;

/// <summary>
/// What a tower ends in, for training: adds each row's loss times the row's share to its task's line of losses, and sets the gradients of
/// the logits. See <see cref="Loss"/> for the definitions.
/// </summary>
/// <param name="task">The position of the task.</param>
/// <param name="tasks">The number of tasks.</param>
internal abstract unsafe class LossKernel(int task, int tasks)
{
    /// <summary>Does both for a block.</summary>
    public abstract void Run(in Block block);

    /// <summary>The rows' targets: 0 or 1, smoothed; the class; the standardised number. What is missing is 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    protected Vector512<float> Target(in Block block) => Vector512.LoadAligned(block.Targets + (task * Lines.Rows));

    /// <summary>By what the derivatives of the rows' losses are multiplied.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    protected Vector512<float> Factor(in Block block) => this.Share(block) * Vector512.Create(block.TaskFactors[task]);

    /// <summary>Adds rows' losses.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    protected void Add(in Block block, Vector512<float> losses)
    {
        var sum = block.Losses + (task * Lines.Rows);
        Fma(this.Share(block), losses, Vector512.LoadAligned(sum)).StoreAligned(sum);
    }

    // The rows' shares in the task's mean: 0 for a row without the label, and for none.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Vector512<float> Share(in Block block) => Vector512.LoadAligned(block.Targets + ((tasks + task) * Lines.Rows));
}

/// <summary>See <see cref="BinaryHead"/>.</summary>
internal sealed unsafe class BinaryLossKernel(int task, int tasks, Lines logit, float positiveWeight) : LossKernel(task, tasks)
{
    /// <inheritdoc/>
    [MethodImpl(Compiled.AtOnce)]
    public override void Run(in Block block)
    {
        var z = Vector512.LoadAligned(block.ValuesOf(logit));
        var y = this.Target(block);
        var positive = Vector512.Create(positiveWeight) * y;
        var negative = Vector512<float>.One - y;

        // log(1 + e^z) = max(z, 0) + log(1 + e^-|z|), and the same of -z: each part is exact, however far z is from 0.
        var e = Exp(-Vector512.Abs(z));
        var above = Vector512.MaxNative(Vector512<float>.Zero, z);
        var below = Vector512.MaxNative(Vector512<float>.Zero, -z);
        this.Add(block, Fma(positive + negative, Log1P(e), Fma(positive, below, negative * above)));

        // (1 - y)·σ(z) - p·y·σ(-z).
        var greater = Vector512<float>.One / (Vector512<float>.One + e);
        var lesser = e * greater;
        var isPositive = Vector512.GreaterThanOrEqual(z, Vector512<float>.Zero);
        var sigmoid = Vector512.ConditionalSelect(isPositive, greater, lesser);
        var rest = Vector512.ConditionalSelect(isPositive, lesser, greater);
        var slope = (negative * sigmoid) - (positive * rest);
        (slope * this.Factor(block)).StoreAligned(block.GradientsOf(logit));
    }
}

/// <summary>See <see cref="MulticlassHead"/>.</summary>
internal sealed unsafe class MulticlassLossKernel(int task, int tasks, Lines logits, float smoothing) : LossKernel(task, tasks)
{
    private readonly float even = smoothing / logits.Count;

    /// <inheritdoc/>
    [MethodImpl(Compiled.AtOnce)]
    public override void Run(in Block block)
    {
        var z = block.ValuesOf(logits);
        var dz = block.GradientsOf(logits);
        var label = this.Target(block);
        var greatest = Vector512.LoadAligned(z);
        for (var k = Lines.Rows; k < logits.Count * Lines.Rows; k += Lines.Rows)
        {
            greatest = Vector512.MaxNative(greatest, Vector512.LoadAligned(z + k));
        }

        // Relative to the greatest logit: the loss is the same, and small numbers stay exact.
        var own = Vector512<float>.Zero;
        var sum = Vector512<float>.Zero;
        var exponentials = Vector512<float>.Zero;
        for (var k = 0; k < logits.Count; k++)
        {
            var logit = Vector512.LoadAligned(z + (k * Lines.Rows)) - greatest;
            var e = Exp(logit);
            e.StoreAligned(dz + (k * Lines.Rows));
            own = Vector512.ConditionalSelect(Vector512.Equals(label, Vector512.Create((float)k)), logit, own);
            sum += logit;
            exponentials += e;
        }

        var towards = (own * Vector512.Create(1 - smoothing)) + (sum * Vector512.Create(this.even));
        this.Add(block, Vector512.Log(exponentials) - towards);
        var factor = this.Factor(block);
        var inverse = Vector512<float>.One / exponentials;
        for (var k = 0; k < logits.Count; k++)
        {
            var isLabel = Vector512.Equals(label, Vector512.Create((float)k));
            var aim = Vector512.Create(this.even)
                + Vector512.ConditionalSelect(isLabel, Vector512.Create(1 - smoothing), Vector512<float>.Zero);
            var probability = Vector512.LoadAligned(dz + (k * Lines.Rows)) * inverse;
            ((probability - aim) * factor).StoreAligned(dz + (k * Lines.Rows));
        }
    }
}

/// <summary>See <see cref="RegressionHead"/>; the limit is infinite for the squared error.</summary>
internal sealed unsafe class RegressionLossKernel(int task, int tasks, Lines output, float limit) : LossKernel(task, tasks)
{
    private readonly bool isSquare = float.IsPositiveInfinity(limit);

    /// <inheritdoc/>
    [MethodImpl(Compiled.AtOnce)]
    public override void Run(in Block block)
    {
        var error = Vector512.LoadAligned(block.ValuesOf(output)) - this.Target(block);
        Vector512<float> slope;
        if (this.isSquare)
        {
            this.Add(block, error * error);
            slope = error + error;
        }
        else
        {
            var size = Vector512.Abs(error);
            var d = Vector512.Create(limit);
            var half = Vector512.Create(0.5f);
            this.Add(
                block,
                Vector512.ConditionalSelect(Vector512.LessThanOrEqual(size, d), error * error * half, d * (size - (d * half))));

            // In this order of operands, no number stays none.
            slope = Vector512.MinNative(d, Vector512.MaxNative(-d, error));
        }

        (slope * this.Factor(block)).StoreAligned(block.GradientsOf(output));
    }
}
