using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Diagnostics;
using Mmoe.Generators.Parsing;

namespace Mmoe.Generators.Analyzers;

/// <summary>Says what is wrong with a call of <c>Match</c> whose arguments are not the values of the vocabulary (MMOE105).</summary>
/// <remarks>
/// The compiler refuses such a call too, and misleads: LanguageExt has extensions called <c>Match</c> outside every namespace, which the
/// compiler meets before those that a <c>using</c> brings, so that it finds fault with theirs. What does not bind has no operation to look
/// at but an invalid one; hence the syntax, and the receiver's type.
/// </remarks>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class VocabularyMatchAnalyzer : DiagnosticAnalyzer
{
    /// <inheritdoc/>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } = [UsageDescriptors.UnfitMatch];

    /// <inheritdoc/>
    public override void Initialize(AnalysisContext context)
    {
        context.EnableConcurrentExecution();
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.RegisterCompilationStartAction(static start =>
        {
            if (KnownVocabularies.Of(start.Compilation) is { } vocabularies)
            {
                start.RegisterSyntaxNodeAction(node => Analyze(node, vocabularies), SyntaxKind.InvocationExpression);
            }
        });
    }

    private static void Analyze(SyntaxNodeAnalysisContext context, KnownVocabularies vocabularies)
    {
        var call = (InvocationExpressionSyntax)context.Node;
        if (Callee(call) is var (receiver, name)
            && name.Identifier.ValueText == "Match"
            && context.SemanticModel.GetSymbolInfo(call, context.CancellationToken).Symbol is null
            && vocabularies.FindEnum(TypeOfValue(receiver, context)) is { } vocabulary
            && Complaint(call.ArgumentList.Arguments, vocabulary.Members) is { } complaint)
        {
            context.ReportDiagnostic(Diagnostic.Create(
                UsageDescriptors.UnfitMatch, name.Identifier.GetLocation(), vocabulary.Name, complaint));
        }
    }

    // home.Match(…), or home?.Match(…) with the receiver before the question mark.
    private static (ExpressionSyntax Receiver, SimpleNameSyntax Name)? Callee(InvocationExpressionSyntax call) => call.Expression switch
    {
        MemberAccessExpressionSyntax access => (access.Expression, access.Name),
        MemberBindingExpressionSyntax binding =>
            (call.Ancestors().OfType<ConditionalAccessExpressionSyntax>().First(a => a.WhenNotNull.Contains(call)).Expression, binding.Name),
        _ => null,
    };

    private static ITypeSymbol? TypeOfValue(ExpressionSyntax receiver, SyntaxNodeAnalysisContext context)
    {
        var model = context.SemanticModel;
        return model.GetSymbolInfo(receiver, context.CancellationToken).Symbol is ITypeSymbol
            ? null
            : receiver.Parent is ConditionalAccessExpressionSyntax
                ? KnownVocabularies.WithoutNullable(model.GetTypeInfo(receiver, context.CancellationToken).Type)
                : model.GetTypeInfo(receiver, context.CancellationToken).Type;
    }

    // Null where the arguments are those of the values: then something else keeps the call from binding.
    private static string? Complaint(IReadOnlyList<ArgumentSyntax> arguments, IReadOnlyList<string> members)
    {
        var parameters = members.Select(Identifiers.ToParameter).ToArray();
        var named = arguments.Select(argument => argument.NameColon?.Name.Identifier.ValueText);
        var given = new HashSet<string>(
            named.Select((name, i) => name ?? Name(parameters.ElementAtOrDefault(i) ?? "")), StringComparer.Ordinal);
        var forgotten = parameters.Where(parameter => !given.Contains(Name(parameter))).ToList();
        var foreign = named.OfType<string>().Except(parameters.Select(Name), StringComparer.Ordinal).ToArray();
        if (forgotten.Count == 0)
        {
            return foreign.Length == 0 ? null : $"has no argument {SchemaReport.List(foreign)}; {SchemaReport.Accepted(null, parameters)}";
        }

        var parts = new List<string> { $"forgets {SchemaReport.List([.. members.Where((_, i) => forgotten.Contains(parameters[i]))])}" };
        foreach (var name in foreign)
        {
            var meant = NearestMatch.Of(name, forgotten);
            parts.Add($"'{SchemaReport.Quote(name)}' is no argument of it{(meant is null ? "" : $" (did you mean '{meant}'?)")}");
            forgotten.Remove(meant!);
        }

        return string.Join("; ", forgotten.Count == 0 ? parts : [.. parts, $"add {SchemaReport.List([.. forgotten.Select(p => $"{p}: …")])}"]);
    }

    // As the compiler compares it.
    private static string Name(string parameter) => parameter.TrimStart('@');
}
