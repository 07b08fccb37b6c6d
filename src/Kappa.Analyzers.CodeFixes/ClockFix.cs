using System.Composition;
using Kappa.Analyzers.Rules;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Kappa.Analyzers.CodeFixes;

/// <summary>Puts the event's time where the machine's clock was read (KAPPA001).</summary>
[ExportCodeFixProvider(LanguageNames.CSharp)]
[Shared]
public sealed class ClockFix() : ExpressionFix(ClockRule.Id)
{
    private protected override Replacement? Fix(ExpressionSyntax found, SemanticModel model, CancellationToken cancel)
    {
        var now = model.GetTypeInfo(found, cancel).Type?.ToDisplayString();
        if (model.GetSymbolInfo(found, cancel).Symbol is not IPropertySymbol { Name: "Now" or "UtcNow" }
            || TimeIn(found, model, cancel) is not var (text, type))
        {
            return null;
        }

        var value = (now, type) switch
        {
            ("System.DateTime", "System.DateTimeOffset") => text + ".UtcDateTime",
            _ when now == type => text,
            _ => null,
        };
        return value is null
            ? null
            : new Replacement(
                $"Use {value}", found, SyntaxFactory.ParseExpression(value).WithTriviaFrom(found));
    }

    /// <summary>
    /// The time of the record that is being handled: of the context, or the only time of the last parameter, which is
    /// the event. Where an event has several times, only its author knows which one is meant.
    /// </summary>
    private static (string Text, string Type)? TimeIn(SyntaxNode node, SemanticModel model, CancellationToken cancel)
    {
        for (var at = node.Parent; at is not null; at = at.Parent)
        {
            var symbol = at is AnonymousFunctionExpressionSyntax
                ? model.GetSymbolInfo(at, cancel).Symbol as IMethodSymbol
                : at is BaseMethodDeclarationSyntax or LocalFunctionStatementSyntax
                    ? model.GetDeclaredSymbol(at, cancel) as IMethodSymbol
                    : null;
            if (symbol is null)
            {
                continue;
            }

            var context = symbol.Parameters.FirstOrDefault(given => given.Type.Name == "ProcessContext");
            if (context is not null)
            {
                return (context.Name + ".EventTime", "System.DateTimeOffset");
            }

            if (symbol.Parameters.LastOrDefault() is { } last && Times(last.Type) is { Count: 1 } times)
            {
                return ($"{last.Name}.{times[0].Name}", times[0].Type.ToDisplayString());
            }
        }

        return null;
    }

    private static List<IPropertySymbol> Times(ITypeSymbol type) =>
        [.. type.GetMembers().OfType<IPropertySymbol>()
            .Where(property => !property.IsStatic && property.DeclaredAccessibility == Accessibility.Public)
            .Where(property => property.Type.ToDisplayString() is "System.DateTimeOffset" or "System.DateTime")];
}
