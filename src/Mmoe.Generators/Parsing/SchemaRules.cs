namespace Mmoe.Generators.Parsing;

/// <summary>The rules that a schema must keep: per rule its id and its message.</summary>
/// <remarks>Roslyn's descriptors are made from these constants; the command line's own checks can speak the same words.</remarks>
internal static class SchemaRules
{
    /// <summary>The text is no JSON.</summary>
    public const string InvalidJson = "MMOE001";

    /// <summary>An object holds a property that it may not.</summary>
    public const string UnknownProperty = "MMOE002";

    /// <summary>An object lacks a property.</summary>
    public const string MissingProperty = "MMOE003";

    /// <summary>A value has the wrong JSON type.</summary>
    public const string WrongType = "MMOE004";

    /// <summary>A value is none of those accepted.</summary>
    public const string ValueNotAccepted = "MMOE005";

    /// <summary>A text is not formed as it must be.</summary>
    public const string MalformedText = "MMOE006";

    /// <summary>A number is out of range.</summary>
    public const string NumberOutOfRange = "MMOE007";

    /// <summary>An object holds a property twice.</summary>
    public const string DuplicateProperty = "MMOE008";

    /// <summary>Two columns have one name.</summary>
    public const string DuplicateColumn = "MMOE009";

    /// <summary>A value stands twice in a vocabulary or among the positive values.</summary>
    public const string DuplicateValue = "MMOE010";

    /// <summary>A vocabulary is empty or too large.</summary>
    public const string VocabularySize = "MMOE011";

    /// <summary>A column is named that does not exist.</summary>
    public const string UnknownColumn = "MMOE012";

    /// <summary>A task's column does not suit the task.</summary>
    public const string UnsuitableColumn = "MMOE013";

    /// <summary>No task uses a label column.</summary>
    public const string UnusedLabel = "MMOE014";

    /// <summary>A positive value is not in the vocabulary.</summary>
    public const string UnknownPositive = "MMOE015";

    /// <summary>No value is positive, or all are.</summary>
    public const string PositiveSet = "MMOE016";

    /// <summary>There is no task, no feature or no file.</summary>
    public const string NothingThere = "MMOE017";

    /// <summary>A stated identifier, or a type's name, is not free.</summary>
    public const string IdentifierClash = "MMOE018";

    /// <summary>Two files describe datasets of one name.</summary>
    public const string DuplicateDataset = "MMOE019";

    /// <summary>Two tasks have one name.</summary>
    public const string DuplicateTask = "MMOE020";

    /// <summary>The stated number of features is not that of the columns.</summary>
    public const string NumFeatures = "MMOE021";

    /// <summary>A split names a file that does not exist.</summary>
    public const string UnknownFile = "MMOE022";

    /// <summary>Two splits share rows.</summary>
    public const string OverlappingSplits = "MMOE023";

    /// <summary>Modulo and remainders of a split do not fit together.</summary>
    public const string SplitRule = "MMOE024";

    /// <summary>The columns are not those that the row generator draws.</summary>
    public const string SyntheticColumns = "MMOE025";

    /// <summary>A property stands where it has no meaning.</summary>
    public const string NotApplicable = "MMOE026";

    /// <summary>A value can never be read from a file.</summary>
    public const string ImpossibleText = "MMOE027";

    /// <summary>Bins have no edges, too many, or edges that do not increase.</summary>
    public const string BinsNotIncreasing = "MMOE028";

    /// <summary>No number can lie in a range, or an edge of the bins does not.</summary>
    public const string ImpossibleRange = "MMOE029";

    /// <summary>A file has an address and no checksum.</summary>
    public const string NoChecksum = "MMOE030";

    /// <summary>The project lacks what emitted code leans on.</summary>
    public const string UnmetRequirement = "MMOE031";

    /// <summary>An encoding is unknown, has no number that it may have, or contradicts another of its column.</summary>
    public const string ImpossibleEncoding = "MMOE032";

    /// <summary>The sample that a schema names is not among the project's files.</summary>
    public const string MissingSample = "MMOE040";

    /// <summary>A value of a sample is not in the vocabulary.</summary>
    public const string UnknownSampleValue = "MMOE041";

    /// <summary>A sample, or a record of it, is not written as the schema says.</summary>
    public const string InvalidSample = "MMOE042";

    /// <summary>A field of a numeric column of a sample is no number that the column may hold.</summary>
    public const string InvalidSampleNumber = "MMOE043";

    internal const string InvalidJsonMessage = "Not valid JSON: {0}";
    internal const string UnknownPropertyMessage = "'{0}' is no property of {1}; {2}";
    internal const string MissingPropertyMessage = "The property '{0}' is missing: {1} needs it";
    internal const string WrongTypeMessage = "{0} must be {1}, not {2}";
    internal const string ValueNotAcceptedMessage = "'{0}' is no value of '{1}'; {2}";
    internal const string MalformedTextMessage = "'{0}' cannot be {1}: {2}";
    internal const string NumberOutOfRangeMessage = "{0} cannot be '{1}': it must be {2}";
    internal const string DuplicatePropertyMessage = "The property '{0}' stands twice in one object";
    internal const string DuplicateColumnMessage = "The column '{0}' stands twice";
    internal const string DuplicateValueMessage = "'{0}' stands twice in {1}";
    internal const string VocabularySizeMessage = "The vocabulary of column '{0}' holds {1} values; it must hold 1 to 65536";
    internal const string UnknownColumnMessage = "There is no column '{0}'; {1}";
    internal const string UnsuitableColumnMessage = "The {0} task '{1}' cannot use column '{2}', which is {3}; {4}";
    internal const string UnusedLabelMessage = "No task uses the label column '{0}'; give it a task, or the role 'ignored'";
    internal const string UnknownPositiveMessage = "'{0}' is no value of column '{1}'; {2}";
    internal const string PositiveSetMessage = "Task '{0}' counts {1} of its column's {2} values as positive; it must be some, not all";
    internal const string NothingThereMessage = "The dataset has no {0}; it needs at least one";
    internal const string IdentifierClashMessage = "The identifier '{0}' is not free: {1}";
    internal const string DuplicateDatasetMessage = "The dataset '{0}' is described twice; first in '{1}'";
    internal const string DuplicateTaskMessage = "The task '{0}' stands twice";
    internal const string NumFeaturesMessage = "'num_features' is {3}, but the columns give {0} ({1} one-hot and {2} numeric)";
    internal const string UnknownFileMessage = "There is no file '{0}'; {1}";
    internal const string OverlappingSplitsMessage = "The splits '{0}' and '{1}' share rows of file '{2}'";
    internal const string SplitRuleMessage = "The split '{0}' cannot be taken: {1}";
    internal const string SyntheticColumnsMessage = "'synthetic-regression' draws {0}, but the schema has {1}";
    internal const string NotApplicableMessage = "The property '{0}' has no meaning for {1}";
    internal const string BinsNotIncreasingMessage = "The bins of column '{0}' are not increasing edges: {1}";
    internal const string ImpossibleRangeMessage = "The range of column '{0}' cannot be kept: {1}";
    internal const string ImpossibleTextMessage = "{0} can never be read from a file: {1}; {2}";
    internal const string NoChecksumMessage = "The file '{0}' has a 'url' and no 'sha256', so that a download of it cannot be checked";
    internal const string UnmetRequirementMessage = "No code is emitted, since it needs {0}; {1}";
    internal const string ImpossibleEncodingMessage = "The encoding of column '{0}' cannot be had: {1}";
    internal const string MissingSampleMessage = "There is no additional file '{0}' in the schema's folder; {1}";
    internal const string UnknownSampleValueMessage = "'{0}' is no value of {1}; {2}";
    internal const string InvalidSampleMessage = "The sample is not written as the schema says: {0}";
    internal const string InvalidSampleNumberMessage = "'{0}' is no number for {1}; {2}";
}
