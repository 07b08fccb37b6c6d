using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text;
using Kappa.Log;

namespace Kappa.Streams.Fingerprints;

/// <summary>
/// Everything the roots reach, breadth first (rule V2). Each user member gets the number of its first visit, so that
/// generated names and metadata tokens, which a neighbour moves, are never hashed. Values come in where reached IL
/// reads the field that holds them: display classes are shared by all lambdas of a method, static constructors by all
/// jobs of a class, so hashing either whole would drag in the neighbours.
/// </summary>
internal sealed class Reach
{
    private const int Most = 100_000;

    private readonly FingerprintInput _input;
    private readonly List<Reached> _reached = [];
    private readonly Dictionary<MemberInfo, int> _methods = new(Identity.Instance);
    private readonly Dictionary<Type, int> _types = [];
    private readonly Dictionary<FieldInfo, int> _statics = new(Identity.Instance);
    private readonly HashSet<Type> _written = [];
    private readonly Dictionary<MemberInfo, int> _fields = new(Identity.Instance);
    private readonly HashSet<Assembly> _assemblies = [];
    private readonly List<FieldInfo> _read = [];
    private readonly HashSet<MemberInfo> _readOnce = new(Identity.Instance);
    private readonly HashSet<MemberInfo> _writtenOnce = new(Identity.Instance);
    private readonly List<object> _held = [];
    private readonly Dictionary<object, int> _heldOnce = new(ReferenceEqualityComparer.Instance);
    private readonly References _references;
    private readonly Dictionary<MemberInfo, int> _nodes = new(Identity.Instance);

    public Reach(FingerprintInput input)
    {
        _input = input;
        var starts = input.Roots.Select(root => root.Method.Module.Assembly)
            .Concat(input.Types.Select(type => type.Assembly))
            .Concat(input.Values.OfType<object>().Select(value => value.GetType().Assembly));
        Code = new UserAssemblies(input.IsUsers, starts);
        _references = new References(this);
        foreach (var (root, node) in input.Roots.Zip(input.RootNodes ?? []))
        {
            _nodes.TryAdd(root.Method, node);
        }
    }

    public UserAssemblies Code { get; }

    public Fingerprint Run()
    {
        Value(FingerprintMemberKind.Semantics, "Kappa semantics", text => text.Append(_input.SemanticsNumber));
        Value(FingerprintMemberKind.Topology, "topology", text => text.Append(_input.Topology));
        Enqueue(null, "roots", WriteRoots);
        for (var index = 0; index < _input.Values.Count; index++)
        {
            var value = _input.Values[index];
            var type = value is null ? "null" : ReadableName.Of(value.GetType());
            var name = $"value {index + 1} of the topology ({type})";
            Value(FingerprintMemberKind.Value, name, text => Values(name).Write(value, text, isWhole: true));
        }

        var whole = new StringBuilder();
        List<FingerprintMember> members = [];
        var names = new HashSet<(FingerprintMemberKind Kind, string Name)>();
        var resources = new Resources();
        for (var next = 0; next < _reached.Count; next++)
        {
            Write(next, whole, members, names);
            if (next == _reached.Count - 1)
            {
                foreach (var (name, hash) in resources.Of(_assemblies))
                {
                    Enqueue(FingerprintMemberKind.Resource, name, text => text.Append(hash));
                }
            }
        }

        return new Fingerprint(CanonicalText.HashOf(whole.ToString()), members);
    }

    public int Method(MethodBase method)
    {
        if (!_methods.TryGetValue(method, out var number))
        {
            var kind = IsNews(method) ? FingerprintMemberKind.Method : (FingerprintMemberKind?)null;
            _assemblies.Add(method.Module.Assembly);
            _methods[method] = number = Enqueue(
                kind, ReadableName.Of(method), text => new MethodText(this, _references).Write(method, text));
            if (_nodes.TryGetValue(method, out var node))
            {
                _reached[number] = _reached[number] with { Node = node };
            }
        }

        return number;
    }

    public int Type(Type type)
    {
        if (!_types.TryGetValue(type, out var number))
        {
            var kind = ReadableName.IsGenerated(type) ? (FingerprintMemberKind?)null : FingerprintMemberKind.Type;
            _assemblies.Add(type.Assembly);
            _types[type] = number = Enqueue(
                kind, ReadableName.Of(type), text => new TypeText(this, _references).Write(type, text));
        }

        return number;
    }

    /// <summary>A type that is written and read as data, by code that no IL of the user's calls.</summary>
    public void Codec(Type type)
    {
        if (type.HasElementType)
        {
            Codec(type.GetElementType()!);
            return;
        }

        foreach (var argument in type.GetGenericArguments())
        {
            Codec(argument);
        }

        if (!type.IsGenericParameter && Code.Owns(type) && _written.Add(type))
        {
            Enqueue(
                FingerprintMemberKind.Type,
                ReadableName.Of(type) + " as data",
                text => new TypeText(this, _references).WriteCodec(type, text));
        }
    }

    /// <summary>The user's types behind an interface or base class whose member is called.</summary>
    public void Implementations(Type type)
    {
        foreach (var implementation in Code.Implementations(type))
        {
            Type(implementation);
        }
    }

    public int Field(FieldInfo field)
    {
        if (!_fields.TryGetValue(field, out var number))
        {
            _fields[field] = number = _fields.Count;
        }

        return number;
    }

    /// <summary>Reached IL reads an instance field: its value counts in each object that is held.</summary>
    public void Read(FieldInfo field)
    {
        if (_readOnce.Add(field))
        {
            _read.Add(field);
            foreach (var holder in _held.Where(holder => field.DeclaringType!.IsInstanceOfType(holder)).ToList())
            {
                Captured(holder, field);
            }
        }
    }

    /// <summary>An object of the user's is held: of its fields those count that reached IL reads.</summary>
    public int Hold(object holder)
    {
        if (!_heldOnce.TryGetValue(holder, out var number))
        {
            _heldOnce[holder] = number = _held.Count;
            _held.Add(holder);
            foreach (var field in _writtenOnce)
            {
                CheckConstant(holder, (FieldInfo)field);
            }

            foreach (var field in _read.Where(field => field.DeclaringType!.IsInstanceOfType(holder)).ToList())
            {
                Captured(holder, field);
            }
        }

        return number;
    }

    /// <summary>The value of a static readonly field, as a member of its own.</summary>
    public int Static(FieldInfo field)
    {
        if (!_statics.TryGetValue(field, out var number))
        {
            var name = $"{ReadableName.Of(field.DeclaringType!)}.{ReadableName.Of(field)}";
            _statics[field] = number = Value(
                FingerprintMemberKind.Static,
                name,
                text => Values(name).Write(StaticField.Value(field, name), text, isWhole: false));
        }

        return number;
    }

    /// <summary>Reached IL writes an instance field; a captured variable must not be state.</summary>
    public void Written(FieldInfo field)
    {
        if (ReadableName.IsDisplayClass(field.DeclaringType!) && _writtenOnce.Add(field))
        {
            _held.ForEach(holder => CheckConstant(holder, field));
        }
    }

    private static void CheckConstant(object holder, FieldInfo field)
    {
        if (field.DeclaringType!.IsInstanceOfType(holder))
        {
            var name = ReadableName.Of(field);
            throw new KappaException(
                ErrorKind.Invalid,
                $"The job changes the variable {name}, which it captured: its value at the start would be "
                    + "fingerprinted, and a replay would go on with the last one.",
                $"Keep {name} as state of an aggregate or process, or declare it inside the lambda.");
        }
    }

    // Members the compiler wrote for a record, a property or a state machine follow from what the user wrote.
    private static bool IsNews(MethodBase method) =>
        method.DeclaringType is { } owner && ReadableName.IsStateMachine(owner)
            ? method.Name == "MoveNext"
            : !method.IsDefined(typeof(StateMachineAttribute), false)
                && (!method.IsDefined(typeof(CompilerGeneratedAttribute), false)
                    || method.Name.Contains(">g__", StringComparison.Ordinal));

    private ValueText Values(string name) => new(this, _references, name);

    private void Captured(object holder, FieldInfo field)
    {
        var owner = field.DeclaringType!;
        var name = ReadableName.IsGenerated(owner)
            ? ReadableName.Of(field)
            : $"{ReadableName.Of(owner)}.{ReadableName.Of(field)}";
        var value = field.GetValue(holder);

        // Which display class a variable sits in is the compiler's business; what counts as news is in it.
        var isPlumbing = value is not null && value is not Delegate && ReadableName.IsGenerated(value.GetType());
        Value(
            isPlumbing ? null : FingerprintMemberKind.Captured,
            name,
            text =>
            {
                text.Refer(_heldOnce[holder], "held").Append(".").Refer(Field(field), "field").Append(" = ");
                Values(name).Write(value, text, isWhole: false);
            });
    }

    private void WriteRoots(CanonicalText text)
    {
        foreach (var root in _input.Roots)
        {
            Values(ReadableName.Of(root.Method)).Write(root, text.Append("root "), isWhole: false);
            text.Append("\n");
        }

        foreach (var type in _input.Types)
        {
            _references.Write(type, text.Append("type "));
            text.Append("\n");
            Codec(type);
        }
    }

    private int Value(FingerprintMemberKind? kind, string name, Action<CanonicalText> write) =>
        Enqueue(kind, name, write, isValue: true);

    private int Enqueue(FingerprintMemberKind? kind, string name, Action<CanonicalText> write, bool isValue = false)
    {
        if (_reached.Count == Most)
        {
            throw new KappaException(
                ErrorKind.Invalid,
                $"A job reaches more than {Most} members of user code, the last being {name}: that is the most a "
                    + "fingerprint takes.",
                "Look for a generic type that contains ever larger instances of itself, or for a package that is "
                    + "called where a few lines would do.");
        }

        _reached.Add(new Reached(kind, name, write, isValue));
        return _reached.Count - 1;
    }

    private void Write(
        int number,
        StringBuilder whole,
        List<FingerprintMember> members,
        HashSet<(FingerprintMemberKind Kind, string Name)> names)
    {
        var reached = _reached[number];
        var text = new CanonicalText();
        reached.Write(text);
        whole.Append('#').Append(number).Append(' ').Append(text.Numbered).Append('\n');
        if (reached.Kind is not { } kind)
        {
            return;
        }

        var name = reached.Name;
        for (var twin = 2; !names.Add((kind, name)); twin++)
        {
            name = $"{reached.Name} ({twin})";
        }

        var shown = !reached.IsValue ? "" : kind == FingerprintMemberKind.Topology ? text.Named : Short(text.Named);
        members.Add(new FingerprintMember(kind, name, CanonicalText.HashOf(text.Named), shown, reached.Node));
    }

    private static string Short(string text)
    {
        var value = text.StartsWith("held.field = ", StringComparison.Ordinal) ? text["held.field = ".Length..] : text;
        return value.Length <= 80 ? value : value[..77] + "...";
    }

    private sealed record Reached(
        FingerprintMemberKind? Kind, string Name, Action<CanonicalText> Write, bool IsValue, int? Node = null);
}
