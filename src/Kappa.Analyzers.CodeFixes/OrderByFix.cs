using System.Composition;
using Kappa.Analyzers.Rules;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Kappa.Analyzers.CodeFixes;

/// <summary>Gives an unordered collection the order of its keys or elements where it is read (KAPPA006).</summary>
[ExportCodeFixProvider(LanguageNames.CSharp)]
[Shared]
public sealed class OrderByFix() : ExpressionFix(UnorderedRule.Id)
{
    private protected override Replacement? Fix(ExpressionSyntax found, SemanticModel model, CancellationToken cancel)
    {
        if (model.GetTypeInfo(found, cancel).Type is not { } type || ElementOf(type) is not { } element)
        {
            return null;
        }

        var key = element is INamedTypeSymbol { Name: "KeyValuePair", TypeArguments.Length: 2 } pair
            ? pair.TypeArguments[0]
            : null;
        var compared = key ?? element;
        if (!compared.AllInterfaces.Append(compared).Any(kept => kept.Name == "IComparable"))
        {
            return null;
        }

        // The order of texts in a culture is a matter of its tables; the ordinal one is for ever.
        var ordinal = compared.SpecialType == SpecialType.System_String ? "StringComparer.Ordinal" : "";
        var call = key is null
            ? $".Order({ordinal})"
            : $".OrderBy(pair => pair.Key{(ordinal.Length > 0 ? ", " + ordinal : "")})";
        var source = found is NameSyntax or MemberAccessExpressionSyntax or InvocationExpressionSyntax
            or ParenthesizedExpressionSyntax or ThisExpressionSyntax
            ? found.WithoutTrivia().ToString()
            : $"({found.WithoutTrivia()})";
        return new Replacement(
            "Put " + call + " behind it", found,
            SyntaxFactory.ParseExpression(source + call).WithTriviaFrom(found));
    }

    private static ITypeSymbol? ElementOf(ITypeSymbol type) =>
        type.AllInterfaces.Append(type).OfType<INamedTypeSymbol>()
            .Where(kept => kept.OriginalDefinition.SpecialType == SpecialType.System_Collections_Generic_IEnumerable_T)
            .Select(kept => kept.TypeArguments[0])
            .FirstOrDefault();
}
