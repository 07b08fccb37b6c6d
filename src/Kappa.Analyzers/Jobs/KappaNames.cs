using Microsoft.CodeAnalysis;

namespace Kappa.Analyzers.Jobs;

/// <summary>
/// What of Kappa.Streams matters to the rules, known by name: the analyzers refer to no Kappa assembly.
/// </summary>
internal static class KappaNames
{
    private const string Streams = "Kappa.Streams";

    public static bool IsStreams(ITypeSymbol? type) =>
        type is INamedTypeSymbol { ContainingAssembly.Name: Streams };

    /// <summary>
    /// Whether a delegate that is given to Kappa runs with each record. Those that build something (a flow, a table's
    /// options, a pattern) run when the job is defined, and there the world may be asked.
    /// </summary>
    /// <param name="parameter">The parameter's type as it is declared, before type arguments are put in.</param>
    public static bool RunsInJob(ITypeSymbol parameter)
    {
        if (parameter is not INamedTypeSymbol { TypeKind: TypeKind.Delegate, DelegateInvokeMethod: { } invoke })
        {
            return false;
        }

        var builds = invoke.ReturnsVoid
            ? !invoke.Parameters.Any(given => given.Type.Name.EndsWith("Context", StringComparison.Ordinal))
            : invoke.ReturnType.TypeKind == TypeKind.Class && IsStreams(invoke.ReturnType)
                && invoke.Parameters.All(given => IsStreams(given.Type));
        return !builds && invoke.Parameters.Any(given => HasTypeParameter(given.Type));
    }

    /// <summary>Whether a type is written on a class or interface of Kappa.Streams.</summary>
    public static bool IsContract(INamedTypeSymbol type)
    {
        for (var above = type.BaseType; above is not null; above = above.BaseType)
        {
            if (IsStreams(above))
            {
                return true;
            }
        }

        return type.AllInterfaces.Any(IsStreams);
    }

    private static bool HasTypeParameter(ITypeSymbol type) => type switch
    {
        ITypeParameterSymbol => true,
        IArrayTypeSymbol array => HasTypeParameter(array.ElementType),
        INamedTypeSymbol named => named.TypeArguments.Any(HasTypeParameter),
        _ => false,
    };
}
