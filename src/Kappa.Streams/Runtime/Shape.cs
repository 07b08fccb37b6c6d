using System.Collections.Immutable;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;
using Kappa.Tables;

namespace Kappa.Streams.Runtime;

/// <summary>
/// How types become columns: a simple type is one column, any other one column per public property, nested ones JSON.
/// </summary>
internal static class Shape
{
    /// <summary>A key as text, for late and dead records.</summary>
    public static string KeyText<TKey>(TKey key)
        where TKey : notnull => key switch
        {
            string text => text,
            Text16 text => text.ToString(),
            Everything everything => everything.ToString(),
            _ => JsonSerializer.Serialize(key, JsonCodec.Options),
        };

    /// <summary>The members that become columns, in order of declaration; none for a simple type.</summary>
    public static IReadOnlyList<MemberInfo> Members(Type type)
    {
        // A collection is one column of JSON: what it holds, and not how many it is.
        if (TypeOf(type) != ColumnType.Json || typeof(System.Collections.IEnumerable).IsAssignableFrom(type))
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
        if (type.IsEnum || type == typeof(string) || type == typeof(char) || type == typeof(DateOnly)
            || type == typeof(TimeOnly) || type == typeof(Text16))
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

    /// <summary>The columns of a type; a simple type is one column of the given name.</summary>
    public static IEnumerable<Column> ColumnsOf(Type type, string single)
    {
        if (type == typeof(Everything))
        {
            return [];
        }

        var members = Members(type);
        return members.Count == 0
            ? [new Column(single, TypeOf(type))]
            : members.Select(member => new Column(
                JsonNamingPolicy.SnakeCaseLower.ConvertName(member.Name), TypeOf(TypeOf(member))));
    }
}
