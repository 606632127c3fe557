namespace Mmoe.Data;

/// <summary>Where a dataset's rows come from.</summary>
public abstract record DataSource;

/// <summary>Rows in files, plain or gzip.</summary>
/// <param name="Files">The files.</param>
/// <param name="Train">Which rows are trained on.</param>
/// <param name="Validation">Which rows choose a checkpoint.</param>
/// <param name="Test">Which rows are touched once, at the end.</param>
public sealed record FileSource(EquatableArray<DataFile> Files, SplitRule Train, SplitRule Validation, SplitRule Test) : DataSource
{
    /// <summary>The dataset's file whose name a path ends in, with or without <c>.gz</c>; null if there is none.</summary>
    public DataFile? Named(string path)
    {
        var name = Path.GetFileName(path);
        return this.Files.FirstOrDefault(f => Path.GetFileName(f.Path) is var known && (name == known || name == known + ".gz"));
    }
}

/// <summary>One file of a dataset.</summary>
/// <param name="Id">The name by which split rules know it.</param>
/// <param name="Path">The file's name in the data directory; the same name with <c>.gz</c> is found too.</param>
/// <param name="Url">Where it is downloaded; null if it has no known address.</param>
/// <param name="Member">Where the file lies in the download, from the outermost archive inward; empty if the download is the file.</param>
/// <param name="Sha256">The checksum of the file itself, uncompressed, in lower-case hexadecimal; null if unknown.</param>
/// <param name="TrimEnd">Texts that this file appends to values of some columns.</param>
public sealed record DataFile(
    string Id, string Path, string? Url, EquatableArray<string> Member, string? Sha256, EquatableArray<ColumnSuffix> TrimEnd)
{
    /// <summary>Where a person gets the file: the address, and the file's place in the download; null if it has no known address.</summary>
    public string? Origin =>
        this.Url is null || this.Member.Count == 0 ? this.Url : $"{this.Url} (in it: {string.Join(" / ", this.Member)})";
}

/// <summary>A text that one file appends to every value of a column, as Adult's test file ends its labels with a dot.</summary>
/// <param name="Column">The column's name.</param>
/// <param name="Suffix">The text to take off once, if it is there.</param>
public sealed record ColumnSuffix(string Column, string Suffix);

/// <summary>The rows of a file whose index leaves one of the remainders. The index counts data records from 0, rejected ones included.</summary>
/// <param name="File">The file's id.</param>
/// <param name="Modulo">The divisor, at least 1.</param>
/// <param name="Remainders">The remainders that belong to the split, ascending; 0 alone with a divisor of 1 means every row.</param>
public sealed record SplitRule(string File, int Modulo, EquatableArray<int> Remainders)
{
    /// <summary>Whether the row with this index belongs to the split.</summary>
    public bool Contains(long rowIndex) => this.Remainders.AsSpan().Contains((int)(rowIndex % this.Modulo));
}

/// <summary>
/// Rows drawn on the spot: the synthetic regression benchmark of Ma et al., "Modeling Task Relationships in Multi-task Learning with
/// Multi-gate Mixture-of-Experts", KDD 2018, section 3.2.
/// </summary>
/// <param name="Dimension">The number d of inputs, which are standard normal.</param>
/// <param name="Correlation">The correlation p of the two tasks' weight vectors, in [-1, 1].</param>
/// <param name="Scale">The length c of the weight vectors.</param>
/// <param name="Terms">The number m of sine terms.</param>
/// <param name="NoiseVariance">The variance of the noise added to each target.</param>
/// <param name="TrainRows">The number of train rows.</param>
/// <param name="ValidationRows">The number of validation rows.</param>
/// <param name="TestRows">The number of test rows.</param>
/// <param name="Seed">The seed of everything that is drawn.</param>
public sealed record SyntheticSource(
    int Dimension, double Correlation, double Scale, int Terms, double NoiseVariance, int TrainRows, int ValidationRows, int TestRows, int Seed)
    : DataSource;
