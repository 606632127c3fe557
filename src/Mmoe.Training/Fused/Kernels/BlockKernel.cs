using System.Runtime.CompilerServices;

namespace Mmoe.Training.Fused;

/// <summary>Neighbouring lines of a block's memory: a line holds one element of sixteen rows.</summary>
/// <param name="First">The first line.</param>
/// <param name="Count">How many.</param>
internal readonly record struct Lines(int First, int Count)
{
    /// <summary>Rows of a block, floats of a line.</summary>
    public const int Rows = 16;

    /// <summary>How many blocks hold a number of rows; the last may be filled in part.</summary>
    public static int BlocksOf(int rows) => (int)(((long)rows + Rows - 1) / Rows);
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

    /// <summary>Room that a kernel may use while it runs, see <see cref="BlockKernel.ScratchLength"/>; null where it computes one block.</summary>
    public readonly float* Scratch;

    /// <summary>A block.</summary>
    public Block(
        float* values,
        float* gradients,
        float* parameters,
        float* sums,
        float* masks,
        float* targets,
        float* losses,
        float* taskFactors,
        float* scratch = null)
    {
        this.Values = values;
        this.Gradients = gradients;
        this.Parameters = parameters;
        this.Sums = sums;
        this.Masks = masks;
        this.Targets = targets;
        this.Losses = losses;
        this.TaskFactors = taskFactors;
        this.Scratch = scratch;
    }

    /// <summary>The values of lines.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public float* ValuesOf(Lines lines) => this.Values + ((nint)lines.First * Lines.Rows);

    /// <summary>The gradients of lines.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public float* GradientsOf(Lines lines) => this.Gradients + ((nint)lines.First * Lines.Rows);
}

/// <summary>
/// Something that is done for blocks of sixteen rows: reads lines, writes lines. Going back it adds to the gradients of what it read; the
/// gradients of a block are 0 at first. Several blocks give the same bits as one after the other.
/// </summary>
internal abstract unsafe class BlockKernel
{
    /// <summary>Floats that it needs room for while it computes several blocks.</summary>
    public virtual int ScratchLength => 0;

    /// <summary>Computes values.</summary>
    public abstract void Forward(Block* blocks, int count);

    /// <summary>Hands gradients on, from what it wrote to what it read and to parameters.</summary>
    public abstract void Backward(Block* blocks, int count);
}

/// <summary>A kernel that has nothing to gain from several blocks at once.</summary>
internal abstract unsafe class BlockwiseKernel : BlockKernel
{
    /// <inheritdoc/>
    [MethodImpl(Compiled.AtOnce)]
    public sealed override void Forward(Block* blocks, int count)
    {
        for (var i = 0; i < count; i++)
        {
            this.Forward(blocks[i]);
        }
    }

    /// <inheritdoc/>
    [MethodImpl(Compiled.AtOnce)]
    public sealed override void Backward(Block* blocks, int count)
    {
        for (var i = 0; i < count; i++)
        {
            this.Backward(blocks[i]);
        }
    }

    /// <summary>Computes values of a block.</summary>
    protected abstract void Forward(in Block block);

    /// <summary>Hands gradients of a block on.</summary>
    protected abstract void Backward(in Block block);
}
