namespace Mmoe.Data;

/// <summary>Makes rows.</summary>
public static class EncodedRows
{
    /// <summary>A row over new memory, of the lengths that the dataset asks for, all zero.</summary>
    public static EncodedRow Create(DatasetDescriptor descriptor) => new()
    {
        Codes = new int[descriptor.Categoricals.Count],
        Numerics = new float[descriptor.Numerics.Count],
        Labels = new float[descriptor.Labels.Count],
        Weights = new float[descriptor.Weights.Count],
    };
}
