namespace Mmoe.Generators.Models;

/// <summary>Where rows come from.</summary>
internal abstract record SourceModel;

/// <summary>Rows in files.</summary>
internal sealed record FileSourceModel(EquatableArray<FileModel> Files, SplitModel Train, SplitModel Validation, SplitModel Test)
    : SourceModel;

/// <summary>A file.</summary>
/// <param name="Id">The name by which splits know it.</param>
/// <param name="Path">Its name in the data directory.</param>
/// <param name="Url">Where it is downloaded.</param>
/// <param name="Member">Where it lies in the download.</param>
/// <param name="Sha256">Its checksum in lower case.</param>
/// <param name="TrimEnd">Texts that the file appends to values of columns.</param>
internal sealed record FileModel(
    string Id, string Path, string? Url, EquatableArray<string> Member, string? Sha256, EquatableArray<SuffixModel> TrimEnd);

/// <summary>A text that a file appends to a column's values.</summary>
internal sealed record SuffixModel(string Column, string Suffix);

/// <summary>Which rows of a file belong to a split: those whose index divided by <paramref name="Modulo"/> leaves a listed rest.</summary>
internal sealed record SplitModel(string File, int Modulo, EquatableArray<int> Remainders);

/// <summary>Rows drawn on the spot; fractions are kept as written.</summary>
internal sealed record SyntheticSourceModel(
    int Dimension,
    string Correlation,
    string Scale,
    int Terms,
    string NoiseVariance,
    int TrainRows,
    int ValidationRows,
    int TestRows,
    int Seed)
    : SourceModel;
