namespace Mmoe.Generators;

/// <summary>The names of the generator's steps, which tests of its caching share.</summary>
internal static class TrackingNames
{
    /// <summary>What the project says: the root namespace.</summary>
    public const string Options = nameof(Options);

    /// <summary>Whether one reference is Mmoe.Data.</summary>
    public const string Reference = nameof(Reference);

    /// <summary>Whether the project knows Mmoe.Data.</summary>
    public const string Runtime = nameof(Runtime);

    /// <summary>Whether the project is compiled as a C# that emitted code can be.</summary>
    public const string Language = nameof(Language);

    /// <summary>Whether the project has what emitted code leans on.</summary>
    public const string Requirements = nameof(Requirements);

    /// <summary>One file's text to model, problems and positions.</summary>
    public const string Parse = nameof(Parse);

    /// <summary>One file's own problems.</summary>
    public const string Problems = nameof(Problems);

    /// <summary>One file's model, without positions.</summary>
    public const string Model = nameof(Model);

    /// <summary>The names that one file claims.</summary>
    public const string Claims = nameof(Claims);

    /// <summary>The names that all files together claim.</summary>
    public const string Names = nameof(Names);

    /// <summary>One file's model if it may be emitted.</summary>
    public const string Admitted = nameof(Admitted);

    /// <summary>The same with what is needed to print it.</summary>
    public const string Dataset = nameof(Dataset);

    /// <summary>The types that the registry lists.</summary>
    public const string Registry = nameof(Registry);

    /// <summary>Where one file names its dataset and its type.</summary>
    public const string Places = nameof(Places);

    /// <summary>Where names stand that a second file claims.</summary>
    public const string Taken = nameof(Taken);

    /// <summary>Names that two files claim.</summary>
    public const string Clashes = nameof(Clashes);

    /// <summary>What is wrong between files: names that clash, samples that are missing.</summary>
    public const string Between = nameof(Between);

    /// <summary>All that is reported of one schema file.</summary>
    public const string Reports = nameof(Reports);

    /// <summary>The sample that one file names, and what it must keep, with positions.</summary>
    public const string Sample = nameof(Sample);

    /// <summary>The file that one schema names as its sample.</summary>
    public const string SampleName = nameof(SampleName);

    /// <summary>The files that all schemas together name as samples.</summary>
    public const string SampleNames = nameof(SampleNames);

    /// <summary>The text of one such file.</summary>
    public const string SampleText = nameof(SampleText);

    /// <summary>One schema's sample with its text.</summary>
    public const string SampleInput = nameof(SampleInput);

    /// <summary>The problems of one schema's sample.</summary>
    public const string SampleProblems = nameof(SampleProblems);

    /// <summary>The path of one additional file that is no schema.</summary>
    public const string OtherFile = nameof(OtherFile);

    /// <summary>The paths of the additional files that are no schemas.</summary>
    public const string OtherFiles = nameof(OtherFiles);

    /// <summary>That one schema's sample is missing.</summary>
    public const string SampleMissing = nameof(SampleMissing);

    /// <summary>Every step.</summary>
    public static readonly string[] All =
    [
        Options, Reference, Runtime, Language, Requirements, Parse, Problems, Model, Claims, Names, Admitted, Dataset, Registry, Places, Taken, Clashes,
        Between, Reports, Sample, SampleName, SampleNames, SampleText, SampleInput, SampleProblems, OtherFile, OtherFiles, SampleMissing,
    ];
}
