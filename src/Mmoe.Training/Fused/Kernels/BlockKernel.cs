using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using static Mmoe.Training.Fused.VectorMath;

namespace Mmoe.Training.Fused;

/// <summary>Neighbouring lines of a block's memory: a line holds one element of sixteen rows.</summary>
/// <param name="First">The first line.</param>
/// <param name="Count">How many.</param>
internal readonly record struct Lines(int First, int Count)
{
    /// <summary>Rows of a block, floats of a line.</summary>
    public const int Rows = 16;
}

/// <summary>The memory that kernels work in for a block of sixteen rows.</summary>
internal readonly unsafe struct Block
{
    /// <summary>Results: lines of the first layer, then of all other layers.</summary>
    public readonly float* Values;

    /// <summary>Derivatives of the loss by results, line by line.</summary>
    public readonly float* Gradients;

    /// <summary>The flat vector.</summary>
    public readonly float* Parameters;

    /// <summary>Where gradients of parameters are added up, apart from those of the first layer; see <see cref="GradientSums"/>.</summary>
    public readonly float* Sums;

    /// <summary>Factors of dropout; null where nothing is dropped.</summary>
    public readonly float* Masks;

    /// <summary>Lines of targets, then of the rows' shares in the mean, task by task.</summary>
    public readonly float* Targets;

    /// <summary>Per task, a line in which its loss is added up.</summary>
    public readonly float* Losses;

    /// <summary>Per task, by what its loss counts in the gradient.</summary>
    public readonly float* TaskFactors;

    /// <summary>A block.</summary>
    public Block(
        float* values, float* gradients, float* parameters, float* sums, float* masks, float* targets, float* losses, float* taskFactors)
    {
        this.Values = values;
        this.Gradients = gradients;
        this.Parameters = parameters;
        this.Sums = sums;
        this.Masks = masks;
        this.Targets = targets;
        this.Losses = losses;
        this.TaskFactors = taskFactors;
    }

    /// <summary>The values of lines.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public float* ValuesOf(Lines lines) => this.Values + ((nint)lines.First * Lines.Rows);

    /// <summary>The gradients of lines.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public float* GradientsOf(Lines lines) => this.Gradients + ((nint)lines.First * Lines.Rows);
}

/// <summary>
/// Something that is done for sixteen rows at once: reads lines, writes lines. Going back it adds to the gradients of what it read; the
/// gradients of a block are 0 at first.
/// </summary>
internal abstract class BlockKernel
{
    /// <summary>Computes values.</summary>
    public abstract void Forward(in Block block);

    /// <summary>Hands gradients on, from what it wrote to what it read and to parameters.</summary>
    public abstract void Backward(in Block block);
}

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

/// <summary>y = x · W + b.</summary>
internal sealed unsafe class DenseKernel(Lines from, Lines to, int weight, int bias, GradientSums weightSums, GradientSums biasSums) : BlockKernel
{
    private readonly int inputs = from.Count;
    private readonly int outputs = to.Count;

    /// <inheritdoc/>
    [MethodImpl(Compiled.AtOnce)]
    public override void Forward(in Block block)
    {
        var x = block.ValuesOf(from);
        var y = block.ValuesOf(to);
        var w = block.Parameters + weight;
        var b = bias < 0 ? null : block.Parameters + bias;
        var o = 0;
        for (; o + 8 <= this.outputs; o += 8)
        {
            Products.Forward8(x, w + o, b is null ? null : b + o, y + (o * Lines.Rows), this.inputs, this.outputs);
        }

        for (; o + 4 <= this.outputs; o += 4)
        {
            Products.Forward4(x, w + o, b is null ? null : b + o, y + (o * Lines.Rows), this.inputs, this.outputs);
        }

        for (; o < this.outputs; o++)
        {
            Products.Forward1(x, w + o, b is null ? null : b + o, y + (o * Lines.Rows), this.inputs, this.outputs);
        }
    }

    /// <inheritdoc/>
    [MethodImpl(Compiled.AtOnce)]
    public override void Backward(in Block block)
    {
        var x = block.ValuesOf(from);
        var dy = block.GradientsOf(to);
        if (bias >= 0)
        {
            var db = block.Sums + biasSums.At;
            for (var o = 0; o < this.outputs * Lines.Rows; o += Lines.Rows)
            {
                (Vector512.LoadAligned(db + o) + Vector512.LoadAligned(dy + o)).StoreAligned(db + o);
            }
        }

        if (weightSums.AreLines)
        {
            this.WeightLines(x, dy, block.Sums + weightSums.At);
        }
        else
        {
            this.WeightRows(x, dy, block.Sums + weightSums.At);
        }

        var w = block.Parameters + weight;
        var dx = block.GradientsOf(from);
        var i = 0;
        for (; i + 8 <= this.inputs; i += 8)
        {
            Products.Backward8(dy, w + ((nint)i * this.outputs), dx + (i * Lines.Rows), this.outputs);
        }

        for (; i + 4 <= this.inputs; i += 4)
        {
            Products.Backward4(dy, w + ((nint)i * this.outputs), dx + (i * Lines.Rows), this.outputs);
        }

        for (; i < this.inputs; i++)
        {
            Products.Backward1(dy, w + ((nint)i * this.outputs), dx + (i * Lines.Rows), this.outputs);
        }
    }

    [MethodImpl(Compiled.AtOnce)]
    private void WeightLines(float* x, float* dy, float* sums)
    {
        for (var i = 0; i < this.inputs; i++)
        {
            var xi = Vector512.LoadAligned(x + (i * Lines.Rows));
            for (var o = 0; o < this.outputs; o++, sums += Lines.Rows)
            {
                Fma(xi, Vector512.LoadAligned(dy + (o * Lines.Rows)), Vector512.LoadAligned(sums)).StoreAligned(sums);
            }
        }
    }

    // Rows of dy side by side, and each element of x times one of them.
    [SkipLocalsInit]
    [MethodImpl(Compiled.AtOnce)]
    private void WeightRows(float* x, float* dy, float* sums)
    {
        var turned = stackalloc float[(Lines.Rows * Lines.Rows) + Lines.Rows];
        turned = (float*)(((nint)turned + 63) & ~63);
        for (var o = 0; o < this.outputs; o += Lines.Rows)
        {
            var count = Math.Min(Lines.Rows, this.outputs - o);
            Transposition.Some(dy + (o * Lines.Rows), count, turned);
            var i = 0;
            for (; i + 6 <= this.inputs; i += 6)
            {
                Products.Outer6(x + (i * Lines.Rows), turned, sums + ((nint)i * weightSums.Stride) + o, weightSums.Stride);
            }

            for (; i < this.inputs; i++)
            {
                Products.Outer1(x + (i * Lines.Rows), turned, sums + ((nint)i * weightSums.Stride) + o);
            }
        }
    }
}
