using System.Runtime.CompilerServices;

namespace Mmoe.Training.Fused;

/// <summary>The memory of one thread: of as many blocks as it computes at once.</summary>
internal sealed unsafe class Worker : IDisposable
{
    private readonly RowShape shape;
    private readonly AlignedMemory<float> lines;
    private readonly AlignedMemory<float> values;
    private readonly AlignedMemory<float> gradients;
    private readonly AlignedMemory<float> masks;
    private readonly AlignedMemory<float> targets;
    private readonly AlignedMemory<Block> blocks;
    private readonly AlignedMemory<float> scratch;
    private readonly nint valuesLength;
    private readonly nint masksLength;
    private readonly nint targetsLength;

    /// <summary>Memory for a program.</summary>
    /// <param name="program">The program.</param>
    /// <param name="shape">The shape of rows.</param>
    /// <param name="isTraining">Whether gradients are wanted.</param>
    public Worker(FusedProgram program, RowShape shape, bool isTraining)
    {
        this.shape = shape;
        this.Count = program.BlocksAtOnce;
        (this.valuesLength, this.masksLength, this.targetsLength) = (
            (nint)program.Lines * Lines.Rows, (nint)program.MaskLines * Lines.Rows, 2 * (nint)shape.Tasks * Lines.Rows);
        this.lines = new((long)Lines.Rows * shape.Stride);
        this.values = new((long)this.Count * this.valuesLength);
        this.gradients = new(isTraining ? (long)this.Count * this.valuesLength : 0);
        this.masks = new((long)this.Count * this.masksLength);
        this.targets = new((long)this.Count * this.targetsLength);
        this.blocks = new(this.Count);
        this.scratch = new(this.Count == 1 ? 0 : program.Kernels.Select(kernel => kernel.ScratchLength).DefaultIfEmpty().Max());
    }

    /// <summary>Blocks that there is memory for.</summary>
    public int Count { get; }

    /// <summary>The blocks, once <see cref="Begin"/> has said what they share.</summary>
    public Block* Blocks => this.blocks.Pointer;

    /// <summary>Says what all blocks share that come next.</summary>
    /// <param name="parameters">See <see cref="Block.Parameters"/>.</param>
    /// <param name="sums">See <see cref="Block.Sums"/>.</param>
    /// <param name="losses">See <see cref="Block.Losses"/>.</param>
    /// <param name="taskFactors">See <see cref="Block.TaskFactors"/>.</param>
    [MethodImpl(Compiled.AtOnce)]
    public void Begin(float* parameters, float* sums, float* losses, float* taskFactors)
    {
        for (var i = 0; i < this.Count; i++)
        {
            this.blocks.Pointer[i] = new(
                Part(this.values, i * this.valuesLength),
                Part(this.gradients, i * this.valuesLength),
                parameters,
                sums,
                Part(this.masks, i * this.masksLength),
                Part(this.targets, i * this.targetsLength),
                losses,
                taskFactors,
                Part(this.scratch, 0));
        }
    }

    /// <summary>How many of some rows to compute at once, so that there are as few groups of blocks as can be, of even size.</summary>
    /// <param name="rows">The rows, at least one.</param>
    public int RowsAtOnce(int rows)
    {
        var blocks = Lines.BlocksOf(rows);
        var groups = (blocks + this.Count - 1) / this.Count;
        return (blocks + groups - 1) / groups * Lines.Rows;
    }

    /// <summary>Sets gradients to 0.</summary>
    /// <param name="count">Of so many blocks.</param>
    public void ClearGradients(int count) => FlatVectors.Clear(this.gradients.Pointer, count * this.valuesLength);

    /// <summary>Computes the lines of the first layer for a block of rows anywhere.</summary>
    /// <param name="block">The block.</param>
    /// <param name="rows">The packed rows.</param>
    /// <param name="order">The numbers of the block's rows; there are at least <paramref name="ahead"/> more behind them.</param>
    /// <param name="count">The rows of the block; the lanes of those that it has not are 0.</param>
    /// <param name="weights">The first layer's matrix.</param>
    /// <param name="ahead">So many rows ahead memory is asked for rows.</param>
    [MethodImpl(Compiled.AtOnce)]
    public void Load(in Block block, PackedRows rows, int* order, int count, float* weights, int ahead)
    {
        var stride = this.shape.Stride;
        var size = rows.Size;
        var line = this.lines.Pointer;
        for (var row = 0; row < count; row++, line += stride)
        {
            PackedRows.Prefetch(rows.Pointer + ((nint)order[row + ahead] * size), size);
            FirstLayer.Forward(this.shape, weights, rows.Pointer + ((nint)order[row] * size), rows.FactorsAt, line, 0, stride);
        }

        this.Turn(block, this.lines.Pointer, count);
    }

    /// <summary>Computes the lines of the first layer for a block of rows that lie side by side.</summary>
    /// <param name="block">The block.</param>
    /// <param name="rows">The packed rows.</param>
    /// <param name="first">The first of the block's rows.</param>
    /// <param name="count">The rows of the block; the lanes of those that it has not are 0.</param>
    /// <param name="weights">The first layer's matrix.</param>
    [MethodImpl(Compiled.AtOnce)]
    public void LoadNeighbours(in Block block, PackedRows rows, int first, int count, float* weights)
    {
        var line = this.lines.Pointer;
        var row = rows.Pointer + ((nint)first * rows.Size);
        for (var i = 0; i < count; i++, line += this.shape.Stride, row += rows.Size)
        {
            FirstLayer.Forward(this.shape, weights, row, rows.FactorsAt, line, 0, this.shape.Stride);
        }

        this.Turn(block, this.lines.Pointer, count);
    }

    /// <summary>Turns lines of rows into lines of a block.</summary>
    /// <param name="block">The block.</param>
    /// <param name="from">[count, stride of the first layer]; there is room for sixteen, and the rest is set to 0.</param>
    /// <param name="count">The rows of the block.</param>
    [MethodImpl(Compiled.AtOnce)]
    public void Turn(in Block block, float* from, int count)
    {
        var stride = this.shape.Stride;
        if (count < Lines.Rows)
        {
            FlatVectors.Clear(from + ((nint)count * stride), (Lines.Rows - count) * (nint)stride);
        }

        for (var at = 0; at < stride; at += Lines.Rows)
        {
            Transposition.Of16(from + at, stride, block.Values + ((nint)at * Lines.Rows), Lines.Rows);
        }
    }

    // What there is no memory for is nowhere: a kernel that goes there by mistake fails at once.
    private static float* Part(AlignedMemory<float> memory, nint from) => memory.Length == 0 ? null : memory.Pointer + from;

    /// <inheritdoc/>
    public void Dispose()
    {
        this.lines.Dispose();
        this.values.Dispose();
        this.gradients.Dispose();
        this.masks.Dispose();
        this.targets.Dispose();
        this.blocks.Dispose();
        this.scratch.Dispose();
    }
}
