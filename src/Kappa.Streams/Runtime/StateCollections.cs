using System.Collections.Immutable;
using System.Reflection;

namespace Kappa.Streams.Runtime;

/// <summary>
/// The collections a state or an event may hold: how they order or compare their keys, a count (−1: null, or an array's
/// default), and the items.
/// </summary>
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
    public static bool IsImmutable(Type type) => type.IsGenericType
        && type.Namespace == "System.Collections.Immutable" && Makers.ContainsKey(type.GetGenericTypeDefinition());

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
        Of<T[]?, T>(value => value?.Length, value => value!, _ => null, (items, _) => [.. items]);

    private static StateCode<List<T>?> OfList<T>() =>
        Of<List<T>?, T>(value => value?.Count, value => value!, _ => null, (items, _) => [.. items]);

    private static StateCode<ImmutableArray<T>> OfImmutableArray<T>() => Of<ImmutableArray<T>, T>(
        value => value.IsDefault ? null : value.Length, value => value, _ => null, (items, _) => [.. items]);

    private static StateCode<ImmutableList<T>?> OfImmutableList<T>() =>
        Of<ImmutableList<T>?, T>(value => value?.Count, value => value!, _ => null, (items, _) => [.. items]);

    private static StateCode<ImmutableHashSet<T>?> OfImmutableHashSet<T>() => Of<ImmutableHashSet<T>?, T>(
        value => value?.Count, value => value!, value => value!.KeyComparer,
        (items, by) => items.ToImmutableHashSet(StateComparer.Equality<T>(by)));

    private static StateCode<ImmutableSortedSet<T>?> OfImmutableSortedSet<T>() => Of<ImmutableSortedSet<T>?, T>(
        value => value?.Count, value => value!, value => value!.KeyComparer,
        (items, by) => items.ToImmutableSortedSet(StateComparer.Order<T>(by)));

    private static StateCode<ImmutableDictionary<TKey, T>?> OfImmutableDictionary<TKey, T>()
        where TKey : notnull => Of<ImmutableDictionary<TKey, T>?, KeyValuePair<TKey, T>>(
            value => value?.Count, value => value!, value => value!.KeyComparer,
            (items, by) => items.ToImmutableDictionary(StateComparer.Equality<TKey>(by)));

    private static StateCode<ImmutableSortedDictionary<TKey, T>?> OfImmutableSortedDictionary<TKey, T>()
        where TKey : notnull => Of<ImmutableSortedDictionary<TKey, T>?, KeyValuePair<TKey, T>>(
            value => value?.Count, value => value!, value => value!.KeyComparer,
            (items, by) => items.ToImmutableSortedDictionary(StateComparer.Order<TKey>(by)));

    private static StateCode<Dictionary<TKey, T>?> OfDictionary<TKey, T>()
        where TKey : notnull => Of<Dictionary<TKey, T>?, KeyValuePair<TKey, T>>(
            value => value?.Count, value => value!, value => value!.Comparer,
            (items, by) => items.ToDictionary(StateComparer.Equality<TKey>(by)));

    private static StateCode<TCollection> Of<TCollection, T>(
        Func<TCollection, int?> count, Func<TCollection, IEnumerable<T>> items, Func<TCollection, object?> comparer,
        Func<List<T>, byte, TCollection> make) => new(
            (into, value) =>
            {
                into.Write(count(value) ?? -1);
                if (count(value) is null)
                {
                    return;
                }

                into.Write(StateComparer.CodeOf(comparer(value)));
                foreach (var item in items(value))
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

                var by = from.ReadByte();
                var list = new List<T>();
                for (; left > 0; left--)
                {
                    list.Add(StateCodec<T>.Read(from));
                }

                return make(list, by);
            });
}
