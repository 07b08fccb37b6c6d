using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeActions;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Kappa.Analyzers.CodeFixes;

/// <summary>A fix that puts another expression in the place of the one that was reported.</summary>
public abstract class ExpressionFix : CodeFixProvider
{
    private readonly string _id;

    private protected ExpressionFix(string id) => _id = id;

    /// <summary>The one code this fix is for.</summary>
    public sealed override ImmutableArray<string> FixableDiagnosticIds => [_id];

    /// <summary>All findings of a document, project or solution at once.</summary>
    public sealed override FixAllProvider GetFixAllProvider() => WellKnownFixAllProviders.BatchFixer;

    /// <summary>Offers the fix where there is one.</summary>
    public sealed override async Task RegisterCodeFixesAsync(CodeFixContext context)
    {
        var document = context.Document;
        var root = await document.GetSyntaxRootAsync(context.CancellationToken).ConfigureAwait(false);
        var model = await document.GetSemanticModelAsync(context.CancellationToken).ConfigureAwait(false);
        if (root?.FindNode(context.Span, getInnermostNodeForTie: true) is ExpressionSyntax found && model is not null
            && Fix(found, model, context.CancellationToken) is { } fix)
        {
            context.RegisterCodeFix(
                CodeAction.Create(
                    fix.Title,
                    _ => Task.FromResult(document.WithSyntaxRoot(root.ReplaceNode(fix.Old, fix.New))),
                    equivalenceKey: _id),
                context.Diagnostics);
        }
    }

    private protected abstract Replacement? Fix(
        ExpressionSyntax found, SemanticModel model, CancellationToken cancel);

    private protected sealed class Replacement(string title, ExpressionSyntax old, ExpressionSyntax by)
    {
        public string Title => title;

        public ExpressionSyntax Old => old;

        public ExpressionSyntax New => by;
    }
}
