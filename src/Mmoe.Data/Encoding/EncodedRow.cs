namespace Mmoe.Data;

/// <summary>One row as codes and numbers, over memory that the caller owns.</summary>
public readonly ref struct EncodedRow
{
    /// <summary>One code per categorical feature: the value's position in its vocabulary.</summary>
    public required Span<int> Codes { get; init; }

    /// <summary>One number per numeric feature, in the file's units; NaN where it is missing.</summary>
    public required Span<float> Numerics { get; init; }

    /// <summary>One value per label column: the code, or the number; NaN where it is missing.</summary>
    public required Span<float> Labels { get; init; }

    /// <summary>One number per weight column.</summary>
    public required Span<float> Weights { get; init; }
}
