using Kappa.Analyzers.Jobs;
using Microsoft.CodeAnalysis;

namespace Kappa.Analyzers.Rules;

/// <summary>What a method of LINQ makes of the order of its first argument.</summary>
internal enum SequenceKind
{
    /// <summary>Not a method of LINQ.</summary>
    None,

    /// <summary>Its result has the order of its argument.</summary>
    Keeps,

    /// <summary>Its result is the same whatever the order.</summary>
    Free,

    /// <summary>Another order may give another result.</summary>
    Dependent,
}

/// <summary>The methods of LINQ, by what they make of an order.</summary>
internal static class Sequences
{
    private static readonly HashSet<string> Keeping =
    [
        "Where", "Select", "SelectMany", "Cast", "OfType", "Distinct", "DistinctBy", "Concat", "Append", "Prepend",
        "Union", "UnionBy", "Intersect", "IntersectBy", "Except", "ExceptBy", "AsEnumerable", "DefaultIfEmpty",
        "Reverse", "GroupBy", "Join", "LeftJoin", "GroupJoin", "Index",
    ];

    private static readonly HashSet<string> Freeing =
    [
        "Count", "LongCount", "CountBy", "TryGetNonEnumeratedCount", "Any", "All", "Contains", "Order",
        "OrderDescending", "OrderBy", "OrderByDescending", "ToDictionary", "ToHashSet", "ToImmutableDictionary",
        "ToImmutableHashSet", "ToImmutableSortedDictionary", "ToImmutableSortedSet", "ToFrozenDictionary",
        "ToFrozenSet", "Single", "SingleOrDefault", "Min", "Max",
    ];

    private static readonly HashSet<string> Classes =
    [
        "System.Linq.Enumerable", "System.Linq.ImmutableArrayExtensions", "System.Collections.Frozen.FrozenDictionary",
        "System.Collections.Frozen.FrozenSet", "System.Collections.Immutable.ImmutableArray",
        "System.Collections.Immutable.ImmutableDictionary", "System.Collections.Immutable.ImmutableHashSet",
        "System.Collections.Immutable.ImmutableList", "System.Collections.Immutable.ImmutableSortedDictionary",
        "System.Collections.Immutable.ImmutableSortedSet",
    ];

    private static readonly HashSet<string> OfTwo =
        ["Concat", "Union", "UnionBy", "Join", "LeftJoin", "RightJoin", "GroupJoin", "Zip", "SequenceEqual"];

    /// <summary>Whether the order of its second argument counts as well.</summary>
    public static bool TakesTwo(IMethodSymbol method) => OfTwo.Contains(method.Name) && method.Parameters.Length > 1;

    public static SequenceKind Of(IMethodSymbol method)
    {
        if (!method.IsExtensionMethod || !Classes.Contains(Members.FullName(method.ContainingType)))
        {
            return SequenceKind.None;
        }

        if (Keeping.Contains(method.Name))
        {
            return SequenceKind.Keeps;
        }

        // Adding doubles rounds, and rounds otherwise in another order.
        var isFree = method.Name is "Sum" or "Average"
            ? !Rounds(method)
            : Freeing.Contains(method.Name);
        return isFree ? SequenceKind.Free : SequenceKind.Dependent;
    }

    private static bool Rounds(IMethodSymbol method)
    {
        method = method.ReducedFrom ?? method;
        return method.Parameters.Select(parameter => parameter.Type).OfType<INamedTypeSymbol>()
            .Select(type => type.TypeArguments.LastOrDefault())
            .Any(added => IsFloating(added)
                || (added is INamedTypeSymbol { TypeArguments.Length: 1 } outer
                    && IsFloating(outer.TypeArguments[0])));
    }

    private static bool IsFloating(ITypeSymbol? type) =>
        type?.SpecialType is SpecialType.System_Double or SpecialType.System_Single;
}
