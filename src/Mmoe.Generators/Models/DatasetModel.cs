namespace Mmoe.Generators.Models;

/// <summary>What a schema says, with every decision taken: emitting only prints it.</summary>
/// <remarks>
/// It holds no positions in the file, so that moving a line leaves it equal, and nothing that follows from the rest of it.
/// </remarks>
/// <param name="Name">The dataset's name on the command line.</param>
/// <param name="TypeName">The C# type.</param>
/// <param name="Description">One or two sentences.</param>
/// <param name="Homepage">Where the data is described.</param>
/// <param name="License">Under which the data is published.</param>
/// <param name="Format">How the files are written.</param>
/// <param name="Source">Where rows come from.</param>
/// <param name="Columns">The columns in file order.</param>
/// <param name="Tasks">The tasks in order.</param>
/// <param name="Training">Training parameters.</param>
internal sealed record DatasetModel(
    string Name,
    string TypeName,
    string Description,
    string? Homepage,
    string? License,
    FormatModel Format,
    SourceModel Source,
    EquatableArray<ColumnModel> Columns,
    EquatableArray<TaskModel> Tasks,
    TrainingModel Training)
{
    /// <summary>The columns with a vocabulary, in file order.</summary>
    public IEnumerable<(ColumnModel Column, VocabularyModel Vocabulary)> Vocabularies()
    {
        foreach (var column in this.Columns)
        {
            var vocabulary = (column as CategoricalFeatureModel)?.Vocabulary ?? (column as CategoricalLabelModel)?.Vocabulary;
            if (vocabulary is not null)
            {
                yield return (column, vocabulary);
            }
        }
    }

    /// <summary>The types beside the dataset's own: one per vocabulary that is an enum, which cannot hold static members itself.</summary>
    public IEnumerable<string> CompanionTypes() =>
        this.Vocabularies().Where(v => v.Vocabulary.IsEnum).Select(v => this.CompanionType(v.Column));

    /// <summary>The type beside a column's enum.</summary>
    public string CompanionType(ColumnModel column) => $"{this.TypeName}{column.Identifier}Vocabulary";
}

/// <summary>How files are written.</summary>
/// <param name="Delimiter">The character between fields.</param>
/// <param name="Header">Whether the first record names the columns.</param>
/// <param name="Quote">The character around fields.</param>
/// <param name="Comment">The text that starts a line to skip.</param>
/// <param name="Trim">Whether blanks are taken off unquoted fields.</param>
internal sealed record FormatModel(char Delimiter, bool Header, char? Quote, string? Comment, bool Trim);

/// <summary>A column of the files.</summary>
/// <param name="Name">The column's name in the schema.</param>
/// <param name="Identifier">Its name in C#.</param>
/// <param name="Description">A sentence, or nothing.</param>
/// <param name="FileIndex">The position in a record, from 0.</param>
internal abstract record ColumnModel(string Name, string Identifier, string Description, int FileIndex);

/// <summary>A categorical input.</summary>
internal sealed record CategoricalFeatureModel(
    string Name, string Identifier, string Description, int FileIndex, VocabularyModel Vocabulary)
    : ColumnModel(Name, Identifier, Description, FileIndex);

/// <summary>
/// A numeric input; <paramref name="Missing"/> is null where a missing value is an error, <paramref name="Range"/> where any number will
/// do. <paramref name="Bins"/> are the edges of its intervals as written; <paramref name="Encodings"/> are empty where none is stated.
/// </summary>
internal sealed record NumericFeatureModel(
    string Name,
    string Identifier,
    string Description,
    int FileIndex,
    MissingModel? Missing,
    bool UsableAsWeight,
    RangeModel? Range,
    EquatableArray<string> Bins,
    EquatableArray<NumericEncoding> Encodings)
    : ColumnModel(Name, Identifier, Description, FileIndex);

/// <summary>A label with a vocabulary; <paramref name="Marks"/> is null where a missing value is an error.</summary>
internal sealed record CategoricalLabelModel(
    string Name, string Identifier, string Description, int FileIndex, EquatableArray<string>? Marks, VocabularyModel Vocabulary)
    : ColumnModel(Name, Identifier, Description, FileIndex);

/// <summary>
/// A label that is a number; <paramref name="Marks"/> is null where a missing value is an error, <paramref name="Range"/> where any number
/// will do.
/// </summary>
internal sealed record NumericLabelModel(
    string Name, string Identifier, string Description, int FileIndex, EquatableArray<string>? Marks, RangeModel? Range)
    : ColumnModel(Name, Identifier, Description, FileIndex);

/// <summary>A column that can only be a row's weight; <paramref name="Range"/> is null where any number will do.</summary>
internal sealed record WeightColumnModel(string Name, string Identifier, string Description, int FileIndex, RangeModel? Range)
    : ColumnModel(Name, Identifier, Description, FileIndex);

/// <summary>A column that is not read.</summary>
internal sealed record IgnoredColumnModel(string Name, string Identifier, string Description, int FileIndex, string Reason)
    : ColumnModel(Name, Identifier, Description, FileIndex);

/// <summary>What marks a missing number, and what stands in for it.</summary>
/// <param name="Marks">The marks, those of the format already taken in.</param>
/// <param name="Policy">What the model sees.</param>
internal sealed record MissingModel(EquatableArray<string> Marks, MissingPolicyModel Policy);

/// <summary>The numbers that a column may hold, bounds included.</summary>
/// <param name="Min">The least, as written; null if there is none.</param>
/// <param name="Max">The greatest, as written; null if there is none.</param>
internal sealed record RangeModel(string? Min, string? Max)
{
    /// <summary><c>from 0 to 120</c>, <c>at least 0</c> or <c>at most 120</c>.</summary>
    public string Words => this.Min is null ? $"at most {this.Max}" : this.Max is null ? $"at least {this.Min}" : $"from {this.Min} to {this.Max}";
}

/// <summary>What a model sees in place of a missing number.</summary>
internal enum MissingPolicyModel
{
    /// <summary>The mean over the train split.</summary>
    Mean,

    /// <summary>Zero.</summary>
    Zero,
}

/// <summary>The values of a column in code order.</summary>
/// <param name="Values">The values.</param>
internal sealed record VocabularyModel(EquatableArray<ValueModel> Values)
{
    /// <summary>The most values that become an enum; above it, the vocabulary becomes a struct over its code.</summary>
    public const int MaxEnum = 256;

    /// <summary>The most values of a vocabulary.</summary>
    public const int MaxCount = 65_536;

    /// <summary>Whether the vocabulary becomes an enum.</summary>
    public bool IsEnum => this.Values.Count <= MaxEnum;
}

/// <summary>A value of a vocabulary.</summary>
/// <param name="Text">The value as in the files.</param>
/// <param name="Identifier">Its name in C#; unused above <see cref="VocabularyModel.MaxEnum"/> values.</param>
/// <param name="Description">A sentence, or nothing.</param>
internal sealed record ValueModel(string Text, string Identifier, string Description);

/// <summary>Something to predict.</summary>
/// <param name="Name">The task's name in reports.</param>
/// <param name="Identifier">Its name in C#.</param>
/// <param name="Description">A sentence, or nothing.</param>
/// <param name="Column">The position of the label column in <see cref="DatasetModel.Columns"/>.</param>
internal abstract record TaskModel(string Name, string Identifier, string Description, int Column);

/// <summary>Is the label one of the positive values?</summary>
internal sealed record BinaryTaskModel(string Name, string Identifier, string Description, int Column, EquatableArray<int> PositiveCodes)
    : TaskModel(Name, Identifier, Description, Column);

/// <summary>Which value is the label?</summary>
internal sealed record MulticlassTaskModel(string Name, string Identifier, string Description, int Column)
    : TaskModel(Name, Identifier, Description, Column);

/// <summary>Which number is the label?</summary>
internal sealed record RegressionTaskModel(string Name, string Identifier, string Description, int Column)
    : TaskModel(Name, Identifier, Description, Column);
