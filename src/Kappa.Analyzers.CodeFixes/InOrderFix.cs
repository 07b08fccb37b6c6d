using System.Composition;
using Kappa.Analyzers.Rules;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Kappa.Analyzers.CodeFixes;

/// <summary>Puts InOrder before a fold that reads the time since the record before (KAPPA009).</summary>
[ExportCodeFixProvider(LanguageNames.CSharp)]
[Shared]
public sealed class InOrderFix() : ExpressionFix(OrderRule.Id)
{
    private protected override Replacement? Fix(ExpressionSyntax found, SemanticModel model, CancellationToken cancel)
    {
        if (found.Parent is not MemberAccessExpressionSyntax access)
        {
            return null;
        }

        // A window stands between the stream and its fold; what is put in order is the stream.
        if (access.Expression is InvocationExpressionSyntax
            {
                Expression: MemberAccessExpressionSyntax { Name.Identifier.ValueText: "Window" } window,
            })
        {
            access = window;
        }

        var stream = access.Expression;
        if (model.GetTypeInfo(stream, cancel).Type?.Name != "KeyedStream")
        {
            return null;
        }

        var ordered = SyntaxFactory.InvocationExpression(
            SyntaxFactory.MemberAccessExpression(
                SyntaxKind.SimpleMemberAccessExpression, stream, access.OperatorToken,
                SyntaxFactory.IdentifierName("InOrder")))
            .WithTrailingTrivia(stream.GetTrailingTrivia());
        return new Replacement("Put .InOrder() before it", stream, ordered);
    }
}
