using System.Buffers;

namespace Mmoe.Model;

/// <summary>A softmax gate of a model, as <see cref="ManagedForward.GateWeights"/> reports it.</summary>
/// <param name="Level">Its level, from 0.</param>
/// <param name="Stream">The stream that it mixes.</param>
/// <param name="Experts">The names of the experts that it chooses among.</param>
/// <param name="First">The first of its columns, one per expert, in a row of all gates' weights.</param>
public sealed record GateColumns(int Level, string Stream, EquatableArray<string> Experts, int First);

/// <summary>
/// The forward pass in plain managed code over the flat vector: what every other engine is compared with. Float32, no libtorch, one thread;
/// an instance holds no state between calls and may be shared by threads. Nothing is allocated per row. Dropout does nothing here.
/// </summary>
public sealed class ManagedForward
{
    /// <summary>The most numbers of working memory that are taken from the stack.</summary>
    private const int MostOnStack = 1 << 11;

    private readonly ForwardProgram program;
    private readonly int gathered;
    private readonly int numerics;

    /// <summary>Prepares the pass.</summary>
    /// <param name="spec">A spec without faults; see <see cref="ModelCheck"/>.</param>
    /// <param name="inputs">What the model sees.</param>
    public ManagedForward(ModelSpec spec, InputLayout inputs)
    {
        this.gathered = inputs.Gathered.Count;
        this.numerics = inputs.NumericWidth;
        this.LogitWidth = spec.LogitWidth;
        this.Layout = ParameterLayout.Of(spec, inputs.Width);
        this.program = ForwardProgram.Of(Arrangement.Of(spec, inputs.Width), this.Layout);
        this.Gates = GatesOf(spec);
    }

    /// <summary>Where the parameters lie in the flat vector.</summary>
    public ParameterLayout Layout { get; }

    /// <summary>The softmax gates, level by level.</summary>
    public EquatableArray<GateColumns> Gates { get; }

    /// <summary>The number of logits for one row; see <see cref="ModelSpec.LogitWidth"/>.</summary>
    public int LogitWidth { get; }

    /// <summary>The number of weights that all gates give for one row.</summary>
    public int GateWidth => this.Gates.Sum(gate => gate.Experts.Count);

    /// <summary>The numbers of working memory that a row takes.</summary>
    internal int MemoryLength => this.program.MemoryLength;

    /// <summary>Logits for rows.</summary>
    /// <param name="parameters">The flat vector.</param>
    /// <param name="inputs">The rows.</param>
    /// <param name="cancellation">Ends the call after the row under way.</param>
    /// <returns>[rows, widths of all heads], the towers side by side in order.</returns>
    /// <exception cref="OperationCanceledException">Cancellation was asked for.</exception>
    public float[] Logits(ReadOnlySpan<float> parameters, ModelInputs inputs, CancellationToken cancellation = default)
    {
        var logits = new float[inputs.Rows * this.LogitWidth];
        this.Run(parameters, inputs.Rows, inputs.Indices, inputs.Numerics, logits, default, cancellation);
        return logits;
    }

    /// <summary>How much each gate gives to each expert.</summary>
    /// <param name="parameters">The flat vector.</param>
    /// <param name="inputs">The rows.</param>
    /// <param name="cancellation">Ends the call after the row under way.</param>
    /// <returns>
    /// [rows, <see cref="GateWidth"/>]: 0 or more (above 0 without top-k), and 1 in sum for each row and gate; empty for a model without gates.
    /// </returns>
    /// <exception cref="OperationCanceledException">Cancellation was asked for.</exception>
    public float[] GateWeights(ReadOnlySpan<float> parameters, ModelInputs inputs, CancellationToken cancellation = default)
    {
        var weights = new float[inputs.Rows * this.GateWidth];
        var logits = new float[inputs.Rows * this.LogitWidth];
        this.Run(parameters, inputs.Rows, inputs.Indices, inputs.Numerics, logits, weights, cancellation);
        return weights;
    }

    /// <summary>Logits, and gate weights on request, into memory of the caller.</summary>
    /// <param name="parameters">The flat vector.</param>
    /// <param name="rows">The number of rows.</param>
    /// <param name="indices">[rows, gathered inputs]: rows of the first layer.</param>
    /// <param name="numerics">[rows, numeric inputs]: scaled numbers.</param>
    /// <param name="logits">[rows, widths of all heads], to be written.</param>
    /// <param name="gateWeights">[rows, <see cref="GateWidth"/>], to be written; empty if they are not wanted.</param>
    /// <param name="cancellation">Ends the call after the row under way.</param>
    /// <exception cref="ArgumentException">A length does not fit the model.</exception>
    /// <exception cref="OperationCanceledException">Cancellation was asked for.</exception>
    public void Run(
        ReadOnlySpan<float> parameters,
        int rows,
        ReadOnlySpan<int> indices,
        ReadOnlySpan<float> numerics,
        Span<float> logits,
        Span<float> gateWeights,
        CancellationToken cancellation = default)
    {
        RequireLength(parameters.Length, this.Layout.Length, nameof(parameters));
        RequireLength(indices.Length, rows * this.gathered, nameof(indices));
        RequireLength(numerics.Length, rows * this.numerics, nameof(numerics));
        RequireLength(logits.Length, rows * this.LogitWidth, nameof(logits));
        if (!gateWeights.IsEmpty)
        {
            RequireLength(gateWeights.Length, rows * this.GateWidth, nameof(gateWeights));
        }

        var rented = this.MemoryLength > MostOnStack ? ArrayPool<float>.Shared.Rent(this.MemoryLength) : null;
        var memory = rented ?? stackalloc float[this.MemoryLength];
        try
        {
            for (var row = 0; row < rows; row++)
            {
                cancellation.ThrowIfCancellationRequested();
                this.Run(
                    parameters,
                    indices.Slice(row * this.gathered, this.gathered),
                    numerics.Slice(row * this.numerics, this.numerics),
                    memory,
                    logits.Slice(row * this.LogitWidth, this.LogitWidth));
                if (!gateWeights.IsEmpty)
                {
                    gateWeights = Take(this.program.Gates, memory, gateWeights);
                }
            }
        }
        finally
        {
            if (rented is not null)
            {
                ArrayPool<float>.Shared.Return(rented);
            }
        }
    }

    /// <summary>Logits of one row, in working memory of the caller. Lengths are those of the model: nothing here checks them.</summary>
    /// <param name="parameters">The flat vector.</param>
    /// <param name="indices">The rows of the first layer to gather.</param>
    /// <param name="numerics">The numeric inputs.</param>
    /// <param name="memory">At least <see cref="MemoryLength"/> numbers, whatever they are.</param>
    /// <param name="logits">To be written.</param>
    internal void Run(
        ReadOnlySpan<float> parameters, ReadOnlySpan<int> indices, ReadOnlySpan<float> numerics, Span<float> memory, Span<float> logits)
    {
        // A one-hot vector times a matrix is one row of the matrix: codes and intervals are gathered, never multiplied.
        var block = this.Layout.FirstLayer;
        Sums.Gathered(parameters.Slice(block.Offset, (block.Inputs + 1) * block.Stride), indices, numerics, memory[..block.Stride]);
        foreach (var instruction in this.program.Instructions.AsSpan())
        {
            instruction.Run(parameters, memory);
        }

        Take(this.program.Logits, memory, logits);
    }

    private static EquatableArray<GateColumns> GatesOf(ModelSpec spec)
    {
        var first = 0;
        var gates = new List<GateColumns>();
        for (var level = 0; level < spec.Levels.Count; level++)
        {
            foreach (var mixture in spec.Levels[level].Mixtures.Where(mixture => mixture.Gate is SoftmaxGate))
            {
                gates.Add(new(level, mixture.Stream, mixture.Experts, first));
                first += mixture.Experts.Count;
            }
        }

        return new(gates);
    }

    // Copies regions side by side; what is left to write follows.
    private static Span<float> Take(EquatableArray<Region> regions, scoped ReadOnlySpan<float> memory, Span<float> to)
    {
        foreach (var region in regions.AsSpan())
        {
            memory.Slice(region.Start, region.Length).CopyTo(to);
            to = to[region.Length..];
        }

        return to;
    }

    private static void RequireLength(int length, int expected, string name)
    {
        if (length != expected)
        {
            throw new ArgumentException($"{name} holds {length} elements, the model needs {expected}", name);
        }
    }
}
