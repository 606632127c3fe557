namespace Mmoe.Data;

/// <summary>The names of the splits.</summary>
public enum SplitName
{
    /// <summary>The rows that are trained on.</summary>
    Train,

    /// <summary>The rows that choose a checkpoint.</summary>
    Validation,

    /// <summary>The rows that are touched once, at the end.</summary>
    Test,
}

/// <summary>The rows that are trained on. Statistics are fitted on these alone, which is why fitting asks for this type.</summary>
/// <param name="Table">The rows.</param>
public sealed record TrainSplit(EncodedTable Table);

/// <summary>The rows that choose a checkpoint.</summary>
/// <param name="Table">The rows.</param>
public sealed record ValidationSplit(EncodedTable Table);

/// <summary>The rows that are touched once, at the end.</summary>
/// <param name="Table">The rows.</param>
public sealed record TestSplit(EncodedTable Table);

/// <summary>All rows of a dataset.</summary>
/// <param name="Train">The rows that are trained on.</param>
/// <param name="Validation">The rows that choose a checkpoint.</param>
/// <param name="Test">The rows that are touched once, at the end.</param>
public sealed record DatasetSplits(TrainSplit Train, ValidationSplit Validation, TestSplit Test);
