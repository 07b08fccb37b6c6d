using Kappa.Analyzers.Jobs;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Operations;

namespace Kappa.Analyzers.Rules;

/// <summary>Which values hand out their elements in no promised order.</summary>
internal static class Unordered
{
    private static readonly HashSet<string> Types =
    [
        "System.Collections.Generic.Dictionary", "System.Collections.Generic.HashSet",
        "System.Collections.Generic.IDictionary", "System.Collections.Generic.IReadOnlyDictionary",
        "System.Collections.Generic.ISet", "System.Collections.Generic.IReadOnlySet",
        "System.Collections.Generic.Dictionary.KeyCollection", "System.Collections.Generic.Dictionary.ValueCollection",
        "System.Collections.Generic.PriorityQueue.UnorderedItemsCollection", "System.Collections.Hashtable",
        "System.Collections.IDictionary", "System.Collections.Concurrent.ConcurrentDictionary",
        "System.Collections.Concurrent.ConcurrentBag", "System.Collections.Immutable.ImmutableDictionary",
        "System.Collections.Immutable.ImmutableHashSet", "System.Collections.Immutable.IImmutableDictionary",
        "System.Collections.Immutable.IImmutableSet", "System.Collections.Immutable.ImmutableDictionary.Builder",
        "System.Collections.Immutable.ImmutableHashSet.Builder", "System.Collections.Frozen.FrozenDictionary",
        "System.Collections.Frozen.FrozenSet",
    ];

    // Collections that sort what they are given, and static classes that make an unordered one.
    private static readonly HashSet<string> Sorted =
    [
        "System.Collections.Generic.SortedDictionary", "System.Collections.Generic.SortedSet",
        "System.Collections.Generic.SortedList", "System.Collections.Immutable.ImmutableSortedDictionary",
        "System.Collections.Immutable.ImmutableSortedSet",
    ];

    /// <summary>Whether a collection takes elements in any order, for it keeps one of its own, or none.</summary>
    public static bool IsOf(ITypeSymbol? type) =>
        type is not null && (IsUnordered(type) || Sorted.Contains(Members.FullName(type)));

    /// <summary>
    /// The unordered collection whose order <paramref name="value"/> has; null if it has another one.
    /// </summary>
    public static IOperation? SourceOf(IOperation value, JobSite site)
    {
        var source = Members.Unwrap(value);
        if (source.Type is { } type && IsUnordered(type))
        {
            return source;
        }

        return source switch
        {
            IPropertyReferenceOperation { Property.Name: "Keys" or "Values", Instance: { } owner }
                when IsUnordered(owner.Type) => source,
            IInvocationOperation { Arguments.Length: > 0 } call
                when Sequences.Of(call.TargetMethod) == SequenceKind.Keeps =>
                SourceOf(call.Arguments[0].Value, site) ?? (Sequences.TakesTwo(call.TargetMethod)
                    ? SourceOf(call.Arguments[1].Value, site)
                    : null),
            ILocalReferenceOperation { Local: { } local } when IsLazy(local.Type) => Declared(local, site),
            _ => null,
        };
    }

    private static bool IsUnordered(ITypeSymbol? type) => Types.Contains(Members.FullName(type));

    private static bool IsLazy(ITypeSymbol type) => Members.FullName(type) is
        "System.Collections.Generic.IEnumerable" or "System.Collections.Generic.ICollection";

    private static IOperation? Declared(ILocalSymbol local, JobSite site) =>
        local.DeclaringSyntaxReferences.FirstOrDefault()?.GetSyntax(site.Cancel) is VariableDeclaratorSyntax
        {
            Initializer.Value: { } value,
        } && site.OperationOf(value) is { } operation
            ? SourceOf(operation, site)
            : null;
}
