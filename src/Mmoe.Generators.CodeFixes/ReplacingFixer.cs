using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeActions;
using Microsoft.CodeAnalysis.CodeFixes;

namespace Mmoe.Generators.CodeFixes;

/// <summary>A fix that puts another expression in the place of the one that is underlined, for one place or for all.</summary>
public abstract class ReplacingFixer : CodeFixProvider
{
    /// <inheritdoc/>
    public sealed override FixAllProvider GetFixAllProvider() => WellKnownFixAllProviders.BatchFixer;

    /// <inheritdoc/>
    public sealed override async Task RegisterCodeFixesAsync(CodeFixContext context)
    {
        var root = await context.Document.GetSyntaxRootAsync(context.CancellationToken).ConfigureAwait(false);
        var model = await context.Document.GetSemanticModelAsync(context.CancellationToken).ConfigureAwait(false);
        if (root is null || model is null)
        {
            return;
        }

        foreach (var diagnostic in context.Diagnostics)
        {
            var node = root.FindNode(diagnostic.Location.SourceSpan, getInnermostNodeForTie: true);
            if (this.Replace(node, diagnostic, model, context.CancellationToken) is { } fix)
            {
                context.RegisterCodeFix(
                    CodeAction.Create(
                        fix.Title,
                        _ => Task.FromResult(context.Document.WithSyntaxRoot(root.ReplaceNode(node, fix.Node))),
                        equivalenceKey: this.GetType().Name),
                    diagnostic);
            }
        }
    }

    /// <summary>What takes a node's place, and what the editor calls that; null if the place is better left to its author.</summary>
    /// <param name="node">The node that is underlined.</param>
    /// <param name="diagnostic">The diagnostic, whose properties hold what its analyzer worked out for the fix.</param>
    /// <param name="model">The document's meaning.</param>
    /// <param name="cancellation">Ends the work early.</param>
    private protected abstract (string Title, SyntaxNode Node)? Replace(
        SyntaxNode node, Diagnostic diagnostic, SemanticModel model, CancellationToken cancellation);
}
