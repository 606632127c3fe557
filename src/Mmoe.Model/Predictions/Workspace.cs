using System.Buffers;
using Mmoe.Data;

namespace Mmoe.Model;

/// <summary>Rows to predict: where they come from, and where their outputs go.</summary>
internal interface IPredictedRows
{
    /// <summary>Writes a row as codes and numbers.</summary>
    /// <param name="row">Which, from 0.</param>
    /// <param name="into">Where to write.</param>
    /// <returns>Whether it is to be predicted.</returns>
    bool Encode(int row, scoped EncodedRow into);

    /// <summary>Takes the outputs of a row.</summary>
    /// <param name="row">Which, from 0.</param>
    /// <param name="outputs">The outputs, valid during the call.</param>
    void Take(int row, scoped ReadOnlySpan<float> outputs);
}

/// <summary>What predicting a row takes of working memory.</summary>
internal sealed class WorkspaceSizes(DatasetDescriptor dataset, InputLayout inputs, ManagedForward forward)
{
    private const int MostBytesOnStack = 1 << 13;

    public int Codes { get; } = dataset.Categoricals.Count;

    public int Numerics { get; } = dataset.Numerics.Count;

    public int Labels { get; } = dataset.Labels.Count;

    public int Weights { get; } = dataset.Weights.Count;

    public int Indices { get; } = inputs.Gathered.Count;

    public int Inputs { get; } = inputs.NumericWidth;

    public int Outputs { get; } = forward.LogitWidth;

    public int Memory { get; } = forward.MemoryLength;

    /// <summary>All that are integers.</summary>
    public int Integers => this.Codes + this.Indices;

    /// <summary>All that are numbers.</summary>
    public int Numbers => this.Numerics + this.Labels + this.Weights + this.Inputs + this.Outputs + this.Memory;

    /// <summary>Whether the stack has room for it.</summary>
    public bool FitsOnStack => (sizeof(int) * this.Integers) + ((long)sizeof(float) * this.Numbers) <= MostBytesOnStack;
}

/// <summary>The working memory of one row, used again for the next.</summary>
internal readonly ref struct Workspace
{
    public Workspace(WorkspaceSizes sizes, Span<int> integers, Span<float> numbers)
    {
        this.Row = new()
        {
            Codes = Cut(ref integers, sizes.Codes),
            Numerics = Cut(ref numbers, sizes.Numerics),
            Labels = Cut(ref numbers, sizes.Labels),
            Weights = Cut(ref numbers, sizes.Weights),
        };
        this.Indices = Cut(ref integers, sizes.Indices);
        this.Inputs = Cut(ref numbers, sizes.Inputs);
        this.Outputs = Cut(ref numbers, sizes.Outputs);
        this.Memory = numbers;
    }

    /// <summary>The row as the schema has it.</summary>
    public EncodedRow Row { get; }

    /// <summary>The rows of the first layer that it gathers.</summary>
    public Span<int> Indices { get; }

    /// <summary>Its numeric inputs.</summary>
    public Span<float> Inputs { get; }

    /// <summary>What the model says of it.</summary>
    public Span<float> Outputs { get; }

    /// <summary>The memory of the forward pass.</summary>
    public Span<float> Memory { get; }

    private static Span<T> Cut<T>(scoped ref Span<T> from, int length)
    {
        var cut = from[..length];
        from = from[length..];
        return cut;
    }
}

/// <summary>Working memory of a model that is too large for the stack; goes back on <see cref="Dispose"/>.</summary>
internal readonly ref struct RentedWorkspace(WorkspaceSizes sizes)
{
    private readonly int[]? integers = ArrayPool<int>.Shared.Rent(sizes.Integers);
    private readonly float[]? numbers = ArrayPool<float>.Shared.Rent(sizes.Numbers);

    public Span<int> Integers => this.integers;

    public Span<float> Numbers => this.numbers;

    public void Dispose()
    {
        if (this.integers is not null && this.numbers is not null)
        {
            ArrayPool<int>.Shared.Return(this.integers);
            ArrayPool<float>.Shared.Return(this.numbers);
        }
    }
}
