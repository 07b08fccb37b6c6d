using System.Linq.Expressions;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Kappa.Streams.Runtime;

/// <summary>How a JSON value becomes a property; <see cref="Skip"/> for one that becomes none.</summary>
internal enum JsonKind
{
    Skip,
    Whole,
    Real,
    Flag,
    Text,
    ShortText,
    Time,
}

/// <summary>What was read for one property, in the field of its kind.</summary>
internal struct JsonSlot
{
    public long Whole;
    public double Real;
    public string Text;
    public Text16 ShortText;
    public DateTimeOffset Time;
}

/// <summary>One property of an event: how it is read, and between which numbers it lies.</summary>
internal sealed record JsonField(string Name, JsonKind Kind, long Least, long Most, bool IsRequired, Type Type)
{
    /// <summary>What it is where a text does not have it; of a constructor's parameter.</summary>
    public object? Default { get; init; }
}

/// <summary>
/// A type that is plain in JSON, its properties numbers, texts, flags and times: what <see cref="JsonScanner{T}"/> can
/// read. It is made as the serializer makes it: by its constructor, or by setting what is there.
/// </summary>
internal sealed record JsonPlan<T>(JsonField[] Fields, Func<JsonSlot[], bool[], T> Make)
{
    /// <summary>What makes it of all fields; null where they are set one by one.</summary>
    public ConstructorInfo? Constructor { get; private init; }

    /// <summary>What sets each field.</summary>
    public MethodInfo[] Setters { get; private init; } = [];

    private const int LayoutsMax = 16;

    private static readonly Lazy<JsonPlan<T>?> Found = new(Find);

    private readonly Dictionary<string, ReadLayout<T>> _code = [];

    /// <summary>The plan of the type; null where it is not plain.</summary>
    public static JsonPlan<T>? Known => Found.Value;

    /// <summary>
    /// Code for a layout, made once for all threads; null where there are too many layouts for that to be worth it.
    /// </summary>
    public ReadLayout<T>? CodeOf(JsonLayout layout)
    {
        lock (_code)
        {
            if (!_code.TryGetValue(layout.Key, out var code) && _code.Count < LayoutsMax)
            {
                _code[layout.Key] = code = JsonCode.Make(this, layout);
            }

            return code;
        }
    }

    private static JsonPlan<T>? Find()
    {
        if (!RuntimeFeature.IsDynamicCodeCompiled)
        {
            return null;
        }

        JsonTypeInfo type;
        try
        {
            type = JsonCodec.Options.GetTypeInfo(typeof(T));
        }
        catch (Exception wrong) when (wrong is InvalidOperationException or NotSupportedException)
        {
            return null;
        }

        if (type.Kind != JsonTypeInfoKind.Object || type.PolymorphismOptions is not null
            || type.NumberHandling is not null || type.OnDeserializing is not null || type.OnDeserialized is not null
            || type.UnmappedMemberHandling == JsonUnmappedMemberHandling.Disallow
            || typeof(IJsonOnDeserialized).IsAssignableFrom(typeof(T))
            || typeof(IJsonOnDeserializing).IsAssignableFrom(typeof(T))
            || type.Properties.Any(property => property.IsExtensionData || property.CustomConverter is not null
                || property.NumberHandling is not null))
        {
            return null;
        }

        return type.CreateObject is null ? ByConstructor(type) : BySetting(type);
    }

    private static JsonPlan<T>? ByConstructor(JsonTypeInfo type)
    {
        var constructors = typeof(T).GetConstructors();
        if (constructors.Length != 1)
        {
            return null;
        }

        var slots = Expression.Parameter(typeof(JsonSlot[]), "slots");
        var read = Expression.Parameter(typeof(bool[]), "read");
        var fields = new List<JsonField>();
        var arguments = new List<Expression>();
        foreach (var parameter in constructors[0].GetParameters())
        {
            var property = type.Properties.FirstOrDefault(property =>
                property.PropertyType == parameter.ParameterType
                && property.AttributeProvider is PropertyInfo member
                && string.Equals(member.Name, parameter.Name, StringComparison.OrdinalIgnoreCase));
            if (property is null
                || FieldOf(property.Name, property.PropertyType, !parameter.HasDefaultValue) is not { } field)
            {
                return null;
            }

            field = field with { Default = parameter.HasDefaultValue ? parameter.DefaultValue : null };
            var slot = Slot(slots, fields.Count, property.PropertyType, field.Kind);
            arguments.Add(field.IsRequired ? slot : Expression.Condition(
                Expression.ArrayIndex(read, Expression.Constant(fields.Count)), slot,
                field.Default is null ? Expression.Default(field.Type)
                    : Expression.Constant(field.Default, field.Type)));
            fields.Add(field);
        }

        // Whatever else can be set would need setting too.
        var settable = type.Properties.Count(property => property.Set is not null
            && !fields.Exists(field => field.Name == property.Name));
        return fields.Count == 0 || settable > 0
            ? null
            : new JsonPlan<T>([.. fields], Expression.Lambda<Func<JsonSlot[], bool[], T>>(
                Expression.New(constructors[0], arguments), slots, read).Compile())
            {
                Constructor = constructors[0],
            };
    }

    private static JsonPlan<T>? BySetting(JsonTypeInfo type)
    {
        if (!typeof(T).IsValueType)
        {
            return null;
        }

        var slots = Expression.Parameter(typeof(JsonSlot[]), "slots");
        var read = Expression.Parameter(typeof(bool[]), "read");
        var made = Expression.Variable(typeof(T), "made");
        var fields = new List<JsonField>();
        var setters = new List<MethodInfo>();
        var body = new List<Expression> { Expression.Assign(made, Expression.Default(typeof(T))) };
        foreach (var property in type.Properties.Where(property => property.Set is not null))
        {
            if (property.AttributeProvider is not PropertyInfo { CanWrite: true, SetMethod.IsPublic: true } member
                || FieldOf(property.Name, property.PropertyType, property.IsRequired) is not { } field)
            {
                return null;
            }

            body.Add(Expression.IfThen(
                Expression.ArrayIndex(read, Expression.Constant(fields.Count)),
                Expression.Assign(
                    Expression.Property(made, member),
                    Slot(slots, fields.Count, property.PropertyType, field.Kind))));
            setters.Add(member.SetMethod);
            fields.Add(field);
        }

        // A struct with a constructor of its own for no arguments does not begin with zeros.
        var begins = typeof(T).GetConstructor(Type.EmptyTypes) is not null;
        body.Add(made);
        return fields.Count == 0 || begins
            ? null
            : new JsonPlan<T>([.. fields], Expression.Lambda<Func<JsonSlot[], bool[], T>>(
                Expression.Block([made], body), slots, read).Compile())
            {
                Setters = [.. setters],
            };
    }

    private static Expression Slot(Expression slots, int index, Type type, JsonKind kind)
    {
        var slot = Expression.ArrayAccess(slots, Expression.Constant(index));
        return kind switch
        {
            JsonKind.Whole => Expression.Convert(Expression.Field(slot, nameof(JsonSlot.Whole)), type),
            JsonKind.Flag => Expression.NotEqual(
                Expression.Field(slot, nameof(JsonSlot.Whole)), Expression.Constant(0L)),
            _ => Expression.Field(slot, kind.ToString()),
        };
    }

    private static JsonField? FieldOf(string name, Type type, bool isRequired) => type switch
    {
        _ when type == typeof(long) => Whole(name, long.MinValue, long.MaxValue, isRequired, type),
        _ when type == typeof(int) => Whole(name, int.MinValue, int.MaxValue, isRequired, type),
        _ when type == typeof(uint) => Whole(name, 0, uint.MaxValue, isRequired, type),
        _ when type == typeof(short) => Whole(name, short.MinValue, short.MaxValue, isRequired, type),
        _ when type == typeof(ushort) => Whole(name, 0, ushort.MaxValue, isRequired, type),
        _ when type == typeof(sbyte) => Whole(name, sbyte.MinValue, sbyte.MaxValue, isRequired, type),
        _ when type == typeof(byte) => Whole(name, 0, byte.MaxValue, isRequired, type),
        _ when type == typeof(double) => new JsonField(name, JsonKind.Real, 0, 0, isRequired, type),
        _ when type == typeof(bool) => new JsonField(name, JsonKind.Flag, 0, 0, isRequired, type),
        _ when type == typeof(string) => new JsonField(name, JsonKind.Text, 0, 0, isRequired, type),
        _ when type == typeof(Text16) => new JsonField(name, JsonKind.ShortText, 0, 0, isRequired, type),
        _ when type == typeof(DateTimeOffset) => new JsonField(name, JsonKind.Time, 0, 0, isRequired, type),
        _ => null,
    };

    private static JsonField Whole(string name, long least, long most, bool isRequired, Type type) =>
        new(name, JsonKind.Whole, least, most, isRequired, type);
}
