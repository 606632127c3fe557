using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;
using Mmoe.Generators.Parsing;

namespace Mmoe.Generators.Analyzers;

/// <summary>Names the values of a vocabulary that a switch forgets (MMOE103).</summary>
/// <remarks>
/// A case with a condition leaves its value open, as it does to the compiler. Null is no value of a vocabulary: whether a switch over
/// <c>Home?</c> must handle it is the compiler's to say.
/// </remarks>
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
        var (value, cases) = context.Operation switch
        {
            ISwitchOperation statement => (statement.Value, CasesOf(statement)),
            ISwitchExpressionOperation expression => (expression.Value, CasesOf(expression)),
            _ => throw new InvalidOperationException("Only switches are registered."),
        };
        if (vocabularies.FindEnum(KnownVocabularies.WithoutNullable(value.Type)) is not { } vocabulary)
        {
            return;
        }

        var forgotten = vocabulary.Members.Where((_, code) => !cases.Any(handles => handles((byte)code))).ToArray();
        if (forgotten.Length > 0)
        {
            context.ReportDiagnostic(Diagnostic.Create(
                UsageDescriptors.ForgottenValues, Keyword(context.Operation.Syntax), vocabulary.Name, SchemaReport.List(forgotten)));
        }
    }

    // Each case as a question to it: does it take this value, whatever else is the case?
    private static Func<byte, bool>[] CasesOf(ISwitchOperation statement) =>
    [
        .. statement.Cases.SelectMany(section => section.Clauses).Select<ICaseClauseOperation, Func<byte, bool>>(clause => clause switch
        {
            IDefaultCaseClauseOperation => static _ => true,
            ISingleValueCaseClauseOperation single => code => PatternCoverage.IsEqual(single.Value, code) == true,
            IPatternCaseClauseOperation pattern => code => Handles(pattern.Pattern, pattern.Guard, code),
            _ => static _ => false,
        }),
    ];

    private static Func<byte, bool>[] CasesOf(ISwitchExpressionOperation expression) =>
        [.. expression.Arms.Select(arm => (Func<byte, bool>)(code => Handles(arm.Pattern, arm.Guard, code)))];

    private static bool Handles(IPatternOperation pattern, IOperation? guard, byte code) =>
        guard is null or { ConstantValue: { HasValue: true, Value: true } } && PatternCoverage.Matches(pattern, code) == true;

    private static Location Keyword(SyntaxNode syntax) => syntax switch
    {
        SwitchStatementSyntax statement => statement.SwitchKeyword.GetLocation(),
        SwitchExpressionSyntax expression => expression.SwitchKeyword.GetLocation(),
        _ => syntax.GetLocation(),
    };
}
