using System.Reflection;
using System.Runtime.Loader;

namespace Kappa.Streams.Fingerprints;

/// <summary>Which assemblies are the user's, and which of their types stand behind an interface or base.</summary>
internal sealed class UserAssemblies(Func<Assembly, bool> isUsers, IEnumerable<Assembly> starts)
{
    private readonly Dictionary<Assembly, bool> _known = [];
    private readonly Dictionary<Type, IReadOnlyList<Type>> _implementations = [];
    private readonly List<Assembly> _starts = [.. starts];
    private IReadOnlyList<Type>? _types;

    public bool Owns(Assembly assembly)
    {
        if (!_known.TryGetValue(assembly, out var owned))
        {
            _known[assembly] = owned = isUsers(assembly);
        }

        return owned;
    }

    public bool Owns(MemberInfo member) => Owns(member.Module.Assembly);

    /// <summary>The user's types that implement or extend a definition, by name: their order is no matter.</summary>
    public IReadOnlyList<Type> Implementations(Type type)
    {
        var wanted = Definition(type);
        if (!_implementations.TryGetValue(wanted, out var found))
        {
            _types ??= [.. Assemblies().SelectMany(Types).OrderBy(ReadableName.Of, StringComparer.Ordinal)];
            found = [.. _types.Where(candidate => candidate != wanted && Stands(candidate, wanted))];
            _implementations[wanted] = found;
        }

        return found;
    }

    private static bool Stands(Type candidate, Type wanted)
    {
        if (wanted.IsInterface)
        {
            return candidate.GetInterfaces().Any(type => Definition(type) == wanted);
        }

        for (var type = candidate.BaseType; type is not null; type = type.BaseType)
        {
            if (Definition(type) == wanted)
            {
                return true;
            }
        }

        return false;
    }

    private static Type Definition(Type type) => type.IsConstructedGenericType ? type.GetGenericTypeDefinition() : type;

    private static IEnumerable<Type> Types(Assembly assembly)
    {
        try
        {
            return assembly.GetTypes();
        }
        catch (ReflectionTypeLoadException partial)
        {
            // A type that cannot be loaded cannot run either, so it stands behind nothing.
            return partial.Types.OfType<Type>();
        }
    }

    // What happens to be loaded depends on what ran before; references do not.
    private List<Assembly> Assemblies()
    {
        List<Assembly> found = [.. _starts.Where(Owns).Distinct()];
        for (var next = 0; next < found.Count; next++)
        {
            foreach (var name in found[next].GetReferencedAssemblies())
            {
                if (Load(found[next], name) is { } assembly && Owns(assembly) && !found.Contains(assembly))
                {
                    found.Add(assembly);
                }
            }
        }

        return found;
    }

    private static Assembly? Load(Assembly from, AssemblyName name)
    {
        try
        {
            return AssemblyLoadContext.GetLoadContext(from)!.LoadFromAssemblyName(name);
        }
        catch (FileNotFoundException)
        {
            // An optional dependency that was not published: nothing of it can run.
            return null;
        }
    }
}
