using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace Mmoe.Generators.Analyzers;

/// <summary>Finds what knows the names of a vocabulary's members, where a text is meant (MMOE104): methods, and strings made of values.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class EnumNameAnalyzer : DiagnosticAnalyzer
{
    private const string Text = "Text";

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
                start.RegisterOperationAction(
                    operation => AnalyzeSum(operation, vocabularies), OperationKind.Binary, OperationKind.CompoundAssignment);

                // One kind of syntax; as operations, strings and what takes their parts one by one (loggers, builders) are two.
                start.RegisterSyntaxNodeAction(node => AnalyzeInterpolation(node, vocabularies), SyntaxKind.Interpolation);
            }
        });
    }

    private static void AnalyzeCall(OperationAnalysisContext context, KnownVocabularies vocabularies)
    {
        var call = (IInvocationOperation)context.Operation;
        var method = call.TargetMethod;
        if (InsteadOf(method) is not { } instead
            || vocabularies.FindEnum(EnumOf(method, call.Instance, call.Arguments)) is not { } vocabulary
            || IsNumber(ConstantText.Of(call, static parameter => parameter.Name == "format")?.Text))
        {
            return;
        }

        // A name that is no text can only be meant as a name, and it may be asked of a value whether it is defined.
        var constant = ConstantText.Of(call, IsText);
        var namesMember = constant is not null && vocabulary.Members.Contains(constant.Text) && !vocabulary.Holds(constant.Text);
        if (!namesMember && (!AsksOfValueOrText(method) || PassesText(call)))
        {
            var place = (call.Syntax as InvocationExpressionSyntax)?.Expression ?? call.Syntax;
            context.ReportDiagnostic(Found(place, Name(method), vocabulary, instead));
        }
    }

    private static void AnalyzeReference(OperationAnalysisContext context, KnownVocabularies vocabularies)
    {
        var reference = (IMethodReferenceOperation)context.Operation;
        if (!AsksOfValueOrText(reference.Method)
            && InsteadOf(reference.Method) is { } instead
            && vocabularies.FindEnum(EnumOf(reference.Method, reference.Instance, [])) is { } vocabulary)
        {
            context.ReportDiagnostic(Found(reference.Syntax, Name(reference.Method), vocabulary, instead));
        }
    }

    // "home: " + home, or text += home: the value is boxed, and asked for its name.
    private static void AnalyzeSum(OperationAnalysisContext context, KnownVocabularies vocabularies)
    {
        IOperation[] operands = context.Operation switch
        {
            { Type.SpecialType: not SpecialType.System_String } => [],
            IBinaryOperation { OperatorKind: BinaryOperatorKind.Add } sum => [sum.LeftOperand, sum.RightOperand],
            ICompoundAssignmentOperation { OperatorKind: BinaryOperatorKind.Add } sum => [sum.Value],
            _ => [],
        };
        foreach (var operand in operands)
        {
            if (operand is IConversionOperation { IsImplicit: true, Operand: var value }
                && vocabularies.FindEnum(KnownVocabularies.WithoutNullable(value.Type)) is { } vocabulary)
            {
                context.ReportDiagnostic(Found(value.Syntax, "A sum of strings", vocabulary, Text));
            }
        }
    }

    private static void AnalyzeInterpolation(SyntaxNodeAnalysisContext context, KnownVocabularies vocabularies)
    {
        var part = (InterpolationSyntax)context.Node;
        var type = context.SemanticModel.GetTypeInfo(part.Expression, context.CancellationToken).Type;
        if (vocabularies.FindEnum(KnownVocabularies.WithoutNullable(type)) is { } vocabulary
            && !IsNumber(part.FormatClause?.FormatStringToken.ValueText))
        {
            context.ReportDiagnostic(Found(part.Expression, "An interpolated string", vocabulary, Text));
        }
    }

    private static string? InsteadOf(IMethodSymbol method) => OwnerOf(method) switch
    {
        nameof(Enum) => method.Name switch
        {
            nameof(Enum.Parse) => "Parse",
            nameof(Enum.TryParse) or nameof(Enum.IsDefined) => "TryParseText",
            nameof(Enum.GetName) or nameof(Enum.ToString) or nameof(Enum.Format) => Text,
            nameof(Enum.GetNames) => "Vocabulary",
            _ => null,
        },
        nameof(Nullable) => method.Name == nameof(ToString) ? Text : null,
        nameof(Type) => method.Name switch
        {
            nameof(Type.IsEnumDefined) => "TryParseText",
            nameof(Type.GetEnumName) => Text,
            nameof(Type.GetEnumNames) => "Vocabulary",
            _ => null,
        },
        _ => null,
    };

    private static string? OwnerOf(IMethodSymbol method) => method.ContainingType.OriginalDefinition switch
    {
        { SpecialType: SpecialType.System_Enum } => nameof(Enum),
        { SpecialType: SpecialType.System_Nullable_T } => nameof(Nullable),
        { Name: nameof(Type), ContainingNamespace: { Name: nameof(System), ContainingNamespace.IsGlobalNamespace: true } } => nameof(Type),
        _ => null,
    };

    // Enum.Parse<Home>(text), Enum.Parse(typeof(Home), text), typeof(Home).GetEnumNames(), or home.ToString().
    private static ITypeSymbol? EnumOf(IMethodSymbol method, IOperation? instance, IEnumerable<IArgumentOperation> arguments) =>
        method.TypeArguments.FirstOrDefault()
        ?? arguments.Select(a => a.Value).Append(instance).OfType<ITypeOfOperation>().FirstOrDefault()?.TypeOperand
        ?? KnownVocabularies.WithoutNullable(instance?.Type);

    private static bool AsksOfValueOrText(IMethodSymbol method) => method.Name is nameof(Enum.IsDefined) or nameof(Type.IsEnumDefined);

    private static bool IsText(IParameterSymbol parameter) => parameter.Name == "value";

    private static bool PassesText(IInvocationOperation call) => call.Arguments.Any(argument =>
        argument.Parameter is { } parameter && IsText(parameter)
        && (argument.Value is IConversionOperation boxed ? boxed.Operand : argument.Value).Type?.SpecialType == SpecialType.System_String);

    // The formats of an enum that give a number.
    private static bool IsNumber(string? format) => format is "D" or "d" or "X" or "x";

    private static string Name(IMethodSymbol method) => $"'{OwnerOf(method)}.{method.Name}'";

    private static Diagnostic Found(SyntaxNode place, string knower, KnownVocabulary vocabulary, string instead) =>
        Diagnostic.Create(UsageDescriptors.NamesForTexts, place.GetLocation(), knower, $"{vocabulary.Name}.{instead}");
}
