namespace Mmoe.Generators;

/// <summary>The names of the generator's steps, which tests of its caching share.</summary>
internal static class TrackingNames
{
    /// <summary>What the project says: the root namespace.</summary>
    public const string Options = nameof(Options);

    /// <summary>Whether the compilation knows Mmoe.Data: the one step that an edit of C# repeats.</summary>
    public const string Runtime = nameof(Runtime);

    /// <summary>Whether the project is compiled as a C# that emitted code can be.</summary>
    public const string Language = nameof(Language);

    /// <summary>Whether the project has what emitted code leans on.</summary>
    public const string Requirements = nameof(Requirements);

    /// <summary>One file's text to model, problems and positions.</summary>
    public const string Parse = nameof(Parse);

    /// <summary>One file's problems.</summary>
    public const string Problems = nameof(Problems);

    /// <summary>One file's model, without positions.</summary>
    public const string Model = nameof(Model);

    /// <summary>The names that all files together claim.</summary>
    public const string Names = nameof(Names);

    /// <summary>One file's model if it may be emitted, with what is needed to print it.</summary>
    public const string Dataset = nameof(Dataset);

    /// <summary>The types that the registry lists.</summary>
    public const string Registry = nameof(Registry);

    /// <summary>Where names stand that a second file claims.</summary>
    public const string Taken = nameof(Taken);

    /// <summary>Names that two files claim.</summary>
    public const string Clashes = nameof(Clashes);

    /// <summary>The sample that one file names, and what it must keep, with positions.</summary>
    public const string Sample = nameof(Sample);

    /// <summary>The files that all schemas together name as samples.</summary>
    public const string SampleNames = nameof(SampleNames);

    /// <summary>The text of one such file.</summary>
    public const string SampleText = nameof(SampleText);

    /// <summary>One schema's sample with its text.</summary>
    public const string SampleInput = nameof(SampleInput);

    /// <summary>The problems of one schema's sample.</summary>
    public const string SampleProblems = nameof(SampleProblems);

    /// <summary>The paths of the additional files that are no schemas.</summary>
    public const string OtherFiles = nameof(OtherFiles);

    /// <summary>That one schema's sample is missing.</summary>
    public const string SampleMissing = nameof(SampleMissing);

    /// <summary>Every step.</summary>
    public static readonly string[] All =
    [
        Options, Runtime, Language, Requirements,
        Parse, Problems, Model, Names, Dataset, Registry, Taken, Clashes, Sample, SampleNames, SampleText, SampleInput,
        SampleProblems, OtherFiles, SampleMissing,
    ];
}
