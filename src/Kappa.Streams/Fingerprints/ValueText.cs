using System.Collections;
using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;
using Kappa.Log;

namespace Kappa.Streams.Fingerprints;

/// <summary>
/// The text of a value that is there when the job is deployed: captured, static readonly or held by the topology.
/// What is not immutable by its type, and not known here, is refused by name (rule V2).
/// </summary>
internal sealed class ValueText(Reach reach, References references, string name)
{
    private const BindingFlags Own = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic
        | BindingFlags.DeclaredOnly;

    private readonly HashSet<object> _open = new(ReferenceEqualityComparer.Instance);

    /// <summary>Writes a value.</summary>
    /// <param name="value">The value.</param>
    /// <param name="text">Where to.</param>
    /// <param name="isWhole">Of an object of the user's: all fields, not only those that reached IL reads.</param>
    /// <param name="path">Where in the named value it lies.</param>
    public void Write(object? value, CanonicalText text, bool isWhole, string path = "")
    {
        if (Literals.TryWrite(value, text))
        {
            return;
        }

        switch (value!)
        {
            case Type type:
                references.Write(type, text.Append("type "));
                break;
            case Enum choice:
                references.Write(choice.GetType(), text);
                text.Append(".").Append(choice.ToString("D"));
                break;
            case Delegate code:
                Code(code, text, isWhole, path);
                break;
            case Array array:
                references.Write(array.GetType(), text);
                Elements(array, text, isWhole, path);
                break;
            case ITuple tuple when !reach.Code.Owns(value!.GetType()):
                Elements(Enumerable.Range(0, tuple.Length).Select(index => tuple[index]), text, isWhole, path);
                break;
            default:
                Structure(value!, text, isWhole, path);
                break;
        }
    }

    private void Structure(object value, CanonicalText text, bool isWhole, string path)
    {
        if (Collections.TypeOf(value) is { } collection)
        {
            Collected(value, collection, text, isWhole, path);
            return;
        }

        var type = value.GetType();
        var isUsers = reach.Code.Owns(type);
        references.Write(type, text);
        if (isUsers && !isWhole && !type.IsValueType && !IsRecord(type))
        {
            CheckInherited(type, path);
            text.Append(" ").Refer(reach.Hold(value), "held");
        }
        else if (!isUsers && IsKappas(type) && value is IEnumerable sequence)
        {
            Elements(sequence, text, isWhole, path);
        }
        else if (isUsers || type.IsValueType || IsKappas(type) || IsPlainComparer(value))
        {
            Fields(value, type, text, isWhole, path);
        }
        else
        {
            throw Refused(type, path);
        }
    }

    private void Code(Delegate code, CanonicalText text, bool isWhole, string path)
    {
        foreach (var single in code.GetInvocationList())
        {
            if (single.Method.Module.Assembly.IsDynamic || single.Method is System.Reflection.Emit.DynamicMethod)
            {
                throw Refused(single.GetType(), path, "It was compiled at run time. Write it as a lambda or a method.");
            }

            references.Write(single.Method, text.Append("calls "));
            if (single.Target is { } target && !IsSingleton(target))
            {
                Write(target, text.Append(" on "), isWhole, path + ".Target");
            }

            text.Append(" ");
        }
    }

    private void Collected(object value, Type type, CanonicalText text, bool isWhole, string path)
    {
        text.Append(ReadableName.IsGenerated(type) ? "list" : type.GetGenericTypeDefinition().FullName!);
        references.Write(type.GetGenericArguments(), text);
        if (Collections.ComparerOf(value, type) is { } comparer)
        {
            Write(comparer, text.Append(" by "), isWhole, path + ".Comparer");
        }

        var elements = Collections.ElementsOf(value, type);
        if (!Collections.IsUnordered(type))
        {
            Elements(elements, text, isWhole, path);
            return;
        }

        var sorted = elements.Cast<object?>().Select(element =>
        {
            var part = new CanonicalText();
            Write(element, part, isWhole, path + "[]");
            return part;
        }).OrderBy(part => part.Numbered, StringComparer.Ordinal);
        text.Append("[");
        foreach (var part in sorted)
        {
            text.Append(part).Append(", ");
        }

        text.Append("]");
    }

    private void Elements(IEnumerable elements, CanonicalText text, bool isWhole, string path)
    {
        if (elements is Array { Rank: > 1 } table)
        {
            var lengths = Enumerable.Range(0, table.Rank).Select(table.GetLength);
            text.Append(string.Join('x', lengths.Select(length => length.ToString(CultureInfo.InvariantCulture))));
        }

        text.Append("[");
        foreach (var element in elements)
        {
            Write(element, text, isWhole, path + "[]");
            text.Append(", ");
        }

        text.Append("]");
    }

    private void Fields(object value, Type type, CanonicalText text, bool isWhole, string path)
    {
        if (!_open.Add(value))
        {
            text.Append(" again");
            return;
        }

        text.Append(" { ");
        for (var declaring = type; declaring is not null; declaring = declaring.BaseType)
        {
            if (reach.Code.Owns(type) && !reach.Code.Owns(declaring))
            {
                CheckInherited(type, path);
            }

            foreach (var field in declaring.GetFields(Own).OrderBy(field => field.MetadataToken))
            {
                var part = ReadableName.Of(field);
                var isNameless = ReadableName.IsGenerated(declaring) && !ReadableName.IsAnonymous(declaring);
                text.Append(isNameless ? "" : part).Append(" = ");
                Write(field.GetValue(value), text, isWhole, $"{path}.{part}");
                text.Append("; ");
            }
        }

        text.Append("}");
        _open.Remove(value);
    }

    // What a foreign base class keeps is out of sight of the user's IL, so its fields would change unseen.
    private void CheckInherited(Type type, string path)
    {
        var parent = type.BaseType;
        while (parent is not null && reach.Code.Owns(parent))
        {
            parent = parent.BaseType;
        }

        if (parent is not null && parent != typeof(ValueType) && !IsKappas(parent) && !IsStateless(parent))
        {
            var next = $"It inherits state from {ReadableName.Of(parent)}. Hold that value as a field instead.";
            throw Refused(type, path, next);
        }
    }

    private static bool IsSingleton(object target)
    {
        var type = target.GetType();
        return ReadableName.IsGenerated(type) && type.GetFields(Own).Length == 0;
    }

    private static bool IsRecord(Type type) => type.GetMethod("<Clone>$") is not null;

    private static bool IsKappas(Type type) =>
        type.Assembly.GetName().Name is { } assembly
        && (assembly == "Kappa" || assembly.StartsWith("Kappa.", StringComparison.Ordinal));

    private static bool IsPlainComparer(object value) =>
        value is IComparer or IEqualityComparer && IsStateless(value.GetType());

    private static bool IsStateless(Type type)
    {
        for (var declaring = type; declaring is not null; declaring = declaring.BaseType)
        {
            if (declaring.GetFields(Own).Length > 0)
            {
                return false;
            }
        }

        return true;
    }

    private KappaException Refused(Type type, string path, string? next = null) => new(
        ErrorKind.Invalid,
        $"{name}{path} is a captured value that cannot be fingerprinted: a {ReadableName.Of(type)}.",
        next ?? "Hold a const, number, string, enum, date, TimeSpan, Guid, record, array, immutable or frozen "
            + "collection of these instead, or make the object inside the lambda that uses it.");
}
