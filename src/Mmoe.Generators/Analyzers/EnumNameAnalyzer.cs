using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace Mmoe.Generators.Analyzers;

/// <summary>Finds methods of <see cref="Enum"/> that know the names of a vocabulary's members, where a text is meant (MMOE104).</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class EnumNameAnalyzer : DiagnosticAnalyzer
{
    /// <inheritdoc/>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } = [UsageDescriptors.NamesForTexts];

    /// <inheritdoc/>
    public override void Initialize(AnalysisContext context)
    {
        context.EnableConcurrentExecution();
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.RegisterCompilationStartAction(static start =>
        {
            if (KnownVocabularies.Of(start.Compilation) is { } vocabularies)
            {
                start.RegisterOperationAction(operation => AnalyzeCall(operation, vocabularies), OperationKind.Invocation);
                start.RegisterOperationAction(operation => AnalyzeReference(operation, vocabularies), OperationKind.MethodReference);
            }
        });
    }

    private static void AnalyzeCall(OperationAnalysisContext context, KnownVocabularies vocabularies)
    {
        var call = (IInvocationOperation)context.Operation;
        var method = call.TargetMethod;
        if (InsteadOf(method) is not { } instead || vocabularies.FindEnum(EnumOf(call)) is not { } vocabulary)
        {
            return;
        }

        // A name that is no text can only be meant as a name, and IsDefined may be asked of a value.
        var constant = ConstantText.Of(call, IsText);
        var namesMember = constant is not null && vocabulary.Members.Contains(constant.Text) && !vocabulary.Holds(constant.Text);
        if (!namesMember && (method.Name != nameof(Enum.IsDefined) || PassesText(call)))
        {
            Report(context, (call.Syntax as InvocationExpressionSyntax)?.Expression ?? call.Syntax, method, vocabulary, instead);
        }
    }

    private static void AnalyzeReference(OperationAnalysisContext context, KnownVocabularies vocabularies)
    {
        var method = ((IMethodReferenceOperation)context.Operation).Method;
        if (method.Name != nameof(Enum.IsDefined)
            && InsteadOf(method) is { } instead
            && vocabularies.FindEnum(method.TypeArguments.FirstOrDefault()) is { } vocabulary)
        {
            Report(context, context.Operation.Syntax, method, vocabulary, instead);
        }
    }

    private static string? InsteadOf(IMethodSymbol method) => method.ContainingType.SpecialType != SpecialType.System_Enum
        ? null
        : method.Name switch
        {
            nameof(Enum.Parse) => "Parse",
            nameof(Enum.TryParse) or nameof(Enum.IsDefined) => "TryParseText",
            nameof(Enum.GetName) => "Text",
            nameof(Enum.GetNames) => "Vocabulary",
            _ => null,
        };

    // Enum.Parse<Home>(text), or Enum.Parse(typeof(Home), text).
    private static ITypeSymbol? EnumOf(IInvocationOperation call) =>
        call.TargetMethod.TypeArguments.FirstOrDefault()
        ?? call.Arguments.Select(a => a.Value).OfType<ITypeOfOperation>().FirstOrDefault()?.TypeOperand;

    private static bool IsText(IParameterSymbol parameter) => parameter.Name == "value";

    private static bool PassesText(IInvocationOperation call) => call.Arguments.Any(argument =>
        argument.Parameter is { } parameter && IsText(parameter)
        && (argument.Value is IConversionOperation boxed ? boxed.Operand : argument.Value).Type?.SpecialType == SpecialType.System_String);

    private static void Report(
        OperationAnalysisContext context, SyntaxNode place, IMethodSymbol method, KnownVocabulary vocabulary, string instead) =>
        context.ReportDiagnostic(Diagnostic.Create(
            UsageDescriptors.NamesForTexts, place.GetLocation(), method.Name, $"{vocabulary.Name}.{instead}"));
}
