using System.Reflection;

namespace Kappa.Streams.Fingerprints;

/// <summary>
/// Names for people, also for what the compiler made: "lambda in Motion.Make", "Motion.Make.Local". They carry no
/// counters, so that a member added before does not rename this one.
/// </summary>
internal static class ReadableName
{
    /// <summary>Whether the compiler chose the name, so that it says nothing and may change with a neighbour.</summary>
    public static bool IsGenerated(MemberInfo member) => member switch
    {
        Type type => type.Name.Contains('<') || (type.DeclaringType is { } outer && IsGenerated(outer)),
        _ => member.Name.StartsWith('<') || member.Name.StartsWith("CS$", StringComparison.Ordinal),
    };

    /// <summary>Anonymous types have generated names, but the names of their properties are the user's.</summary>
    public static bool IsAnonymous(Type type) => type.Name.StartsWith("<>f__AnonymousType", StringComparison.Ordinal);

    /// <summary>What an iterator or async method becomes.</summary>
    public static bool IsStateMachine(Type type) => type.Name.Contains(">d__", StringComparison.Ordinal);

    /// <summary>What the captured variables of a method's lambdas become.</summary>
    public static bool IsDisplayClass(Type type) => type.Name.StartsWith("<>c__DisplayClass", StringComparison.Ordinal);

    public static string Of(Type type)
    {
        if (type.IsGenericParameter)
        {
            return type.Name;
        }

        if (type.HasElementType)
        {
            return Of(type.GetElementType()!) + (type.IsArray ? "[]" : type.IsByRef ? "&" : "*");
        }

        if (!IsGenerated(type))
        {
            var outer = type.DeclaringType is { } declaring ? Of(declaring) + "." : "";
            return outer + Bare(type.Name) + Arguments(type.GetGenericArguments());
        }

        if (IsAnonymous(type))
        {
            return "anonymous type" + Arguments(type.GetGenericArguments());
        }

        var owner = type.DeclaringType is { } holder ? Of(holder) : "";
        var source = Source(type.Name);
        return source.Length > 0 && IsStateMachine(type) ? $"{owner}.{source}"
            : type.Name.Contains(">F", StringComparison.Ordinal) ? FileLocal(type.Name)
            : owner.Length == 0 ? "generated type"
            : $"closure in {owner}";
    }

    public static string Of(MethodBase method)
    {
        var owner = method.DeclaringType is { } type ? Owner(type) : "";
        if (!IsGenerated(method) || method.Name.Contains('$'))
        {
            return method.DeclaringType is { } machine && IsStateMachine(machine)
                ? Of(machine)
                : $"{owner}.{Last(method.Name)}";
        }

        var source = Source(method.Name);
        var home = source is ".cctor" or ".ctor" or "" ? owner : $"{owner}.{source}";
        var local = method.Name.IndexOf(">g__", StringComparison.Ordinal);
        if (local < 0)
        {
            return $"lambda in {home}";
        }

        var name = method.Name[(local + 4)..];
        return $"{home}.{name[..Math.Max(0, name.IndexOf('|', StringComparison.Ordinal))]}";
    }

    public static string Of(FieldInfo field)
    {
        var source = Source(field.Name);
        var isThis = field.Name.StartsWith("<>4__this", StringComparison.Ordinal);
        return source.Length > 0 ? source : isThis ? "this" : field.Name;
    }

    /// <summary>A foreign name without the counters of the compiler that made it.</summary>
    public static string WithoutCounters(string name)
    {
        var generated = name.IndexOf('<', StringComparison.Ordinal);
        return generated < 0
            ? name
            : name[..generated] + string.Concat(name[generated..].Where(c => !char.IsAsciiDigit(c) && c != '_'));
    }

    // Closures and state machines belong to the type they were written in.
    private static string Owner(Type type)
    {
        var owner = type;
        while (IsGenerated(owner) && owner.DeclaringType is { } outer)
        {
            owner = outer;
        }

        return Of(owner);
    }


    private static string Source(string name)
    {
        var open = name.IndexOf('<', StringComparison.Ordinal);
        var close = open < 0 ? -1 : name.IndexOf('>', open);
        if (close <= open + 1)
        {
            return "";
        }

        // A lambda inside a local function is named after both: the innermost name is enough.
        var inner = name[(open + 1)..close].TrimStart('<');
        return inner;
    }

    private static string FileLocal(string name) => name[(name.LastIndexOf("__", StringComparison.Ordinal) + 2)..];

    private static string Bare(string name)
    {
        var tick = name.IndexOf('`', StringComparison.Ordinal);
        return tick < 0 ? name : name[..tick];
    }

    /// <summary>The name of an explicit implementation without the interface it carries.</summary>
    public static string Last(string name) =>
        name.Contains('.') && !name.StartsWith('.') ? name[(name.LastIndexOf('.') + 1)..] : name;

    private static string Arguments(Type[] arguments) =>
        arguments.Length == 0 ? "" : "<" + string.Join(", ", arguments.Select(Of)) + ">";
}
