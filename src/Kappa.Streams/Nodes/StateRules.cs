using System.Reflection;
using Kappa.Log;
using Kappa.Streams.Runtime;

namespace Kappa.Streams.Nodes;

/// <summary>
/// What may be a state (rule O2): values that cannot change, so that a throw is undone by keeping the old one, and that
/// a state file can hold.
/// </summary>
internal static class StateRules
{
    /// <summary>
    /// Throws where a state could change, or where the one every key begins with fits into no state file.
    /// </summary>
    public static void Check<TState>(Node node, TState seed)
    {
        Check(node, typeof(TState));
        try
        {
            StateCodec<TState>.Write(new StateWriter(), seed);
        }
        catch (KappaException refused)
        {
            throw node.Flow.Wrong($"the seed of {node.Label}: {refused.Message}", refused.Next);
        }
    }

    /// <summary>Throws where a state type could change or be no part of a state file.</summary>
    public static void Check(Node node, Type type) => Check(node, type, type.Name, []);

    /// <summary>
    /// Throws where what the platform's own operator keeps of the user's, such as events that wait for their time, can
    /// be no part of a state file. It may change: the operator does not change it.
    /// </summary>
    public static void CheckKept(Node node, Type type) => CheckKept(node, type, type.Name, []);

    private static void CheckKept(Node node, Type type, string path, HashSet<Type> seen)
    {
        if (IsPlain(type) || !seen.Add(type))
        {
            return;
        }

        if (StateCollections.IsKnown(type) || Nullable.GetUnderlyingType(type) is not null)
        {
            foreach (var part in type.IsArray ? [type.GetElementType()!] : type.GetGenericArguments())
            {
                CheckKept(node, part, path, seen);
            }

            return;
        }

        if (IsOpen(type))
        {
            throw node.Flow.Wrong(
                $"{node.Label} keeps values that hold '{path}' of type {type}, which a state file cannot hold.",
                "Use records, structs, lists and dictionaries of simple types, or Select before it what is needed.");
        }

        foreach (var field in FieldCode.Fields(type))
        {
            CheckKept(node, field.FieldType, path + "." + NameOf(field), seen);
        }
    }

    private static void Check(Node node, Type type, string path, HashSet<Type> seen)
    {
        if (IsPlain(type) || !seen.Add(type))
        {
            return;
        }

        if (StateCollections.IsImmutable(type) || Nullable.GetUnderlyingType(type) is not null)
        {
            foreach (var argument in type.GetGenericArguments())
            {
                Check(node, argument, path, seen);
            }

            return;
        }

        if (IsOpen(type))
        {
            throw node.Flow.Wrong(
                $"the state of {node.Label} holds '{path}' of type {type}, which a state file cannot hold.",
                "Use a record, a struct or an immutable collection of simple types.");
        }

        if (type.IsArray || StateCollections.IsKnown(type))
        {
            throw Mutable(node, path, type,
                "Use ImmutableArray<T>, ImmutableList<T> or ImmutableDictionary<TKey, TValue>.");
        }

        foreach (var field in FieldCode.Fields(type))
        {
            var name = NameOf(field);
            if (!type.IsValueType && !field.IsInitOnly)
            {
                throw Mutable(node, path + "." + name, type,
                    "Make it a record with init-only properties, or a struct.");
            }

            Check(node, field.FieldType, path + "." + name, seen);
        }
    }

    /// <summary>May a value be of another type than the one declared, or is it no value at all?</summary>
    private static bool IsOpen(Type type) => type.IsAbstract || type.IsInterface || type == typeof(object)
        || type.IsPointer || typeof(Delegate).IsAssignableFrom(type);

    /// <summary>A field's name, and of a property's own field the property's.</summary>
    private static string NameOf(FieldInfo field) => field.Name.StartsWith('<')
        ? field.Name[1..field.Name.IndexOf('>', StringComparison.Ordinal)]
        : field.Name;

    private static KappaException Mutable(Node node, string path, Type type, string next) => node.Flow.Wrong(
        $"the state of {node.Label} can change: '{path}' of type {type}.", next);

    private static bool IsPlain(Type type) =>
        type.IsPrimitive || type.IsEnum || type == typeof(string) || type == typeof(decimal) || type == typeof(Guid)
        || type == typeof(DateTimeOffset) || type == typeof(DateTime) || type == typeof(TimeSpan)
        || type == typeof(DateOnly) || type == typeof(TimeOnly);
}
