using System.Collections.Immutable;
using System.Reflection;

namespace Kappa.Streams.Runtime;

/// <summary>The collections a state or an event may hold.</summary>
internal static class StateCollections
{
    private static readonly Dictionary<Type, string> Makers = new()
    {
        [typeof(ImmutableArray<>)] = nameof(OfImmutableArray),
        [typeof(ImmutableList<>)] = nameof(OfImmutableList),
        [typeof(ImmutableHashSet<>)] = nameof(OfImmutableHashSet),
        [typeof(ImmutableSortedSet<>)] = nameof(OfImmutableSortedSet),
        [typeof(ImmutableDictionary<,>)] = nameof(OfImmutableDictionary),
        [typeof(ImmutableSortedDictionary<,>)] = nameof(OfImmutableSortedDictionary),
        [typeof(List<>)] = nameof(OfList),
        [typeof(Dictionary<,>)] = nameof(OfDictionary),
    };

    /// <summary>Those of them that cannot change.</summary>
    public static bool IsImmutable(Type type) =>
        type.IsGenericType && type.Namespace == "System.Collections.Immutable"
            && Makers.ContainsKey(type.GetGenericTypeDefinition());

    public static bool IsKnown(Type type) =>
        type.IsSZArray || (type.IsGenericType && Makers.ContainsKey(type.GetGenericTypeDefinition()));

    public static object? Find(Type type)
    {
        if (type.IsSZArray)
        {
            return Make(nameof(OfArray), [type.GetElementType()!]);
        }

        return type.IsGenericType && Makers.TryGetValue(type.GetGenericTypeDefinition(), out var maker)
            ? Make(maker, type.GetGenericArguments())
            : null;
    }

    private static object Make(string method, Type[] arguments) =>
        typeof(StateCollections).GetMethod(method, BindingFlags.NonPublic | BindingFlags.Static)!
            .MakeGenericMethod(arguments).Invoke(null, null)!;

    private static StateCode<T[]?> OfArray<T>() =>
        Of<T[]?, T>(value => value?.Length, value => value!, items => [.. items]);

    private static StateCode<List<T>?> OfList<T>() =>
        Of<List<T>?, T>(value => value?.Count, value => value!, items => [.. items]);

    private static StateCode<ImmutableArray<T>> OfImmutableArray<T>() => Of<ImmutableArray<T>, T>(
        value => value.IsDefault ? null : value.Length, value => value, items => [.. items]);

    private static StateCode<ImmutableList<T>?> OfImmutableList<T>() =>
        Of<ImmutableList<T>?, T>(value => value?.Count, value => value!, items => [.. items]);

    private static StateCode<ImmutableHashSet<T>?> OfImmutableHashSet<T>() =>
        Of<ImmutableHashSet<T>?, T>(value => value?.Count, value => value!, items => [.. items]);

    private static StateCode<ImmutableSortedSet<T>?> OfImmutableSortedSet<T>() =>
        Of<ImmutableSortedSet<T>?, T>(value => value?.Count, value => value!, items => [.. items]);

    private static StateCode<ImmutableDictionary<TKey, T>?> OfImmutableDictionary<TKey, T>()
        where TKey : notnull => Of<ImmutableDictionary<TKey, T>?, KeyValuePair<TKey, T>>(
            value => value?.Count, value => value!, items => items.ToImmutableDictionary());

    private static StateCode<ImmutableSortedDictionary<TKey, T>?> OfImmutableSortedDictionary<TKey, T>()
        where TKey : notnull => Of<ImmutableSortedDictionary<TKey, T>?, KeyValuePair<TKey, T>>(
            value => value?.Count, value => value!, items => items.ToImmutableSortedDictionary());

    private static StateCode<Dictionary<TKey, T>?> OfDictionary<TKey, T>()
        where TKey : notnull => Of<Dictionary<TKey, T>?, KeyValuePair<TKey, T>>(
            value => value?.Count, value => value!, items => items.ToDictionary());

    /// <summary>A count (−1: null, or an array's default) and the items.</summary>
    private static StateCode<TCollection> Of<TCollection, T>(
        Func<TCollection, int?> count, Func<TCollection, IEnumerable<T>> items, Func<List<T>, TCollection> make) => new(
            (into, value) =>
            {
                into.Write(count(value) ?? -1);
                foreach (var item in count(value) is null ? [] : items(value))
                {
                    StateCodec<T>.Write(into, item);
                }
            },
            from =>
            {
                var left = from.ReadInt32();
                if (left < 0)
                {
                    return default!;
                }

                var list = new List<T>();
                for (; left > 0; left--)
                {
                    list.Add(StateCodec<T>.Read(from));
                }

                return make(list);
            });
}
