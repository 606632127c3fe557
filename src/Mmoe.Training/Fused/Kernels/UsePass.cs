using System.Runtime.CompilerServices;
using Mmoe.Model;

namespace Mmoe.Training.Fused;

/// <summary>Logits of rows: the forward pass alone, without dropout.</summary>
internal sealed unsafe class UsePass : IDisposable
{
    /// <summary>Rows of a piece of work: enough that handing it out costs nothing, few enough that threads end together.</summary>
    private const int RowsPerPiece = 512;

    private readonly FusedProgram program;
    private readonly RowShape shape;
    private readonly int firstLayer;
    private readonly AlignedMemory<float> parameters;
    private readonly Crew crew;
    private readonly Worker[] workers;
    private readonly ConditionalWeakTable<ModelInputs, PackedRows> packed = [];
    private readonly ConditionalWeakTable<ModelInputs, PackedRows>.CreateValueCallback pack;
    private readonly int width;

    /// <summary>Prepares the pass.</summary>
    /// <param name="program">The program of use.</param>
    /// <param name="shape">The shape of rows.</param>
    /// <param name="firstLayer">Where the first layer begins in the flat vector.</param>
    /// <param name="parameters">The flat vector.</param>
    /// <param name="crew">The threads.</param>
    public UsePass(FusedProgram program, RowShape shape, int firstLayer, AlignedMemory<float> parameters, Crew crew)
    {
        (this.program, this.shape, this.firstLayer, this.parameters, this.crew) = (program, shape, firstLayer, parameters, crew);
        this.pack = inputs => PackedRows.Of(shape, inputs);
        this.workers = [.. Enumerable.Range(0, crew.Count).Select(_ => new Worker(program, shape, isTraining: false))];
        this.width = program.Logits.Sum(logits => logits.Count);
    }

    /// <summary>Takes rows that are packed already, and that are disposed of with the pass.</summary>
    /// <param name="inputs">The rows.</param>
    /// <param name="rows">The same, packed.</param>
    public void Take(ModelInputs inputs, PackedRows rows)
    {
        if (this.packed.TryGetValue(inputs, out var former))
        {
            former.Dispose();
        }

        this.packed.AddOrUpdate(inputs, rows);
    }

    /// <summary>Gives up rows that were packed.</summary>
    /// <param name="inputs">The rows.</param>
    public void Leave(ModelInputs inputs)
    {
        if (this.packed.Remove(inputs, out var rows))
        {
            rows.Dispose();
        }
    }

    /// <summary>Logits of rows, which stay packed as long as somebody has them: most are evaluated after every epoch.</summary>
    /// <param name="inputs">The rows.</param>
    /// <param name="cancellation">Ends the call after the rows under way.</param>
    /// <returns>[rows, widths of all heads].</returns>
    /// <exception cref="OperationCanceledException">Cancellation was asked for.</exception>
    public float[] Run(ModelInputs inputs, CancellationToken cancellation)
    {
        var logits = new float[checked(inputs.Rows * this.width)];
        var rows = this.packed.GetValue(inputs, this.pack);
        this.crew.Run((inputs.Rows + RowsPerPiece - 1) / RowsPerPiece, (thread, piece) =>
        {
            if (!cancellation.IsCancellationRequested)
            {
                this.RunPiece(this.workers[thread], rows, piece * RowsPerPiece, Math.Min((piece + 1) * RowsPerPiece, inputs.Rows), logits);
            }
        });
        cancellation.ThrowIfCancellationRequested();
        return logits;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var worker in this.workers)
        {
            worker.Dispose();
        }

        foreach (var (_, rows) in this.packed)
        {
            rows.Dispose();
        }

        this.packed.Clear();
    }

    [MethodImpl(Compiled.AtOnce)]
    private void RunPiece(Worker worker, PackedRows rows, int begin, int end, float[] logits)
    {
        worker.Begin(this.parameters.Pointer, sums: null, losses: null, taskFactors: null);
        var atOnce = worker.RowsAtOnce(end - begin);
        for (var first = begin; first < end; first += atOnce)
        {
            var count = Lines.BlocksOf(Math.Min(atOnce, end - first));
            for (var b = 0; b < count; b++)
            {
                var row = first + (b * Lines.Rows);
                worker.LoadNeighbours(
                    worker.Blocks[b], rows, row, Math.Min(Lines.Rows, end - row), this.parameters.Pointer + this.firstLayer);
            }

            foreach (var kernel in this.program.Kernels)
            {
                kernel.Forward(worker.Blocks, count);
            }

            for (var b = 0; b < count; b++)
            {
                var row = first + (b * Lines.Rows);
                this.Write(worker.Blocks[b], row, Math.Min(Lines.Rows, end - row), logits);
            }
        }
    }

    [MethodImpl(Compiled.AtOnce)]
    private void Write(in Block block, int first, int count, float[] logits)
    {
        var column = 0;
        foreach (var lines in this.program.Logits)
        {
            var from = block.ValuesOf(lines);
            for (var k = 0; k < lines.Count; k++, column++)
            {
                for (var row = 0; row < count; row++)
                {
                    logits[((first + row) * this.width) + column] = from[(k * Lines.Rows) + row];
                }
            }
        }
    }
}
