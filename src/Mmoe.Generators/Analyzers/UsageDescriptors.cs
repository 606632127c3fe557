using Microsoft.CodeAnalysis;
using Mmoe.Generators.Diagnostics;

namespace Mmoe.Generators.Analyzers;

/// <summary>Roslyn's descriptors of the rules for C#: one per rule.</summary>
internal static class UsageDescriptors
{
    private const string Category = "Mmoe.Usage";

    /// <summary>A text is not in the vocabulary.</summary>
    public static readonly DiagnosticDescriptor UnknownText = new(
        UsageRules.UnknownText,
        "A text is not in the vocabulary",
        UsageRules.UnknownTextMessage,
        Category,
        DiagnosticSeverity.Error,
        isEnabledByDefault: true,
        helpLinkUri: DiagnosticPages.Of(UsageRules.UnknownText));

    /// <summary>A text that is known at compile time is read at run time.</summary>
    public static readonly DiagnosticDescriptor ParsedConstant = new(
        UsageRules.ParsedConstant,
        "A text that is known at compile time is read at run time",
        UsageRules.ParsedConstantMessage,
        Category,
        DiagnosticSeverity.Info,
        isEnabledByDefault: true,
        helpLinkUri: DiagnosticPages.Of(UsageRules.ParsedConstant));

    /// <summary>A switch forgets values of a vocabulary.</summary>
    public static readonly DiagnosticDescriptor ForgottenValues = new(
        UsageRules.ForgottenValues,
        "A switch forgets values of a vocabulary",
        UsageRules.ForgottenValuesMessage,
        Category,
        DiagnosticSeverity.Warning,
        isEnabledByDefault: true,
        helpLinkUri: DiagnosticPages.Of(UsageRules.ForgottenValues));

    /// <summary>Names of members are taken for texts.</summary>
    public static readonly DiagnosticDescriptor NamesForTexts = new(
        UsageRules.NamesForTexts,
        "Names of members are taken for texts",
        UsageRules.NamesForTextsMessage,
        Category,
        DiagnosticSeverity.Warning,
        isEnabledByDefault: true,
        helpLinkUri: DiagnosticPages.Of(UsageRules.NamesForTexts));

    /// <summary>A match does not fit its vocabulary.</summary>
    public static readonly DiagnosticDescriptor UnfitMatch = new(
        UsageRules.UnfitMatch,
        "A match does not fit its vocabulary",
        UsageRules.UnfitMatchMessage,
        Category,
        DiagnosticSeverity.Error,
        isEnabledByDefault: true,
        helpLinkUri: DiagnosticPages.Of(UsageRules.UnfitMatch));
}
