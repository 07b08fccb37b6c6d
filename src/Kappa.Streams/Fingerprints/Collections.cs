using System.Collections;
using System.Collections.Frozen;
using System.Collections.Immutable;

namespace Kappa.Streams.Fingerprints;

/// <summary>The immutable collections of the base class library and of collection expressions.</summary>
internal static class Collections
{
    private static readonly HashSet<Type> Ordered =
    [
        typeof(ImmutableArray<>), typeof(ImmutableList<>), typeof(ImmutableStack<>), typeof(ImmutableQueue<>),
        typeof(ImmutableSortedSet<>), typeof(ImmutableSortedDictionary<,>),
    ];

    private static readonly HashSet<Type> Unordered =
    [
        typeof(ImmutableHashSet<>), typeof(ImmutableDictionary<,>), typeof(FrozenSet<>), typeof(FrozenDictionary<,>),
    ];

    /// <summary>
    /// The public type of a known collection, for a frozen one is of a class chosen by its content and the runtime;
    /// null if it is none.
    /// </summary>
    public static Type? TypeOf(object value)
    {
        for (var type = value.GetType(); type is not null; type = type.BaseType)
        {
            if (IsIn(Ordered, type) || IsIn(Unordered, type) || IsExpression(type))
            {
                return type;
            }
        }

        return null;
    }

    /// <summary>Whether the order of its elements is a matter of hash codes.</summary>
    public static bool IsUnordered(Type type) => IsIn(Unordered, type);

    public static IEnumerable ElementsOf(object value, Type type) =>
        type.GetProperty(nameof(ImmutableArray<>.IsDefault))?.GetValue(value) is true
            ? Array.Empty<object>()
            : (IEnumerable)value;

    /// <summary>What decides which elements are equal, or which comes first.</summary>
    public static object? ComparerOf(object value, Type type) =>
        (type.GetProperty("KeyComparer") ?? type.GetProperty("Comparer"))?.GetValue(value);

    // What `[1, 2, 3]` becomes where an interface is wanted.
    private static bool IsExpression(Type type) => type.Name.StartsWith("<>z__ReadOnly", StringComparison.Ordinal);

    private static bool IsIn(HashSet<Type> known, Type type) =>
        type.IsConstructedGenericType && known.Contains(type.GetGenericTypeDefinition());
}
