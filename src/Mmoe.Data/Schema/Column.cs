namespace Mmoe.Data;

/// <summary>
/// A column of a dataset's files. What a column is for is its type, so that a label cannot be passed where a feature is wanted.
/// </summary>
/// <param name="Name">The column's name in the schema, as in a file's header where it has one.</param>
/// <param name="Description">What the column says, in a sentence; empty if the schema does not tell.</param>
/// <param name="FileIndex">The position of the column in a record of the file, from 0.</param>
public abstract record Column(string Name, string Description, int FileIndex);

/// <summary>A column with a closed vocabulary that is an input of the model; one-hot in meaning, a code in memory.</summary>
/// <param name="Name"><inheritdoc cref="Column" path="/param[@name='Name']"/></param>
/// <param name="Description"><inheritdoc cref="Column" path="/param[@name='Description']"/></param>
/// <param name="FileIndex"><inheritdoc cref="Column" path="/param[@name='FileIndex']"/></param>
/// <param name="Vocabulary">The values that the column may hold, in code order.</param>
/// <param name="CodeIndex">The position among the categorical features, which is the position in a row's codes.</param>
/// <param name="Offset">The position of the first value's one-hot feature among all features of the schema.</param>
public sealed record CategoricalFeature(string Name, string Description, int FileIndex, Vocabulary Vocabulary, int CodeIndex, int Offset)
    : Column(Name, Description, FileIndex);

/// <summary>A numeric column that is an input of the model.</summary>
/// <param name="Name"><inheritdoc cref="Column" path="/param[@name='Name']"/></param>
/// <param name="Description"><inheritdoc cref="Column" path="/param[@name='Description']"/></param>
/// <param name="FileIndex"><inheritdoc cref="Column" path="/param[@name='FileIndex']"/></param>
/// <param name="Missing">What marks a missing value and how one is treated; null where a missing value is an error.</param>
/// <param name="NumericIndex">The position among the numeric features, which is the position in a row's numerics.</param>
/// <param name="Offset">The position among all features of the schema: numerics come after the one-hot features.</param>
/// <param name="UsableAsWeight">Whether the column may serve as row weight instead of as a feature.</param>
/// <param name="Range">The numbers that the column may hold; null where any number will do.</param>
/// <param name="Bins">
/// Increasing edges of intervals: besides the number, a model sees in which of them it lies. Empty if it sees the number alone.
/// </param>
/// <param name="Encodings">
/// How a model sees the number unless a configuration says otherwise; empty where the schema does not tell, and then it is standardised.
/// </param>
public sealed record NumericFeature(
    string Name,
    string Description,
    int FileIndex,
    MissingNumeric? Missing,
    int NumericIndex,
    int Offset,
    bool UsableAsWeight,
    NumericRange? Range = null,
    EquatableArray<float> Bins = default,
    EquatableArray<NumericEncoding> Encodings = default)
    : Column(Name, Description, FileIndex);

/// <summary>A column that holds labels only and is never an input.</summary>
/// <param name="Name"><inheritdoc cref="Column" path="/param[@name='Name']"/></param>
/// <param name="Description"><inheritdoc cref="Column" path="/param[@name='Description']"/></param>
/// <param name="FileIndex"><inheritdoc cref="Column" path="/param[@name='FileIndex']"/></param>
/// <param name="MissingMarks">Texts that mark a missing label; a value of a vocabulary is a value, whatever it looks like.</param>
/// <param name="LabelIndex">The position among the label columns, which is the position in a row's labels.</param>
public abstract record LabelColumn(string Name, string Description, int FileIndex, EquatableArray<string> MissingMarks, int LabelIndex)
    : Column(Name, Description, FileIndex);

/// <summary>A label column with a closed vocabulary.</summary>
/// <param name="Name"><inheritdoc cref="Column" path="/param[@name='Name']"/></param>
/// <param name="Description"><inheritdoc cref="Column" path="/param[@name='Description']"/></param>
/// <param name="FileIndex"><inheritdoc cref="Column" path="/param[@name='FileIndex']"/></param>
/// <param name="MissingMarks"><inheritdoc cref="LabelColumn" path="/param[@name='MissingMarks']"/></param>
/// <param name="LabelIndex"><inheritdoc cref="LabelColumn" path="/param[@name='LabelIndex']"/></param>
/// <param name="Vocabulary">The values that the column may hold, in code order.</param>
public sealed record CategoricalLabel(
    string Name, string Description, int FileIndex, EquatableArray<string> MissingMarks, int LabelIndex, Vocabulary Vocabulary)
    : LabelColumn(Name, Description, FileIndex, MissingMarks, LabelIndex);

/// <summary>A label column of numbers.</summary>
/// <param name="Name"><inheritdoc cref="Column" path="/param[@name='Name']"/></param>
/// <param name="Description"><inheritdoc cref="Column" path="/param[@name='Description']"/></param>
/// <param name="FileIndex"><inheritdoc cref="Column" path="/param[@name='FileIndex']"/></param>
/// <param name="MissingMarks"><inheritdoc cref="LabelColumn" path="/param[@name='MissingMarks']"/></param>
/// <param name="LabelIndex"><inheritdoc cref="LabelColumn" path="/param[@name='LabelIndex']"/></param>
/// <param name="Range"><inheritdoc cref="NumericFeature" path="/param[@name='Range']"/></param>
public sealed record NumericLabel(
    string Name, string Description, int FileIndex, EquatableArray<string> MissingMarks, int LabelIndex, NumericRange? Range = null)
    : LabelColumn(Name, Description, FileIndex, MissingMarks, LabelIndex);

/// <summary>A numeric column that can only be a row's weight.</summary>
/// <param name="Name"><inheritdoc cref="Column" path="/param[@name='Name']"/></param>
/// <param name="Description"><inheritdoc cref="Column" path="/param[@name='Description']"/></param>
/// <param name="FileIndex"><inheritdoc cref="Column" path="/param[@name='FileIndex']"/></param>
/// <param name="WeightIndex">The position among the weight columns, which is the position in a row's weights.</param>
/// <param name="Range"><inheritdoc cref="NumericFeature" path="/param[@name='Range']"/></param>
public sealed record WeightColumn(string Name, string Description, int FileIndex, int WeightIndex, NumericRange? Range = null)
    : Column(Name, Description, FileIndex);

/// <summary>A column that is in the file and is not read.</summary>
/// <param name="Name"><inheritdoc cref="Column" path="/param[@name='Name']"/></param>
/// <param name="Description"><inheritdoc cref="Column" path="/param[@name='Description']"/></param>
/// <param name="FileIndex"><inheritdoc cref="Column" path="/param[@name='FileIndex']"/></param>
/// <param name="Reason">Why it is left out.</param>
public sealed record IgnoredColumn(string Name, string Description, int FileIndex, string Reason) : Column(Name, Description, FileIndex);

/// <summary>How a numeric feature says "missing", and what stands in for the number.</summary>
/// <param name="Marks">The texts that mark a missing value.</param>
/// <param name="Policy">What the model sees in its place.</param>
public sealed record MissingNumeric(EquatableArray<string> Marks, MissingPolicy Policy);

/// <summary>What the model sees where a number is missing.</summary>
public enum MissingPolicy
{
    /// <summary>The mean of the values present in the train split.</summary>
    Mean,

    /// <summary>The number 0, in the column's own units.</summary>
    Zero,
}
