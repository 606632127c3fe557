using System.Collections.Immutable;
using System.Composition;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Mmoe.Generators.Analyzers;

namespace Mmoe.Generators.CodeFixes;

/// <summary>Writes the nearest text of the vocabulary in place of one that is not in it (MMOE101).</summary>
/// <remarks>Only a literal is replaced: what a constant stands for elsewhere, its name cannot tell.</remarks>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(NearestTextFixer))]
[Shared]
public sealed class NearestTextFixer : ReplacingFixer
{
    /// <inheritdoc/>
    public override ImmutableArray<string> FixableDiagnosticIds { get; } = [UsageRules.UnknownText];

    private protected override (string Title, SyntaxNode Node)? Replace(
        SyntaxNode node, Diagnostic diagnostic, SemanticModel model, CancellationToken cancellation) =>
        diagnostic.Properties.TryGetValue(UsageRules.NearestProperty, out var nearest)
        && node is LiteralExpressionSyntax literal && Literal(literal, nearest!) is var replaced
            ? ($"Write {replaced.Token.Text}", replaced)
            : null;

    private static LiteralExpressionSyntax Literal(LiteralExpressionSyntax old, string text)
    {
        var quoted = SymbolDisplay.FormatLiteral(text, quote: true);
        var utf8 = old.Token.Kind() is SyntaxKind.Utf8StringLiteralToken
            or SyntaxKind.Utf8SingleLineRawStringLiteralToken
            or SyntaxKind.Utf8MultiLineRawStringLiteralToken;
        return (utf8
            ? SyntaxFactory.LiteralExpression(
                SyntaxKind.Utf8StringLiteralExpression,
                SyntaxFactory.Token(default, SyntaxKind.Utf8StringLiteralToken, quoted + "u8", text, default))
            : SyntaxFactory.LiteralExpression(SyntaxKind.StringLiteralExpression, SyntaxFactory.Literal(quoted, text)))
            .WithTriviaFrom(old);
    }
}
