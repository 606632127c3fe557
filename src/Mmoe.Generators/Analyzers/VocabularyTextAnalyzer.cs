using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;
using Mmoe.Generators.Parsing;

namespace Mmoe.Generators.Analyzers;

/// <summary>Checks constant texts that are read as values of a vocabulary (MMOE101), and names the members they are (MMOE102).</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class VocabularyTextAnalyzer : DiagnosticAnalyzer
{
    /// <inheritdoc/>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } =
        [UsageDescriptors.UnknownText, UsageDescriptors.ParsedConstant];

    /// <inheritdoc/>
    public override void Initialize(AnalysisContext context)
    {
        context.EnableConcurrentExecution();
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.RegisterCompilationStartAction(static start =>
        {
            if (KnownVocabularies.Of(start.Compilation) is { } vocabularies)
            {
                start.RegisterOperationAction(operation => Analyze(operation, vocabularies), OperationKind.Invocation);
            }
        });
    }

    private static void Analyze(OperationAnalysisContext context, KnownVocabularies vocabularies)
    {
        var call = (IInvocationOperation)context.Operation;
        var method = call.TargetMethod;
        if (vocabularies.Find(ResultOf(method)) is not { } vocabulary
            || !vocabularies.IsEmitted(method, vocabulary)
            || ConstantText.Of(call, static parameter => parameter.Ordinal == 0) is not { } constant)
        {
            return;
        }

        if (!vocabulary.Holds(constant.Text))
        {
            ReportUnknown(context, vocabulary, constant);
        }
        else if (method.Name == "Parse"
            && vocabulary.MemberOf(constant.Text) is { } member
            && call.Parent is not IExpressionStatementOperation)
        {
            // Where the value is dropped, a member could not take the call's place.
            context.ReportDiagnostic(Diagnostic.Create(
                UsageDescriptors.ParsedConstant,
                call.Syntax.GetLocation(),
                ImmutableDictionary<string, string?>.Empty.Add(UsageRules.MemberProperty, member),
                SchemaReport.Quote(constant.Text),
                $"{vocabulary.Name}.{member}"));
        }
    }

    private static ITypeSymbol? ResultOf(IMethodSymbol method) => method switch
    {
        { IsStatic: true, Name: "Parse", Parameters.Length: 1 } => method.ReturnType,
        { IsStatic: true, Name: "TryParseText", Parameters.Length: 2 } => method.Parameters[1].Type,
        _ => null,
    };

    private static void ReportUnknown(OperationAnalysisContext context, KnownVocabulary vocabulary, ConstantText constant)
    {
        var nearest = NearestMatch.Of(constant.Text, vocabulary.Texts);
        var properties = ImmutableDictionary<string, string?>.Empty;
        context.ReportDiagnostic(Diagnostic.Create(
            UsageDescriptors.UnknownText,
            constant.Place.GetLocation(),
            nearest is null ? properties : properties.Add(UsageRules.NearestProperty, nearest),
            SchemaReport.Quote(constant.Text),
            vocabulary.Name,
            SchemaReport.Accepted(nearest, vocabulary.Texts)));
    }
}
