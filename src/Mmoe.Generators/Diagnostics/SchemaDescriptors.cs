using Microsoft.CodeAnalysis;
using Mmoe.Generators.Parsing;

namespace Mmoe.Generators.Diagnostics;

/// <summary>Roslyn's descriptors of the schema's rules: one per rule.</summary>
internal static class SchemaDescriptors
{
    private const string Category = "Mmoe.Schema";
    private const string ProjectCategory = "Mmoe.Project";

    private static readonly DiagnosticDescriptor InvalidJson = new(
        SchemaRules.InvalidJson,
        "The text is no JSON",
        SchemaRules.InvalidJsonMessage,
        Category,
        DiagnosticSeverity.Error,
        isEnabledByDefault: true,
        helpLinkUri: DiagnosticPages.Of(SchemaRules.InvalidJson));

    private static readonly DiagnosticDescriptor UnknownProperty = new(
        SchemaRules.UnknownProperty,
        "An object holds a property that it may not",
        SchemaRules.UnknownPropertyMessage,
        Category,
        DiagnosticSeverity.Error,
        isEnabledByDefault: true,
        helpLinkUri: DiagnosticPages.Of(SchemaRules.UnknownProperty));

    private static readonly DiagnosticDescriptor MissingProperty = new(
        SchemaRules.MissingProperty,
        "An object lacks a property",
        SchemaRules.MissingPropertyMessage,
        Category,
        DiagnosticSeverity.Error,
        isEnabledByDefault: true,
        helpLinkUri: DiagnosticPages.Of(SchemaRules.MissingProperty));

    private static readonly DiagnosticDescriptor WrongType = new(
        SchemaRules.WrongType,
        "A value has the wrong JSON type",
        SchemaRules.WrongTypeMessage,
        Category,
        DiagnosticSeverity.Error,
        isEnabledByDefault: true,
        helpLinkUri: DiagnosticPages.Of(SchemaRules.WrongType));

    private static readonly DiagnosticDescriptor ValueNotAccepted = new(
        SchemaRules.ValueNotAccepted,
        "A value is none of those accepted",
        SchemaRules.ValueNotAcceptedMessage,
        Category,
        DiagnosticSeverity.Error,
        isEnabledByDefault: true,
        helpLinkUri: DiagnosticPages.Of(SchemaRules.ValueNotAccepted));

    private static readonly DiagnosticDescriptor MalformedText = new(
        SchemaRules.MalformedText,
        "A text is not formed as it must be",
        SchemaRules.MalformedTextMessage,
        Category,
        DiagnosticSeverity.Error,
        isEnabledByDefault: true,
        helpLinkUri: DiagnosticPages.Of(SchemaRules.MalformedText));

    private static readonly DiagnosticDescriptor NumberOutOfRange = new(
        SchemaRules.NumberOutOfRange,
        "A number is out of range",
        SchemaRules.NumberOutOfRangeMessage,
        Category,
        DiagnosticSeverity.Error,
        isEnabledByDefault: true,
        helpLinkUri: DiagnosticPages.Of(SchemaRules.NumberOutOfRange));

    private static readonly DiagnosticDescriptor DuplicateProperty = new(
        SchemaRules.DuplicateProperty,
        "An object holds a property twice",
        SchemaRules.DuplicatePropertyMessage,
        Category,
        DiagnosticSeverity.Error,
        isEnabledByDefault: true,
        helpLinkUri: DiagnosticPages.Of(SchemaRules.DuplicateProperty));

    private static readonly DiagnosticDescriptor DuplicateColumn = new(
        SchemaRules.DuplicateColumn,
        "Two columns have one name",
        SchemaRules.DuplicateColumnMessage,
        Category,
        DiagnosticSeverity.Error,
        isEnabledByDefault: true,
        helpLinkUri: DiagnosticPages.Of(SchemaRules.DuplicateColumn));

    private static readonly DiagnosticDescriptor DuplicateValue = new(
        SchemaRules.DuplicateValue,
        "A value stands twice in a vocabulary or among the positive values",
        SchemaRules.DuplicateValueMessage,
        Category,
        DiagnosticSeverity.Error,
        isEnabledByDefault: true,
        helpLinkUri: DiagnosticPages.Of(SchemaRules.DuplicateValue));

    private static readonly DiagnosticDescriptor VocabularySize = new(
        SchemaRules.VocabularySize,
        "A vocabulary is empty or too large",
        SchemaRules.VocabularySizeMessage,
        Category,
        DiagnosticSeverity.Error,
        isEnabledByDefault: true,
        helpLinkUri: DiagnosticPages.Of(SchemaRules.VocabularySize));

    private static readonly DiagnosticDescriptor UnknownColumn = new(
        SchemaRules.UnknownColumn,
        "A column is named that does not exist",
        SchemaRules.UnknownColumnMessage,
        Category,
        DiagnosticSeverity.Error,
        isEnabledByDefault: true,
        helpLinkUri: DiagnosticPages.Of(SchemaRules.UnknownColumn));

    private static readonly DiagnosticDescriptor UnsuitableColumn = new(
        SchemaRules.UnsuitableColumn,
        "A task's column does not suit the task",
        SchemaRules.UnsuitableColumnMessage,
        Category,
        DiagnosticSeverity.Error,
        isEnabledByDefault: true,
        helpLinkUri: DiagnosticPages.Of(SchemaRules.UnsuitableColumn));

    private static readonly DiagnosticDescriptor UnusedLabel = new(
        SchemaRules.UnusedLabel,
        "No task uses a label column",
        SchemaRules.UnusedLabelMessage,
        Category,
        DiagnosticSeverity.Error,
        isEnabledByDefault: true,
        helpLinkUri: DiagnosticPages.Of(SchemaRules.UnusedLabel));

    private static readonly DiagnosticDescriptor UnknownPositive = new(
        SchemaRules.UnknownPositive,
        "A positive value is not in the vocabulary",
        SchemaRules.UnknownPositiveMessage,
        Category,
        DiagnosticSeverity.Error,
        isEnabledByDefault: true,
        helpLinkUri: DiagnosticPages.Of(SchemaRules.UnknownPositive));

    private static readonly DiagnosticDescriptor PositiveSet = new(
        SchemaRules.PositiveSet,
        "No value is positive, or all are",
        SchemaRules.PositiveSetMessage,
        Category,
        DiagnosticSeverity.Error,
        isEnabledByDefault: true,
        helpLinkUri: DiagnosticPages.Of(SchemaRules.PositiveSet));

    private static readonly DiagnosticDescriptor NothingThere = new(
        SchemaRules.NothingThere,
        "There is no task, no feature or no file",
        SchemaRules.NothingThereMessage,
        Category,
        DiagnosticSeverity.Error,
        isEnabledByDefault: true,
        helpLinkUri: DiagnosticPages.Of(SchemaRules.NothingThere));

    private static readonly DiagnosticDescriptor IdentifierClash = new(
        SchemaRules.IdentifierClash,
        "A stated identifier, or a type's name, is not free",
        SchemaRules.IdentifierClashMessage,
        Category,
        DiagnosticSeverity.Error,
        isEnabledByDefault: true,
        helpLinkUri: DiagnosticPages.Of(SchemaRules.IdentifierClash));

    private static readonly DiagnosticDescriptor DuplicateDataset = new(
        SchemaRules.DuplicateDataset,
        "Two files describe datasets of one name",
        SchemaRules.DuplicateDatasetMessage,
        Category,
        DiagnosticSeverity.Error,
        isEnabledByDefault: true,
        helpLinkUri: DiagnosticPages.Of(SchemaRules.DuplicateDataset));

    private static readonly DiagnosticDescriptor DuplicateTask = new(
        SchemaRules.DuplicateTask,
        "Two tasks have one name",
        SchemaRules.DuplicateTaskMessage,
        Category,
        DiagnosticSeverity.Error,
        isEnabledByDefault: true,
        helpLinkUri: DiagnosticPages.Of(SchemaRules.DuplicateTask));

    private static readonly DiagnosticDescriptor NumFeatures = new(
        SchemaRules.NumFeatures,
        "The stated number of features is not that of the columns",
        SchemaRules.NumFeaturesMessage,
        Category,
        DiagnosticSeverity.Error,
        isEnabledByDefault: true,
        helpLinkUri: DiagnosticPages.Of(SchemaRules.NumFeatures));

    private static readonly DiagnosticDescriptor UnknownFile = new(
        SchemaRules.UnknownFile,
        "A split names a file that does not exist",
        SchemaRules.UnknownFileMessage,
        Category,
        DiagnosticSeverity.Error,
        isEnabledByDefault: true,
        helpLinkUri: DiagnosticPages.Of(SchemaRules.UnknownFile));

    private static readonly DiagnosticDescriptor OverlappingSplits = new(
        SchemaRules.OverlappingSplits,
        "Two splits share rows",
        SchemaRules.OverlappingSplitsMessage,
        Category,
        DiagnosticSeverity.Error,
        isEnabledByDefault: true,
        helpLinkUri: DiagnosticPages.Of(SchemaRules.OverlappingSplits));

    private static readonly DiagnosticDescriptor SplitRule = new(
        SchemaRules.SplitRule,
        "Modulo and remainders of a split do not fit together",
        SchemaRules.SplitRuleMessage,
        Category,
        DiagnosticSeverity.Error,
        isEnabledByDefault: true,
        helpLinkUri: DiagnosticPages.Of(SchemaRules.SplitRule));

    private static readonly DiagnosticDescriptor SyntheticColumns = new(
        SchemaRules.SyntheticColumns,
        "The columns are not those that the row generator draws",
        SchemaRules.SyntheticColumnsMessage,
        Category,
        DiagnosticSeverity.Error,
        isEnabledByDefault: true,
        helpLinkUri: DiagnosticPages.Of(SchemaRules.SyntheticColumns));

    private static readonly DiagnosticDescriptor NotApplicable = new(
        SchemaRules.NotApplicable,
        "A property stands where it has no meaning",
        SchemaRules.NotApplicableMessage,
        Category,
        DiagnosticSeverity.Error,
        isEnabledByDefault: true,
        helpLinkUri: DiagnosticPages.Of(SchemaRules.NotApplicable));

    private static readonly DiagnosticDescriptor ImpossibleText = new(
        SchemaRules.ImpossibleText,
        "A value can never be read from a file",
        SchemaRules.ImpossibleTextMessage,
        Category,
        DiagnosticSeverity.Error,
        isEnabledByDefault: true,
        helpLinkUri: DiagnosticPages.Of(SchemaRules.ImpossibleText));

    private static readonly DiagnosticDescriptor NoChecksum = new(
        SchemaRules.NoChecksum,
        "A file has an address and no checksum",
        SchemaRules.NoChecksumMessage,
        Category,
        DiagnosticSeverity.Info,
        isEnabledByDefault: true,
        helpLinkUri: DiagnosticPages.Of(SchemaRules.NoChecksum));

    private static readonly DiagnosticDescriptor BinsNotIncreasing = new(
        SchemaRules.BinsNotIncreasing,
        "Bins are not increasing edges",
        SchemaRules.BinsNotIncreasingMessage,
        Category,
        DiagnosticSeverity.Error,
        isEnabledByDefault: true,
        helpLinkUri: DiagnosticPages.Of(SchemaRules.BinsNotIncreasing));

    private static readonly DiagnosticDescriptor ImpossibleRange = new(
        SchemaRules.ImpossibleRange,
        "A range cannot be kept",
        SchemaRules.ImpossibleRangeMessage,
        Category,
        DiagnosticSeverity.Error,
        isEnabledByDefault: true,
        helpLinkUri: DiagnosticPages.Of(SchemaRules.ImpossibleRange));

    private static readonly DiagnosticDescriptor UnmetRequirement = new(
        SchemaRules.UnmetRequirement,
        "The project lacks what emitted code needs",
        SchemaRules.UnmetRequirementMessage,
        ProjectCategory,
        DiagnosticSeverity.Error,
        isEnabledByDefault: true,
        helpLinkUri: DiagnosticPages.Of(SchemaRules.UnmetRequirement));

    private static readonly DiagnosticDescriptor ImpossibleEncoding = new(
        SchemaRules.ImpossibleEncoding,
        "An encoding cannot be had",
        SchemaRules.ImpossibleEncodingMessage,
        Category,
        DiagnosticSeverity.Error,
        isEnabledByDefault: true,
        helpLinkUri: DiagnosticPages.Of(SchemaRules.ImpossibleEncoding));

    private static readonly DiagnosticDescriptor MissingSample = new(
        SchemaRules.MissingSample,
        "A sample is not among the project's files",
        SchemaRules.MissingSampleMessage,
        Category,
        DiagnosticSeverity.Error,
        isEnabledByDefault: true,
        helpLinkUri: DiagnosticPages.Of(SchemaRules.MissingSample));

    private static readonly DiagnosticDescriptor UnknownSampleValue = new(
        SchemaRules.UnknownSampleValue,
        "A value of a sample is not in the vocabulary",
        SchemaRules.UnknownSampleValueMessage,
        Category,
        DiagnosticSeverity.Error,
        isEnabledByDefault: true,
        helpLinkUri: DiagnosticPages.Of(SchemaRules.UnknownSampleValue));

    private static readonly DiagnosticDescriptor InvalidSample = new(
        SchemaRules.InvalidSample,
        "A sample is not written as the schema says",
        SchemaRules.InvalidSampleMessage,
        Category,
        DiagnosticSeverity.Error,
        isEnabledByDefault: true,
        helpLinkUri: DiagnosticPages.Of(SchemaRules.InvalidSample));

    private static readonly DiagnosticDescriptor InvalidSampleNumber = new(
        SchemaRules.InvalidSampleNumber,
        "A field of a sample is no number that its column may hold",
        SchemaRules.InvalidSampleNumberMessage,
        Category,
        DiagnosticSeverity.Error,
        isEnabledByDefault: true,
        helpLinkUri: DiagnosticPages.Of(SchemaRules.InvalidSampleNumber));

    /// <summary>All descriptors by id.</summary>
    public static IReadOnlyDictionary<string, DiagnosticDescriptor> ById { get; } = new[]
    {
        InvalidJson,
        UnknownProperty,
        MissingProperty,
        WrongType,
        ValueNotAccepted,
        MalformedText,
        NumberOutOfRange,
        DuplicateProperty,
        DuplicateColumn,
        DuplicateValue,
        VocabularySize,
        UnknownColumn,
        UnsuitableColumn,
        UnusedLabel,
        UnknownPositive,
        PositiveSet,
        NothingThere,
        IdentifierClash,
        DuplicateDataset,
        DuplicateTask,
        NumFeatures,
        UnknownFile,
        OverlappingSplits,
        SplitRule,
        SyntheticColumns,
        NotApplicable,
        ImpossibleText,
        BinsNotIncreasing,
        ImpossibleRange,
        NoChecksum,
        UnmetRequirement,
        ImpossibleEncoding,
        MissingSample,
        UnknownSampleValue,
        InvalidSample,
        InvalidSampleNumber,
    }.ToDictionary(d => d.Id, StringComparer.Ordinal);
}
