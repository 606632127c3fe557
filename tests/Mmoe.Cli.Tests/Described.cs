using Mmoe.Data;

namespace Mmoe.Cli.Tests;

/// <summary>A dataset that is only described: commands know it by name, and it has no types.</summary>
internal sealed class Described(DatasetDescriptor descriptor) : IDataset
{
    public DatasetDescriptor Descriptor => descriptor;

    /// <summary>A registry of this dataset alone.</summary>
    public static DatasetRegistry Only(DatasetDescriptor descriptor) =>
        DatasetRegistry.Of([new Described(descriptor)]).IfFail(faults => throw new InvalidOperationException($"{faults}"));

    public TResult Accept<TResult>(IDatasetVisitor<TResult> visitor) => throw new NotSupportedException("It has no types.");
}
