using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Mmoe.Model;
using static Mmoe.Training.Fused.VectorMath;

namespace Mmoe.Training.Fused;

/// <summary>
/// What a tower ends in, for training: going forward it adds each row's loss times the row's share to its task's line of losses, and going
/// back it sets the gradients of its logits. See <see cref="Loss"/> for the definitions.
/// </summary>
/// <param name="task">The position of the task.</param>
/// <param name="tasks">The number of tasks.</param>
internal abstract unsafe class LossKernel(int task, int tasks) : BlockKernel
{
    /// <summary>The rows' targets: 0 or 1, smoothed; the class; the standardised number. What is missing is 0.</summary>
    protected Vector512<float> Target(in Block block) => Vector512.LoadAligned(block.Targets + (task * Lines.Rows));

    /// <summary>The rows' shares in the task's mean: 0 for a row without the label, and for none.</summary>
    protected Vector512<float> Share(in Block block) => Vector512.LoadAligned(block.Targets + ((tasks + task) * Lines.Rows));

    /// <summary>By what the derivatives of the rows' losses are multiplied.</summary>
    protected Vector512<float> Factor(in Block block) => this.Share(block) * Vector512.Create(block.TaskFactors[task]);

    /// <summary>Adds rows' losses.</summary>
    protected void Add(in Block block, Vector512<float> losses)
    {
        var sum = block.Losses + (task * Lines.Rows);
        Fma(this.Share(block), losses, Vector512.LoadAligned(sum)).StoreAligned(sum);
    }

    /// <summary>log(1 + e^x).</summary>
    /// <param name="x">x.</param>
    /// <param name="e">e^-|x|.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    protected static Vector512<float> SoftPlus(Vector512<float> x, Vector512<float> e) =>
        Vector512.MaxNative(Vector512<float>.Zero, x) + Log1P(e);
}

/// <summary>See <see cref="BinaryHead"/>.</summary>
internal sealed unsafe class BinaryLossKernel(int task, int tasks, Lines logit, float positiveWeight) : LossKernel(task, tasks)
{
    /// <inheritdoc/>
    [MethodImpl(Compiled.AtOnce)]
    public override void Forward(in Block block)
    {
        var (z, y) = (Vector512.LoadAligned(block.ValuesOf(logit)), this.Target(block));
        var e = Exp(-Vector512.Abs(z));
        var positive = Vector512.Create(positiveWeight) * y;
        this.Add(block, (positive * SoftPlus(-z, e)) + ((Vector512<float>.One - y) * SoftPlus(z, e)));
    }

    /// <inheritdoc/>
    [MethodImpl(Compiled.AtOnce)]
    public override void Backward(in Block block)
    {
        // (1 - y)·σ(z) - p·y·σ(-z), each to its own last digits.
        var (z, y) = (Vector512.LoadAligned(block.ValuesOf(logit)), this.Target(block));
        var e = Exp(-Vector512.Abs(z));
        var greater = Vector512<float>.One / (Vector512<float>.One + e);
        var isPositive = Vector512.GreaterThanOrEqual(z, Vector512<float>.Zero);
        var sigmoid = Vector512.ConditionalSelect(isPositive, greater, e * greater);
        var rest = Vector512.ConditionalSelect(isPositive, e * greater, greater);
        var slope = ((Vector512<float>.One - y) * sigmoid) - (Vector512.Create(positiveWeight) * y * rest);
        (slope * this.Factor(block)).StoreAligned(block.GradientsOf(logit));
    }
}

/// <summary>See <see cref="MulticlassHead"/>.</summary>
internal sealed unsafe class MulticlassLossKernel(int task, int tasks, Lines logits, float smoothing) : LossKernel(task, tasks)
{
    private readonly float even = smoothing / logits.Count;

    /// <inheritdoc/>
    [MethodImpl(Compiled.AtOnce)]
    public override void Forward(in Block block)
    {
        var z = block.ValuesOf(logits);
        var label = this.Target(block);
        var (greatest, exponentials) = this.Normaliser(z);

        // Relative to the greatest logit: the loss is the same, and small numbers stay exact.
        var (own, sum) = (Vector512<float>.Zero, Vector512<float>.Zero);
        for (var k = 0; k < logits.Count; k++)
        {
            var logit = Vector512.LoadAligned(z + (k * Lines.Rows)) - greatest;
            own = Vector512.ConditionalSelect(Vector512.Equals(label, Vector512.Create((float)k)), logit, own);
            sum += logit;
        }

        var towards = (own * Vector512.Create(1 - smoothing)) + (sum * Vector512.Create(this.even));
        this.Add(block, Vector512.Log(exponentials) - towards);
    }

    /// <inheritdoc/>
    [MethodImpl(Compiled.AtOnce)]
    public override void Backward(in Block block)
    {
        var z = block.ValuesOf(logits);
        var dz = block.GradientsOf(logits);
        var (label, factor) = (this.Target(block), this.Factor(block));
        var (greatest, exponentials) = this.Normaliser(z);
        var inverse = Vector512<float>.One / exponentials;
        for (var k = 0; k < logits.Count; k++)
        {
            var probability = Exp(Vector512.LoadAligned(z + (k * Lines.Rows)) - greatest) * inverse;
            var isLabel = Vector512.Equals(label, Vector512.Create((float)k));
            var aim = Vector512.Create(this.even)
                + Vector512.ConditionalSelect(isLabel, Vector512.Create(1 - smoothing), Vector512<float>.Zero);
            ((probability - aim) * factor).StoreAligned(dz + (k * Lines.Rows));
        }
    }

    private (Vector512<float> Greatest, Vector512<float> Sum) Normaliser(float* z)
    {
        var greatest = Vector512.LoadAligned(z);
        for (var k = 1; k < logits.Count; k++)
        {
            greatest = Vector512.MaxNative(greatest, Vector512.LoadAligned(z + (k * Lines.Rows)));
        }

        var sum = Vector512<float>.Zero;
        for (var k = 0; k < logits.Count; k++)
        {
            sum += Exp(Vector512.LoadAligned(z + (k * Lines.Rows)) - greatest);
        }

        return (greatest, sum);
    }
}

/// <summary>See <see cref="RegressionHead"/>; the limit is infinite for the squared error.</summary>
internal sealed unsafe class RegressionLossKernel(int task, int tasks, Lines output, float limit) : LossKernel(task, tasks)
{
    private readonly bool isSquare = float.IsPositiveInfinity(limit);

    /// <inheritdoc/>
    [MethodImpl(Compiled.AtOnce)]
    public override void Forward(in Block block)
    {
        var error = Vector512.LoadAligned(block.ValuesOf(output)) - this.Target(block);
        if (this.isSquare)
        {
            this.Add(block, error * error);
            return;
        }

        var size = Vector512.Abs(error);
        var d = Vector512.Create(limit);
        var half = Vector512.Create(0.5f);
        this.Add(
            block,
            Vector512.ConditionalSelect(Vector512.LessThanOrEqual(size, d), error * error * half, d * (size - (d * half))));
    }

    /// <inheritdoc/>
    [MethodImpl(Compiled.AtOnce)]
    public override void Backward(in Block block)
    {
        var error = Vector512.LoadAligned(block.ValuesOf(output)) - this.Target(block);
        var d = Vector512.Create(limit);
        var slope = this.isSquare ? error + error : Vector512.MinNative(d, Vector512.MaxNative(-d, error));
        (slope * this.Factor(block)).StoreAligned(block.GradientsOf(output));
    }
}
