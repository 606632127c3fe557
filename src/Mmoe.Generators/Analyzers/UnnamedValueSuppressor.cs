using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace Mmoe.Generators.Analyzers;

/// <summary>Takes back the warning that a switch expression misses unnamed numbers, where it handles every value of a vocabulary.</summary>
/// <remarks>
/// The compiler warns of one thing that is missing, the simplest. That may be an unnamed number though a value or null is missing too, and
/// of a nullable value it does not say that the number is unnamed. So what is handled is looked up here, whatever the warning says.
/// </remarks>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class UnnamedValueSuppressor : DiagnosticSuppressor
{
    private static readonly ImmutableDictionary<string, SuppressionDescriptor> ByWarning = UsageRules.UnnamedValueWarnings
        .ToImmutableDictionary(warning => warning, warning => new SuppressionDescriptor(
            UsageRules.UnnamedValue,
            warning,
            "The switch handles every value of the vocabulary, and nothing but a cast makes a number that is none"));

    /// <inheritdoc/>
    public override ImmutableArray<SuppressionDescriptor> SupportedSuppressions { get; } = [.. ByWarning.Values];

    /// <inheritdoc/>
    public override void ReportSuppressions(SuppressionAnalysisContext context)
    {
        if (KnownVocabularies.Of(context.Compilation) is { } vocabularies)
        {
            foreach (var warning in context.ReportedDiagnostics.Where(warning => Operation(context, warning) is { } operation
                && SwitchCoverage.Of(operation, vocabularies) is { Forgotten.Count: 0, ForgetsNull: false }))
            {
                context.ReportSuppression(Suppression.Create(ByWarning[warning.Id], warning));
            }
        }
    }

    private static ISwitchExpressionOperation? Operation(SuppressionAnalysisContext context, Diagnostic warning) =>
        warning.Location.SourceTree is { } tree
        && tree.GetRoot(context.CancellationToken).FindToken(warning.Location.SourceSpan.Start).Parent is SwitchExpressionSyntax syntax
            ? context.GetSemanticModel(tree).GetOperation(syntax, context.CancellationToken) as ISwitchExpressionOperation
            : null;
}
