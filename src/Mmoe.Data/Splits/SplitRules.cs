namespace Mmoe.Data;

/// <summary>What splits and their rules say of each other.</summary>
internal static class SplitRules
{
    /// <summary>The rule of a split.</summary>
    public static SplitRule Rule(this FileSource source, SplitName split) => split switch
    {
        SplitName.Train => source.Train,
        SplitName.Validation => source.Validation,
        SplitName.Test => source.Test,
        _ => throw new ArgumentOutOfRangeException(nameof(split), split, "There is no such split."),
    };

    /// <summary>The split's name as users write it.</summary>
    public static string Text(this SplitName split) => split switch
    {
        SplitName.Train => "train",
        SplitName.Validation => "validation",
        SplitName.Test => "test",
        _ => throw new ArgumentOutOfRangeException(nameof(split), split, "There is no such split."),
    };

    /// <summary>A split rule names a file that the source does not have.</summary>
    public static Fault UnknownFile(DatasetDescriptor descriptor, SplitRule rule) =>
        Fault.Data($"a split of '{descriptor.Name}' takes rows of the file '{rule.File}', which its source does not name");
}
