using System.Collections.Immutable;
using System.Composition;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Mmoe.Generators.Analyzers;

namespace Mmoe.Generators.CodeFixes;

/// <summary>Names the member in place of a call that reads its text (MMOE102): <c>Home.Own</c> for <c>Home.Parse("own")</c>.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(MemberFixer))]
[Shared]
public sealed class MemberFixer : ReplacingFixer
{
    /// <inheritdoc/>
    public override ImmutableArray<string> FixableDiagnosticIds { get; } = [UsageRules.ParsedConstant];

    private protected override (string Title, SyntaxNode Node)? Replace(
        SyntaxNode node, Diagnostic diagnostic, SemanticModel model, CancellationToken cancellation) =>
        diagnostic.Properties.TryGetValue(UsageRules.MemberProperty, out var member)
        && node is InvocationExpressionSyntax { ContainsDirectives: false } call

        // A call that holds a comment to the end of a line is left to its author, as one with lines of #if is.
        && !Inside(call.ArgumentList).Any(trivia => trivia.IsKind(SyntaxKind.SingleLineCommentTrivia))
        && Member(call, member!, model, cancellation) is { } replaced
            ? ($"Use '{string.Concat(replaced.DescendantTokens().Select(token => token.Text))}'", replaced)
            : null;

    // The enum stays written as it was: qualified, by an alias, over several lines. Only where the call names another type than the enum
    // (the one beside the dataset, which holds its methods) or none, the enum's name is put in.
    private static ExpressionSyntax? Member(
        InvocationExpressionSyntax call, string member, SemanticModel model, CancellationToken cancellation)
    {
        if (model.GetTypeInfo(call, cancellation).Type is not { } type)
        {
            return null;
        }

        var name = SyntaxFactory.IdentifierName(member);
        var access = call.Expression is MemberAccessExpressionSyntax written
            && SymbolEqualityComparer.Default.Equals(model.GetSymbolInfo(written.Expression, cancellation).Symbol, type)
            ? written.WithName(name)
            : SyntaxFactory.MemberAccessExpression(
                SyntaxKind.SimpleMemberAccessExpression,
                SyntaxFactory.ParseTypeName(type.ToMinimalDisplayString(model, call.SpanStart)),
                name);
        return access
            .WithLeadingTrivia(call.GetLeadingTrivia())
            .WithTrailingTrivia(Comments(call.ArgumentList).Concat(call.GetTrailingTrivia()));
    }

    private static IEnumerable<SyntaxTrivia> Comments(ArgumentListSyntax arguments) => Inside(arguments)
        .Where(trivia => trivia.IsKind(SyntaxKind.MultiLineCommentTrivia))
        .SelectMany(comment => new[] { SyntaxFactory.Space, comment });

    private static IEnumerable<SyntaxTrivia> Inside(ArgumentListSyntax arguments) =>
        arguments.DescendantTrivia().Where(trivia => arguments.Span.Contains(trivia.Span));
}
