using System.Reflection;
using System.Runtime.CompilerServices;
using Kappa.Log;

namespace Kappa.Streams.Codecs;

/// <summary>What the binary format can hold; found out when the job is defined, not when it runs.</summary>
internal static class BinaryRules
{
    /// <summary>Throws for the first field of a type that the format does not have.</summary>
    public static void Check(Type type)
    {
        if (Find(type, type.Name, []) is var (path, wrong))
        {
            throw new KappaException(
                ErrorKind.Invalid, $"The binary codec cannot hold '{path}' of type {wrong}.",
                "Use numbers, texts, times, GUIDs, enums, byte arrays, or records of these; or leave the codec out "
                + "for JSON.");
        }
    }

    /// <summary>The first field that the format does not have, and its type; null for none.</summary>
    public static (string Path, Type Type)? Find(Type type) => Find(type, type.Name, []);

    private static (string Path, Type Type)? Find(Type type, string path, HashSet<Type> seen)
    {
        if (Nullable.GetUnderlyingType(type) is { } plain)
        {
            return Find(plain, path, seen);
        }

        if (type.IsEnum || BinaryWriting.IsSimple(type) || !seen.Add(type))
        {
            return null;
        }

        if (type.IsPrimitive || type.IsAbstract || type.IsInterface || type.IsArray || type.IsPointer
            || type.IsDefined(typeof(InlineArrayAttribute), false)
            || type.IsDefined(typeof(UnsafeValueTypeAttribute), false)
            || type == typeof(object) || typeof(Delegate).IsAssignableFrom(type)
            || typeof(System.Collections.IEnumerable).IsAssignableFrom(type)
            || type.Namespace?.StartsWith("System", StringComparison.Ordinal) == true && !IsTuple(type))
        {
            return (path, type);
        }

        foreach (var field in BinaryWriting.Fields(type))
        {
            if (Find(field.FieldType, path + "." + NameOf(field), seen) is { } found)
            {
                return found;
            }
        }

        return null;
    }

    /// <summary>A field as its owner knows it: the property's name where it is one's.</summary>
    public static string NameOf(FieldInfo field) => field.Name.StartsWith('<')
        ? field.Name[1..field.Name.IndexOf('>', StringComparison.Ordinal)]
        : field.Name;

    private static bool IsTuple(Type type) =>
        type.IsGenericType && type.FullName!.StartsWith("System.ValueTuple`", StringComparison.Ordinal);
}
