using System.Buffers;
using System.Collections.Immutable;
using System.Linq.Expressions;
using System.Text.Json;
using Kappa.Tables;

namespace Kappa.Streams.Runtime;

/// <summary>Writes values of a type as key or row bytes, by code made once per type.</summary>
internal static class Columns<T>
{
    [ThreadStatic]
    private static ArrayBufferWriter<byte>? t_buffer;

    private static readonly Lazy<Action<KeyWriter, T>> KeyCode = new(() => Make<KeyWriter>());
    private static readonly Lazy<Action<RowWriter, T>> RowCode = new(() => Make<RowWriter>());

    public static void WriteKey(KeyWriter into, T value) => KeyCode.Value(into, value);

    public static void WriteRow(RowWriter into, T value) => RowCode.Value(into, value);

    /// <summary>A copy of a key's bytes.</summary>
    public static byte[] KeyBytes(T key)
    {
        var buffer = t_buffer ??= new ArrayBufferWriter<byte>(64);
        buffer.ResetWrittenCount();
        WriteKey(new KeyWriter(buffer), key);
        return buffer.WrittenSpan.ToArray();
    }

    private static Action<TWriter, T> Make<TWriter>()
    {
        var writer = Expression.Parameter(typeof(TWriter), "writer");
        var value = Expression.Parameter(typeof(T), "value");
        var members = Shape.Members(typeof(T));
        var body = typeof(T) == typeof(Everything) ? [Expression.Empty()]
            : members.Count == 0 ? [Column(writer, value)]
            : members.Select(member => Column(writer, Expression.MakeMemberAccess(value, member)));
        return Expression.Lambda<Action<TWriter, T>>(Expression.Block(typeof(void), body), writer, value).Compile();
    }

    private static Expression Column(Expression writer, Expression value)
    {
        var type = value.Type;
        var plain = Nullable.GetUnderlyingType(type);
        if (plain is not null)
        {
            return Expression.IfThenElse(
                Expression.Property(value, "HasValue"),
                Write(writer, Expression.Property(value, "Value")),
                Null(writer));
        }

        return type.IsValueType
            ? Write(writer, value)
            : Expression.IfThenElse(
                Expression.ReferenceEqual(value, Expression.Constant(null)), Null(writer), Write(writer, value));
    }

    private static MethodCallExpression Null(Expression writer) => Expression.Call(writer, "Null", null);

    private static MethodCallExpression Write(Expression writer, Expression value)
    {
        var type = value.Type;
        return Shape.TypeOf(type) switch
        {
            ColumnType.Boolean => Expression.Call(writer, "Boolean", null, value),
            ColumnType.Integer => Expression.Call(writer, "Integer", null, Expression.Convert(value, typeof(long))),
            ColumnType.Double => Expression.Call(writer, "Double", null, Expression.Convert(value, typeof(double))),
            ColumnType.Decimal => Expression.Call(writer, "Decimal", null, Expression.Convert(value, typeof(decimal))),
            ColumnType.Guid => Expression.Call(writer, "Guid", null, value),
            ColumnType.Timestamp => Expression.Call(writer, "Integer", null, Use(nameof(Plain.UtcTicks), value)),
            ColumnType.Duration => Expression.Call(writer, "Integer", null, Expression.Property(value, "Ticks")),
            ColumnType.Bytes => Expression.Call(typeof(Plain), nameof(Plain.Bytes), null, writer, value),
            ColumnType.Text => Expression.Call(writer, "Text", null, type == typeof(string) ? value
                : type.IsEnum || type == typeof(char) || type == typeof(Text16)
                    ? Expression.Call(value, "ToString", null)
                : Use(nameof(Plain.Text), value)),
            _ => Expression.Call(writer, "Text", null, Expression.Call(
                typeof(Plain), nameof(Plain.Json), [type], value)),
        };
    }

    private static MethodCallExpression Use(string method, Expression value) =>
        Expression.Call(typeof(Plain), method, null, value);
}

/// <summary>The plain forms in which values are written.</summary>
internal static class Plain
{
    public static long UtcTicks(DateTimeOffset value) => value.UtcTicks;

    // A DateTime without a zone is taken as UTC: the machine's zone must not change a table (promise P2).
    public static long UtcTicks(DateTime value) =>
        value.Kind == DateTimeKind.Local ? value.ToUniversalTime().Ticks : value.Ticks;

    public static void Bytes(KeyWriter into, byte[] value) => into.Bytes(value);

    public static void Bytes(KeyWriter into, ImmutableArray<byte> value) => into.Bytes(value.AsSpan());

    public static void Bytes(RowWriter into, byte[] value) => into.Bytes(value);

    public static void Bytes(RowWriter into, ImmutableArray<byte> value) => into.Bytes(value.AsSpan());

    public static string Text(DateOnly value) => value.ToString("O", System.Globalization.CultureInfo.InvariantCulture);

    public static string Text(TimeOnly value) => value.ToString("O", System.Globalization.CultureInfo.InvariantCulture);

    public static string Json<T>(T value) => JsonSerializer.Serialize(value, JsonCodec.Options);
}
