using System.Collections.Immutable;
using System.Globalization;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;
using Kappa.Log;
using Kappa.Streams.Nodes;
using Kappa.Tables;

namespace Kappa.Streams.Runtime;

/// <summary>How types become columns: a simple type is one column, any other one column per public property, nested ones JSON.</summary>
internal static class Shape
{
    /// <summary>The schema of a table of a node.</summary>
    public static TableSchema Table(Node node, string name, Type key, Type value, bool windowed, TableOptions options)
    {
        Names.Check("table", name);
        var keys = ColumnsOf(key, "key").ToList();
        var values = new List<Column>();
        if (windowed)
        {
            keys.Add(new Column("window_start", ColumnType.Timestamp));
            values.Add(new Column("window_end", ColumnType.Timestamp));
        }

        values.AddRange(ColumnsOf(value, "value"));
        if (windowed)
        {
            values.Add(new Column("is_final", ColumnType.Boolean));
        }

        var twice = keys.Concat(values).GroupBy(column => column.Name).FirstOrDefault(group => group.Count() > 1);
        if (twice is not null)
        {
            throw node.Flow.Wrong(
                $"table '{name}' of {node.Label} would have two columns '{twice.Key}'.",
                $"Rename that property of {key.Name} or of {value.Name}.");
        }

        var known = keys.Concat(values).Select(column => column.Name).ToHashSet();
        if (options.Indexes.SelectMany(index => index.Columns).FirstOrDefault(column => !known.Contains(column)) is { } unknown)
        {
            throw node.Flow.Wrong(
                $"table '{name}' has no column '{unknown}' to index.", $"Its columns are {string.Join(", ", known)}.");
        }

        return new TableSchema(name, keys, values) { Indexes = options.Indexes, Description = options.Description };
    }

    /// <summary>Refuses types that cannot be keys.</summary>
    public static void CheckKey(Node node, Type key)
    {
        var nested = ColumnsOf(key, "key").FirstOrDefault(column => column.Type == ColumnType.Json);
        if (nested is not null)
        {
            throw node.Flow.Wrong(
                $"the key of {node.Label} has '{nested.Name}', which is neither a number, text, time, GUID nor enum.",
                "Use a simple type, or a record of simple types, as the key.");
        }
    }

    /// <summary>A key as text, for late and dead records.</summary>
    public static string KeyText<TKey>(TKey key)
        where TKey : notnull => key as string ?? JsonSerializer.Serialize(key, JsonCodec.Options);

    /// <summary>One canonical text of a schema, for fingerprints.</summary>
    public static string Describe(TableSchema schema) => string.Create(
        CultureInfo.InvariantCulture,
        $"{schema.Name}({string.Join(",", schema.Key.Select(Text))}|{string.Join(",", schema.Values.Select(Text))})")
        + string.Concat(schema.Indexes.Select(index => " index(" + string.Join(",", index.Columns) + ")"));

    /// <summary>The members that become columns, in order of declaration; none for a simple type.</summary>
    public static IReadOnlyList<MemberInfo> Members(Type type)
    {
        if (TypeOf(type) != ColumnType.Json)
        {
            return [];
        }

        if (type.IsGenericType && type.FullName!.StartsWith("System.ValueTuple`", StringComparison.Ordinal))
        {
            return type.GetFields(BindingFlags.Public | BindingFlags.Instance);
        }

        return [.. type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(property => property.CanRead && property.GetIndexParameters().Length == 0
                && property.GetCustomAttribute<JsonIgnoreAttribute>() is null)
            .OrderBy(property => property.MetadataToken)];
    }

    public static Type TypeOf(MemberInfo member) =>
        member is PropertyInfo property ? property.PropertyType : ((FieldInfo)member).FieldType;

    public static ColumnType TypeOf(Type type)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (type.IsEnum || type == typeof(string) || type == typeof(char) || type == typeof(DateOnly) || type == typeof(TimeOnly))
        {
            return ColumnType.Text;
        }

        return type switch
        {
            _ when type == typeof(bool) => ColumnType.Boolean,
            _ when type == typeof(sbyte) || type == typeof(short) || type == typeof(int) || type == typeof(long)
                || type == typeof(byte) || type == typeof(ushort) || type == typeof(uint) => ColumnType.Integer,
            _ when type == typeof(float) || type == typeof(double) => ColumnType.Double,
            _ when type == typeof(decimal) || type == typeof(ulong) => ColumnType.Decimal,
            _ when type == typeof(DateTimeOffset) || type == typeof(DateTime) => ColumnType.Timestamp,
            _ when type == typeof(TimeSpan) => ColumnType.Duration,
            _ when type == typeof(Guid) => ColumnType.Guid,
            _ when type == typeof(byte[]) || type == typeof(ImmutableArray<byte>) => ColumnType.Bytes,
            _ => ColumnType.Json,
        };
    }

    private static IEnumerable<Column> ColumnsOf(Type type, string single)
    {
        var members = Members(type);
        return members.Count == 0
            ? [new Column(single, TypeOf(type))]
            : members.Select(member => new Column(JsonNamingPolicy.SnakeCaseLower.ConvertName(member.Name), TypeOf(TypeOf(member))));
    }

    private static string Text(Column column) => column.Name + ":" + column.Type;
}
