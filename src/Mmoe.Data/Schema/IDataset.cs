namespace Mmoe.Data;

/// <summary>A generated dataset, for callers who need its rows and no predictions.</summary>
/// <typeparam name="TRow">The dataset's row.</typeparam>
public interface IDataset<TRow>
    where TRow : class, IEquatable<TRow>
{
    /// <summary>What the schema says.</summary>
    static abstract DatasetDescriptor Descriptor { get; }

    /// <summary>Writes a row as codes and numbers.</summary>
    /// <param name="row">The row.</param>
    /// <param name="encoded">Where to write; its spans have the lengths of <see cref="Descriptor"/>.</param>
    static abstract void Encode(TRow row, EncodedRow encoded);

    /// <summary>The inverse of <see cref="Encode"/>.</summary>
    /// <param name="encoded">A row as <see cref="Encode"/> writes it.</param>
    /// <exception cref="ArgumentOutOfRangeException">A code is outside its vocabulary.</exception>
    static abstract TRow Decode(EncodedRow encoded);
}

/// <summary>The typed face of a generated dataset.</summary>
/// <typeparam name="TRow">The dataset's row.</typeparam>
/// <typeparam name="TPrediction">The dataset's prediction for one row.</typeparam>
public interface IDataset<TRow, TPrediction> : IDataset<TRow>
    where TRow : class, IEquatable<TRow>
{
    /// <summary>Reads a model's outputs for one row.</summary>
    /// <param name="outputs">
    /// Per task, in order: the probability of the positive class, one probability per class, or the number in the label's units.
    /// </param>
    static abstract TPrediction ToPrediction(ReadOnlySpan<float> outputs);
}

/// <summary>A dataset known only by its name, as on a command line.</summary>
public interface IDataset
{
    /// <summary>What the schema says.</summary>
    DatasetDescriptor Descriptor { get; }

    /// <summary>Hands the dataset's types to <paramref name="visitor"/>: the way to typed code without reflection.</summary>
    /// <param name="visitor">What to do with them.</param>
    /// <returns>What the visitor returns.</returns>
    TResult Accept<TResult>(IDatasetVisitor<TResult> visitor);
}

/// <summary>A function over the types of any dataset.</summary>
/// <typeparam name="TResult">What it returns.</typeparam>
public interface IDatasetVisitor<out TResult>
{
    /// <summary>Called with the dataset's own types.</summary>
    TResult Visit<TDataset, TRow, TPrediction>()
        where TDataset : IDataset<TRow, TPrediction>
        where TRow : class, IEquatable<TRow>;
}

/// <summary>The non-generic face of a generated dataset.</summary>
/// <typeparam name="TDataset">The generated dataset.</typeparam>
/// <typeparam name="TRow">Its row.</typeparam>
/// <typeparam name="TPrediction">Its prediction.</typeparam>
public sealed class DatasetFace<TDataset, TRow, TPrediction> : IDataset
    where TDataset : IDataset<TRow, TPrediction>
    where TRow : class, IEquatable<TRow>
{
    /// <inheritdoc/>
    public DatasetDescriptor Descriptor => TDataset.Descriptor;

    /// <inheritdoc/>
    public TResult Accept<TResult>(IDatasetVisitor<TResult> visitor) => visitor.Visit<TDataset, TRow, TPrediction>();
}
