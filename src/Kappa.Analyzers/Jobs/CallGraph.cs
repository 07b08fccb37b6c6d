using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Operations;

namespace Kappa.Analyzers.Jobs;

/// <summary>Which methods of the compilation an operation calls, and what stands in them.</summary>
internal sealed class CallGraph(Compilation compilation)
{
    private readonly Lazy<ImmutableArray<INamedTypeSymbol>> _types =
        new(() => [.. TypesIn(compilation.Assembly.GlobalNamespace)]);

    public IEnumerable<ISymbol> From(IOperation operation, JobSite site) => Called(operation)
        .Where(method => method is not null && site.IsOwn(method))
        .SelectMany(method => Behind(method!))
        .Select(method => (ISymbol)method.OriginalDefinition);

    /// <summary>What a method does, and for a constructor what the initializers of fields and properties do.</summary>
    public static IEnumerable<IOperation> BodiesOf(ISymbol method, JobSite site)
    {
        if (!site.IsOwn(method) || method is not IMethodSymbol symbol)
        {
            return [];
        }

        symbol = symbol.OriginalDefinition.PartialImplementationPart ?? symbol.OriginalDefinition;
        var parts = symbol.DeclaringSyntaxReferences.Select(reference => reference.GetSyntax(site.Cancel))
            .Where(node => node is BaseMethodDeclarationSyntax or AccessorDeclarationSyntax
                or ArrowExpressionClauseSyntax or LocalFunctionStatementSyntax);
        return parts.Concat(symbol.MethodKind == MethodKind.Constructor ? Initializers(symbol, site) : [])
            .Select(site.OperationOf)
            .OfType<IOperation>();
    }

    private static IEnumerable<SyntaxNode> Initializers(IMethodSymbol constructor, JobSite site) =>
        constructor.ContainingType.GetMembers().Where(member => !member.IsStatic)
            .SelectMany(member => member.DeclaringSyntaxReferences)
            .Select(reference => reference.GetSyntax(site.Cancel))
            .Select(SyntaxNode? (node) => node switch
            {
                VariableDeclaratorSyntax field => field.Initializer,
                PropertyDeclarationSyntax property => property.Initializer,
                _ => null,
            })
            .OfType<SyntaxNode>();

    private static IEnumerable<IMethodSymbol?> Called(IOperation operation) => operation switch
    {
        IInvocationOperation call => [call.TargetMethod],
        IObjectCreationOperation made => [made.Constructor],
        IMethodReferenceOperation method => [method.Method],
        IPropertyReferenceOperation property => Writes.To(property)
            ? [property.Property.SetMethod, property.Property.GetMethod]
            : [property.Property.GetMethod],
        IBinaryOperation binary => [binary.OperatorMethod],
        IUnaryOperation unary => [unary.OperatorMethod],
        IConversionOperation conversion => [conversion.OperatorMethod],
        ICompoundAssignmentOperation assignment => [assignment.OperatorMethod],
        IIncrementOrDecrementOperation step => [step.OperatorMethod],
        _ => [],
    };

    /// <summary>The method, and for a member that can be another one in each class all of these.</summary>
    private IEnumerable<IMethodSymbol> Behind(IMethodSymbol method)
    {
        yield return method;
        if (method.ContainingType?.TypeKind != TypeKind.Interface
            && !method.IsVirtual && !method.IsAbstract && !method.IsOverride)
        {
            yield break;
        }

        foreach (var type in _types.Value)
        {
            foreach (var other in method.ContainingType!.TypeKind == TypeKind.Interface
                ? Implementations(type, method)
                : Overrides(type, method))
            {
                yield return other;
            }
        }
    }

    private static IEnumerable<IMethodSymbol> Implementations(INamedTypeSymbol type, IMethodSymbol method) =>
        type.AllInterfaces.Where(kept => IsSame(kept.OriginalDefinition, method.ContainingType.OriginalDefinition))
            .SelectMany(kept => kept.GetMembers(method.Name))
            .Where(member => IsSame(member.OriginalDefinition, method.OriginalDefinition))
            .Select(member => type.FindImplementationForInterfaceMember(member))
            .OfType<IMethodSymbol>();

    private static IEnumerable<IMethodSymbol> Overrides(INamedTypeSymbol type, IMethodSymbol method) =>
        type.GetMembers(method.Name).OfType<IMethodSymbol>().Where(member =>
        {
            for (var above = member.OverriddenMethod; above is not null; above = above.OverriddenMethod)
            {
                if (IsSame(above.OriginalDefinition, method.OriginalDefinition))
                {
                    return true;
                }
            }

            return false;
        });

    private static bool IsSame(ISymbol left, ISymbol right) => SymbolEqualityComparer.Default.Equals(left, right);

    private static IEnumerable<INamedTypeSymbol> TypesIn(INamespaceOrTypeSymbol container) =>
        container.GetMembers().OfType<INamespaceOrTypeSymbol>().SelectMany(member => member is INamedTypeSymbol type
            ? TypesIn(type).Prepend(type)
            : TypesIn(member));
}
