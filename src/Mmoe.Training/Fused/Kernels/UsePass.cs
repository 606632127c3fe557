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
    private readonly PackedRows[] packed;
    private readonly AlignedMemory<int> order = new(Lines.Rows);
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
        this.workers = [.. Enumerable.Range(0, crew.Count).Select(_ => new Worker(program, shape))];
        this.packed = [.. Enumerable.Range(0, crew.Count).Select(_ => PackedRows.Empty(shape, Lines.Rows))];
        this.width = program.Logits.Sum(logits => logits.Count);
        for (var i = 0; i < Lines.Rows; i++)
        {
            this.order.Pointer[i] = i;
        }
    }

    /// <summary>Logits of rows.</summary>
    /// <param name="inputs">The rows.</param>
    /// <param name="cancellation">Ends the call after the rows under way.</param>
    /// <returns>[rows, widths of all heads].</returns>
    /// <exception cref="OperationCanceledException">Cancellation was asked for.</exception>
    public float[] Run(ModelInputs inputs, CancellationToken cancellation)
    {
        var logits = new float[checked(inputs.Rows * this.width)];
        this.crew.Run((inputs.Rows + RowsPerPiece - 1) / RowsPerPiece, (thread, piece) =>
        {
            if (!cancellation.IsCancellationRequested)
            {
                var end = Math.Min((piece + 1) * RowsPerPiece, inputs.Rows);
                for (var first = piece * RowsPerPiece; first < end; first += Lines.Rows)
                {
                    this.RunBlock(thread, inputs, first, Math.Min(Lines.Rows, end - first), logits);
                }
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

        foreach (var rows in this.packed)
        {
            rows.Dispose();
        }

        this.order.Dispose();
    }

    [MethodImpl(Compiled.AtOnce)]
    private void RunBlock(int thread, ModelInputs inputs, int first, int count, float[] logits)
    {
        var (worker, rows) = (this.workers[thread], this.packed[thread]);
        rows.Pack(inputs, first, count);
        worker.Load(this.shape, rows, this.order.Pointer, count, this.parameters.Pointer + this.firstLayer, ahead: 0);
        var block = new Block(worker.Values.Pointer, null, this.parameters.Pointer, null, null, null, null, null);
        foreach (var kernel in this.program.Kernels)
        {
            kernel.Forward(block);
        }

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
