using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Diagnostics;
using Mmoe.Generators.Parsing;

namespace Mmoe.Generators.Analyzers;

/// <summary>Names the values of a vocabulary that a switch forgets (MMOE103).</summary>
/// <remarks>Whether a switch over <c>Home?</c> must handle null is the compiler's to say.</remarks>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class VocabularySwitchAnalyzer : DiagnosticAnalyzer
{
    /// <inheritdoc/>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } = [UsageDescriptors.ForgottenValues];

    /// <inheritdoc/>
    public override void Initialize(AnalysisContext context)
    {
        context.EnableConcurrentExecution();
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.RegisterCompilationStartAction(static start =>
        {
            if (KnownVocabularies.Of(start.Compilation) is { } vocabularies)
            {
                start.RegisterOperationAction(
                    operation => Analyze(operation, vocabularies), OperationKind.Switch, OperationKind.SwitchExpression);
            }
        });
    }

    private static void Analyze(OperationAnalysisContext context, KnownVocabularies vocabularies)
    {
        if (SwitchCoverage.Of(context.Operation, vocabularies) is { Forgotten.Count: > 0 } coverage)
        {
            context.ReportDiagnostic(Diagnostic.Create(
                UsageDescriptors.ForgottenValues,
                Keyword(context.Operation.Syntax),
                coverage.Vocabulary.Name,
                SchemaReport.List(coverage.Forgotten)));
        }
    }

    private static Location Keyword(SyntaxNode syntax) => syntax switch
    {
        SwitchStatementSyntax statement => statement.SwitchKeyword.GetLocation(),
        SwitchExpressionSyntax expression => expression.SwitchKeyword.GetLocation(),
        _ => syntax.GetLocation(),
    };
}
