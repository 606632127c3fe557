using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;
using Mmoe.Model;

namespace Mmoe.Training.Fused;

/// <summary>What of a model decides how rows are packed.</summary>
/// <param name="Ends">Per gathered input, the end of its rows of the first layer; they begin where those of the input before it end.</param>
/// <param name="Numerics">The number of numeric inputs.</param>
/// <param name="Inputs">The number of rows of the first layer without that of biases.</param>
/// <param name="Stride">Floats of a row of the first layer, a multiple of 16.</param>
/// <param name="Tasks">The number of tasks.</param>
internal sealed record RowShape(EquatableArray<int> Ends, int Numerics, int Inputs, int Stride, int Tasks)
{
    /// <summary>The number of gathered inputs.</summary>
    public int Gathered { get; } = Ends.Count;

    /// <summary>The first layer's row of the first numeric input; the others follow, and the biases.</summary>
    public int FirstNumeric => this.Inputs - this.Numerics;

    /// <summary>Vectors of a row of the first layer.</summary>
    public int Vectors { get; } = Stride / Lines.Rows;

    /// <summary>Vectors of the first layer: by them its rows are named, so that an address is one shift away.</summary>
    public int Places => checked((this.Inputs + 1) * this.Vectors);

    /// <summary>Whether two bytes hold the place of every row of the first layer that is gathered.</summary>
    public bool IsNarrow { get; } = (Inputs - Numerics - 1) * (long)(Stride / Lines.Rows) <= ushort.MaxValue;

    /// <summary>Numbers that a row multiplies rows of the first layer by: the numeric inputs and 1.</summary>
    public int Factors => this.Numerics + 1;

    /// <summary>The shape of rows that a layout describes.</summary>
    /// <param name="inputs">The layout.</param>
    /// <param name="block">Where the first layer lies.</param>
    /// <param name="tasks">The number of tasks.</param>
    /// <exception cref="ArgumentException">
    /// The gathered inputs do not lie side by side: threads share the gradient of the first layer by them, so none adds to a row of another's.
    /// Or the layout is of another width than the first layer.
    /// </exception>
    public static RowShape Of(InputLayout inputs, FirstLayerBlock block, int tasks)
    {
        var (ends, end) = (new int[inputs.Gathered.Count], 0);
        for (var i = 0; i < ends.Length; i++)
        {
            var input = inputs.Gathered[i];
            if (input.Offset != end)
            {
                throw new ArgumentException($"the rows of '{input.Column}' begin at {input.Offset}, and not at {end}, where those before it end");
            }

            ends[i] = end += input.Size;
        }

        if (end + inputs.NumericWidth != block.Inputs)
        {
            throw new ArgumentException($"there are {end + inputs.NumericWidth} inputs, and the first layer has rows for {block.Inputs}");
        }

        return new([.. ends], inputs.NumericWidth, block.Inputs, block.Stride, tasks);
    }
}

/// <summary>
/// Rows as kernels read them: each one piece of memory that begins at a cache line, with all of the row in it, so that a shuffled order costs
/// one or two fetches a row and they can be asked for ahead.
/// </summary>
/// <remarks>
/// A row holds the places of its gathered rows of the first layer, two or four bytes each; then, as float32, the numeric inputs, a 1 for the biases, the
/// targets and, unless all are 1, the weights of the tasks.
/// </remarks>
internal sealed unsafe class PackedRows : IDisposable
{
    private const int CacheLine = 64;
    private readonly AlignedMemory<byte> memory;
    private readonly RowShape shape;

    private PackedRows(RowShape shape, int count, bool areWeighted)
    {
        this.shape = shape;
        this.Count = count;
        this.FactorsAt = (((shape.IsNarrow ? sizeof(ushort) : sizeof(int)) * shape.Gathered) + 3) & ~3;
        this.TargetsAt = this.FactorsAt + (sizeof(float) * shape.Factors);
        this.WeightsAt = areWeighted ? this.TargetsAt + (sizeof(float) * shape.Tasks) : -1;

        // Numbers are read in groups. What follows the last of them is the row's own: places of the next row would be subnormal numbers, with
        // which some processors are slow.
        const int Group = FirstLayer.NumbersAtOnce;
        var end = Math.Max(
            this.TargetsAt + (sizeof(float) * shape.Tasks * (areWeighted ? 2 : 1)),
            this.FactorsAt + (sizeof(float) * ((shape.Factors + Group - 1) / Group * Group)));
        this.Size = (end + CacheLine - 1) / CacheLine * CacheLine;
        this.memory = new((long)this.Size * count);
    }

    /// <summary>The number of rows.</summary>
    public int Count { get; }

    /// <summary>Bytes of a row.</summary>
    public int Size { get; }

    /// <summary>Where in a row its numbers begin: the numeric inputs and a 1.</summary>
    public int FactorsAt { get; }

    /// <summary>Where in a row its targets begin.</summary>
    public int TargetsAt { get; }

    /// <summary>Where in a row its weights for the tasks begin; -1 where all are 1.</summary>
    public int WeightsAt { get; }

    /// <summary>Whether a task counts some rows more than others.</summary>
    public bool AreWeighted => this.WeightsAt >= 0;

    /// <summary>The first row.</summary>
    public byte* Pointer => this.memory.Pointer;

    /// <summary>Asks for the memory of a packed row.</summary>
    /// <param name="row">The row.</param>
    /// <param name="size">Its bytes.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Prefetch(byte* row, int size)
    {
        if (Sse.IsSupported)
        {
            for (var at = 0; at < size; at += CacheLine)
            {
                Sse.Prefetch0(row + at);
            }
        }
    }

    /// <summary>Packs rows for training.</summary>
    /// <param name="shape">The shape.</param>
    /// <param name="spec">The model, for the smoothing of labels.</param>
    /// <param name="inputs">The rows.</param>
    public static PackedRows Of(RowShape shape, ModelSpec spec, ModelInputs inputs)
    {
        var areWeighted = inputs.Weights.AsSpan().ContainsAnyExcept(1f) || inputs.Targets.Any(float.IsNaN);
        var rows = new PackedRows(shape, inputs.Rows, areWeighted);
        rows.Pack(inputs);
        for (var row = 0; row < inputs.Rows; row++)
        {
            var packed = rows.Pointer + ((nint)row * rows.Size);
            var targets = (float*)(packed + rows.TargetsAt);
            var weights = (float*)(packed + rows.WeightsAt);
            for (var t = 0; t < shape.Tasks; t++)
            {
                var target = inputs.Targets[(row * shape.Tasks) + t];
                var isMissing = float.IsNaN(target);
                targets[t] = isMissing ? 0 : Smoothed(spec.Towers[t].Head, target);
                if (areWeighted)
                {
                    weights[t] = isMissing ? 0 : inputs.Weights[row];
                }
            }
        }

        return rows;
    }

    /// <summary>Packs rows without targets.</summary>
    /// <param name="shape">The shape.</param>
    /// <param name="inputs">The rows.</param>
    public static PackedRows Of(RowShape shape, ModelInputs inputs)
    {
        var rows = new PackedRows(shape, inputs.Rows, areWeighted: false);
        rows.Pack(inputs);
        return rows;
    }

    /// <inheritdoc/>
    public void Dispose() => this.memory.Dispose();

    [MethodImpl(Compiled.AtOnce)]
    private void Pack(ModelInputs inputs)
    {
        var gathered = this.shape.Gathered;
        var numerics = this.shape.Numerics;
        var (isNarrow, vectors) = (this.shape.IsNarrow, this.shape.Vectors);
        var ends = this.shape.Ends.AsSpan();
        var indices = inputs.Indices.AsSpan();
        var numbers = inputs.Numerics.AsSpan();
        var packed = this.Pointer;
        for (var row = 0; row < this.Count; row++, packed += this.Size)
        {
            var own = indices.Slice(row * gathered, gathered);
            for (var (i, first) = (0, 0); i < own.Length; first = ends[i++])
            {
                var index = own[i];

                // Kernels follow these without a look.
                ArgumentOutOfRangeException.ThrowIfLessThan(index, first);
                ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, ends[i]);
                if (isNarrow)
                {
                    ((ushort*)packed)[i] = (ushort)(index * vectors);
                }
                else
                {
                    ((int*)packed)[i] = index * vectors;
                }
            }

            var factors = (float*)(packed + this.FactorsAt);
            numbers.Slice(row * numerics, numerics).CopyTo(new Span<float>(factors, numerics));
            factors[numerics] = 1;
        }
    }

    private static float Smoothed(Head head, float target) =>
        head is BinaryHead binary ? (float)binary.Smoothed(target) : target;
}
