using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Mmoe.Training.Fused;

/// <summary>What a batch consists of and is computed with.</summary>
/// <param name="Rows">The packed rows.</param>
/// <param name="Order">Row numbers, the batch's and those that follow it.</param>
/// <param name="From">The batch's first position in the order.</param>
/// <param name="Count">The rows of the batch.</param>
internal readonly record struct Batch(PackedRows Rows, AlignedMemory<int> Order, int From, int Count);

/// <summary>
/// The passes of a batch: forward and backward through all layers, block by block of sixteen rows, then the gradient of the first layer.
/// </summary>
/// <remarks>
/// <para>
/// Blocks are dealt out in chunks, which depend on the size of the batch alone. Each chunk has its own sums of gradients, and they are added
/// in the order of chunks; each row of the first layer's gradient gets its additions in the order of the batch's rows. So the number of
/// threads changes no bit.
/// </para>
/// </remarks>
internal sealed unsafe class BatchPass : IDisposable
{
    /// <summary>A chunk has at least so many blocks: 128 rows.</summary>
    private const int LeastBlocks = 8;

    /// <summary>A batch has at most so many chunks.</summary>
    private const int MostChunks = 16;

    /// <summary>So many rows ahead a row is asked for, about as long before it is needed as memory takes.</summary>
    private const int Ahead = 40;

    /// <summary>The same where rows were read before, and lie in the cache of this processor or of another.</summary>
    private const int AheadAgain = 12;

    private readonly FusedProgram program;
    private readonly RowShape shape;
    private readonly Crew crew;
    private readonly Worker[] workers;
    private readonly AlignedMemory<float> parameters;
    private readonly AlignedMemory<float> gradient;
    private readonly TouchedRows touched;
    private readonly AlignedMemory<float> taskFactors;
    private readonly int firstLayer;
    private readonly Action<int, int> runChunk;
    private readonly Action<int, int> addGradients;
    private AlignedMemory<float> lineGradients = new(0);
    private AlignedMemory<float> sums = new(0);
    private AlignedMemory<float> losses = new(0);
    private AlignedMemory<float> masks = new(0);
    private Batch batch;
    private int chunks;
    private int blocksPerChunk;
    private int pieces;
    private readonly float[] shares;
    private readonly AlignedMemory<float> ones;

    /// <summary>Prepares passes.</summary>
    /// <param name="program">The program of training.</param>
    /// <param name="shape">The shape of rows.</param>
    /// <param name="firstLayer">Where the first layer begins in the flat vector.</param>
    /// <param name="parameters">The flat vector.</param>
    /// <param name="gradient">Its gradient, to which passes add.</param>
    /// <param name="touched">Where rows of the first layer that get a gradient are marked.</param>
    /// <param name="taskFactors">Per task, by what its loss counts in the gradient.</param>
    /// <param name="crew">The threads.</param>
    public BatchPass(
        FusedProgram program,
        RowShape shape,
        int firstLayer,
        AlignedMemory<float> parameters,
        AlignedMemory<float> gradient,
        TouchedRows touched,
        AlignedMemory<float> taskFactors,
        Crew crew)
    {
        (this.program, this.shape, this.firstLayer, this.crew) = (program, shape, firstLayer, crew);
        (this.parameters, this.gradient, this.touched, this.taskFactors) = (parameters, gradient, touched, taskFactors);
        this.workers = [.. Enumerable.Range(0, crew.Count).Select(_ => new Worker(program, shape, isTraining: true))];
        this.shares = new float[shape.Tasks];
        this.ones = new(shape.Tasks);
        this.ones.Span.Fill(1);
        this.runChunk = this.RunChunk;
        this.addGradients = this.AddGradients;
    }

    /// <summary>Per layer of dropout, its factors: [rows, width], to be written before a batch; see <see cref="Reserve"/>.</summary>
    /// <param name="layer">The position of the layer in the program.</param>
    /// <param name="rows">The rows of the batch.</param>
    public Span<float> Mask(int layer, int rows)
    {
        var mask = this.program.Masked[layer].Mask;
        var first = (nint)mask.First * rows;
        ArgumentOutOfRangeException.ThrowIfGreaterThan(first + ((nint)mask.Count * rows), (nint)this.masks.Length, nameof(rows));
        return new(this.masks.Pointer + first, checked(mask.Count * rows));
    }

    /// <summary>Makes room for batches of a size.</summary>
    /// <param name="rows">The most rows of a batch.</param>
    public void Reserve(int rows)
    {
        var blocks = Lines.BlocksOf(rows);
        var most = Chunks(blocks).Count;
        Grow(ref this.lineGradients, (long)blocks * Lines.Rows * this.shape.Stride);
        Grow(ref this.sums, (long)most * this.program.SumsLength);
        Grow(ref this.losses, (long)most * this.shape.Tasks * Lines.Rows);
        Grow(ref this.masks, (long)this.program.MaskLines * rows);
    }

    /// <summary>Runs a batch: adds to the gradient, and tells the losses.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="losses">Per task, to be written: the mean over the rows that have the label.</param>
    /// <param name="weights">Per task, to be written: the weight of those rows.</param>
    [MethodImpl(Compiled.AtOnce)]
    public void Run(in Batch batch, Span<double> losses, Span<double> weights)
    {
        this.batch = batch;
        this.Weigh(weights);
        var blocks = Lines.BlocksOf(batch.Count);
        (this.chunks, this.blocksPerChunk) = Chunks(blocks);
        this.crew.Run(this.chunks, this.runChunk);
        this.pieces = this.chunks == 1 ? 1 : this.crew.Count;
        this.crew.Run(this.pieces, this.addGradients);
        for (var task = 0; task < losses.Length; task++)
        {
            losses[task] = 0;
            for (var chunk = 0; chunk < this.chunks; chunk++)
            {
                losses[task] += Vector512.Sum(Vector512.LoadAligned(this.LossesOf(chunk) + (task * Lines.Rows)));
            }
        }
    }

    /// <summary>Whether the last batch was shared out, and its gradient so lies in several processors' caches.</summary>
    public bool IsShared => this.pieces > 1;

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var worker in this.workers)
        {
            worker.Dispose();
        }

        this.lineGradients.Dispose();
        this.sums.Dispose();
        this.losses.Dispose();
        this.masks.Dispose();
        this.ones.Dispose();
    }

    private bool IsWide => this.shape.Stride > FirstLayer.ColumnsAtOnce;

    private static (int Count, int Blocks) Chunks(int blocks)
    {
        var each = Math.Max(LeastBlocks, (blocks + MostChunks - 1) / MostChunks);
        return (Math.Max(1, (blocks + each - 1) / each), each);
    }

    private static void Grow(ref AlignedMemory<float> memory, long length)
    {
        if (memory.Length < length)
        {
            memory.Dispose();
            memory = new(length);
        }
    }

    private float* LossesOf(int chunk) => this.losses.Pointer + ((nint)chunk * this.shape.Tasks * Lines.Rows);

    // A row's share in its task's mean is its weight over the weight of the batch.
    [MethodImpl(Compiled.AtOnce)]
    private void Weigh(Span<double> weights)
    {
        var rows = this.batch.Rows;
        if (!rows.AreWeighted)
        {
            weights.Fill(this.batch.Count);
            this.shares.AsSpan().Fill(1f / this.batch.Count);
            return;
        }

        weights.Clear();
        var order = this.batch.Order.Pointer + this.batch.From;
        for (var row = 0; row < this.batch.Count; row++)
        {
            var own = (float*)(rows.Pointer + ((nint)order[row] * rows.Size) + rows.WeightsAt);
            for (var task = 0; task < weights.Length; task++)
            {
                weights[task] += own[task];
            }
        }

        for (var task = 0; task < weights.Length; task++)
        {
            this.shares[task] = weights[task] > 0 ? (float)(1 / weights[task]) : 0;
        }
    }

    [MethodImpl(Compiled.AtOnce)]
    private void RunChunk(int thread, int chunk)
    {
        var worker = this.workers[thread];
        var sums = this.sums.Pointer + ((nint)chunk * this.program.SumsLength);
        var losses = this.LossesOf(chunk);
        FlatVectors.Clear(sums, this.program.SumsLength);
        FlatVectors.Clear(losses, this.shape.Tasks * Lines.Rows);
        worker.Begin(this.parameters.Pointer, sums, losses, this.taskFactors.Pointer);
        var begin = chunk * this.blocksPerChunk * Lines.Rows;
        var end = Math.Min(begin + (this.blocksPerChunk * Lines.Rows), this.batch.Count);
        if (this.IsWide)
        {
            this.LoadWide(begin, end);
        }

        var atOnce = worker.RowsAtOnce(end - begin);
        for (var first = begin; first < end; first += atOnce)
        {
            this.RunBlocks(worker, first, Math.Min(atOnce, end - first));
        }
    }

    // Some columns of the matrix after the other, for all rows of a chunk: they stay in the cache meanwhile, as the whole of it would not.
    // The lines lie where their gradients are written later.
    [MethodImpl(Compiled.AtOnce)]
    private void LoadWide(int begin, int end)
    {
        var rows = this.batch.Rows;
        var order = this.batch.Order.Pointer + this.batch.From;
        for (var from = 0; from < this.shape.Stride; from += FirstLayer.ColumnsAtOnce)
        {
            var to = Math.Min(from + FirstLayer.ColumnsAtOnce, this.shape.Stride);
            for (var row = begin; row < end; row++)
            {
                var packed = rows.Pointer + ((nint)order[row] * rows.Size);
                FirstLayer.Forward(
                    this.shape, this.parameters.Pointer + this.firstLayer, packed, rows.FactorsAt, this.LinesOf(row), from, to);
            }
        }
    }

    // Rows from a position of the batch on, at most as many as the worker has blocks for.
    [MethodImpl(Compiled.AtOnce)]
    private void RunBlocks(Worker worker, int first, int rows)
    {
        var count = Lines.BlocksOf(rows);
        for (var b = 0; b < count; b++)
        {
            var skipped = b * Lines.Rows;
            this.Load(worker, worker.Blocks[b], first + skipped, Math.Min(Lines.Rows, rows - skipped));
        }

        var kernels = this.program.Kernels;
        foreach (var kernel in kernels)
        {
            kernel.Forward(worker.Blocks, count);
        }

        worker.ClearGradients(count);
        foreach (var loss in this.program.Losses)
        {
            for (var b = 0; b < count; b++)
            {
                loss.Run(worker.Blocks[b]);
            }
        }

        for (var i = kernels.Length - 1; i >= 0; i--)
        {
            kernels[i].Backward(worker.Blocks, count);
        }

        var stride = this.shape.Stride;
        for (var b = 0; b < count; b++)
        {
            var lines = this.LinesOf(first + (b * Lines.Rows));
            for (var at = 0; at < stride; at += Lines.Rows)
            {
                Transposition.Of16(worker.Blocks[b].Gradients + ((nint)at * Lines.Rows), Lines.Rows, lines + at, stride);
            }
        }
    }

    // All that a block of rows, from a position of the batch on, begins with.
    [MethodImpl(Compiled.AtOnce)]
    private void Load(Worker worker, in Block block, int first, int count)
    {
        var order = this.batch.Order.Pointer + this.batch.From + first;
        if (this.IsWide)
        {
            worker.Turn(block, this.LinesOf(first), count);
        }
        else
        {
            worker.Load(block, this.batch.Rows, order, count, this.parameters.Pointer + this.firstLayer, Ahead);
        }

        this.LoadTargets(block.Targets, order, count);
        this.LoadMasks(block.Masks, first, count);
    }

    // Where a row's line of the first layer lies, and later its gradient.
    private float* LinesOf(int row) => this.lineGradients.Pointer + ((nint)row * this.shape.Stride);

    // Targets line by line, then shares; both are 0 for lanes without a row.
    [MethodImpl(Compiled.AtOnce)]
    private void LoadTargets(float* to, int* order, int count)
    {
        var (rows, tasks) = (this.batch.Rows, this.shape.Tasks);
        var shares = to + (tasks * Lines.Rows);
        if (count < Lines.Rows)
        {
            FlatVectors.Clear(to, 2 * tasks * Lines.Rows);
        }

        for (var row = 0; row < count; row++)
        {
            var packed = rows.Pointer + ((nint)order[row] * rows.Size);
            var targets = (float*)(packed + rows.TargetsAt);
            var weights = rows.AreWeighted ? (float*)(packed + rows.WeightsAt) : this.ones.Pointer;
            for (var task = 0; task < tasks; task++)
            {
                to[(task * Lines.Rows) + row] = targets[task];
                shares[(task * Lines.Rows) + row] = weights[task] * this.shares[task];
            }
        }
    }

    [MethodImpl(Compiled.AtOnce)]
    private void LoadMasks(float* to, int first, int count)
    {
        foreach (var layer in this.program.Masked)
        {
            var (mask, rows) = (layer.Mask, this.batch.Count);
            var from = this.masks.Pointer + ((nint)mask.First * rows) + ((nint)first * mask.Count);
            var lines = to + ((nint)mask.First * Lines.Rows);
            for (var row = 0; row < count; row++)
            {
                for (var i = 0; i < mask.Count; i++)
                {
                    lines[(i * Lines.Rows) + row] = from[(row * mask.Count) + i];
                }
            }
        }
    }

    // Each piece is a part of the columns where there are many, and else of the inputs and of what follows the first layer: what one adds to,
    // no other does.
    [MethodImpl(Compiled.AtOnce)]
    private void AddGradients(int thread, int piece)
    {
        var stride = this.shape.Stride;
        var vectors = stride / Lines.Rows;
        if (vectors >= 4 * this.pieces)
        {
            var from = vectors * piece / this.pieces * Lines.Rows;
            var to = vectors * (piece + 1) / this.pieces * Lines.Rows;
            for (var at = from; at < to; at += FirstLayer.ColumnsAtOnce)
            {
                var end = Math.Min(at + FirstLayer.ColumnsAtOnce, to);
                this.AddGathered(piece, 0, this.shape.Gathered, at, end);
                this.AddNumerics(at, end);
            }
        }
        else
        {
            var (first, last) = (this.shape.Gathered * piece / this.pieces, this.shape.Gathered * (piece + 1) / this.pieces);
            this.AddGathered(piece, first, last, 0, stride);
            this.AddNumerics(vectors * piece / this.pieces * Lines.Rows, vectors * (piece + 1) / this.pieces * Lines.Rows);
        }

        for (var part = piece; part < this.program.Summed.Length; part += this.pieces)
        {
            GradientReduction.Add(
                this.program.Summed[part], this.sums.Pointer, this.program.SumsLength, this.chunks, this.gradient.Pointer);
        }
    }

    [MethodImpl(Compiled.AtOnce)]
    private void AddGathered(int share, int firstInput, int endInput, int from, int to)
    {
        var rows = this.batch.Rows;
        var order = this.batch.Order.Pointer + this.batch.From;
        var d = this.lineGradients.Pointer;
        var gradient = this.gradient.Pointer + this.firstLayer;
        var touched = this.touched.Of(share);
        for (var row = 0; row < this.batch.Count; row++, d += this.shape.Stride)
        {
            PackedRows.Prefetch(rows.Pointer + ((nint)order[row + AheadAgain] * rows.Size), rows.Size);
            var packed = rows.Pointer + ((nint)order[row] * rows.Size);
            FirstLayer.Backward(this.shape, packed, firstInput, endInput, from, to, d, gradient, touched);
        }
    }

    private void AddNumerics(int from, int to)
    {
        FirstLayer.NumericBackward(
            this.batch.Rows,
            this.batch.Order.Pointer + this.batch.From,
            this.batch.Count,
            this.shape.Factors,
            this.lineGradients.Pointer,
            this.shape.Stride,
            from,
            to,
            this.gradient.Pointer + this.firstLayer + ((nint)this.shape.FirstNumeric * this.shape.Stride));
        for (var row = this.shape.FirstNumeric; from == 0 && row <= this.shape.Inputs; row++)
        {
            this.touched.Mark(share: 0, row * this.shape.Vectors);
        }
    }
}
