using System.Buffers;
using System.Globalization;
using Kappa.Log;

namespace Kappa.Tables;

/// <summary>Makes key bytes and column values of what a reader writes.</summary>
public static class RowKey
{
    /// <summary>The key bytes of values for all key columns, in order; texts are read as the column's type.</summary>
    /// <exception cref="KappaException">Another number of values, or one that is none of its column's type.</exception>
    public static byte[] Of(TableSchema schema, IReadOnlyList<object?> values)
    {
        if (values.Count != schema.Key.Count)
        {
            throw new KappaException(
                ErrorKind.Invalid, $"The key of '{schema.Name}' has {schema.Key.Count} columns, not {values.Count}.",
                $"Give {string.Join(", ", schema.Key.Select(c => c.Name))}, in this order.");
        }

        var bytes = new ArrayBufferWriter<byte>();
        var key = new KeyWriter(bytes);
        for (var i = 0; i < values.Count; i++)
        {
            Write(key, Read(schema.Key[i], values[i]));
        }

        return bytes.WrittenSpan.ToArray();
    }

    /// <summary>
    /// A value of a column: one of its own type stays, a text is read in the canonical export's form; a duration also
    /// in .NET's constant form, a timestamp in any form of ISO 8601.
    /// </summary>
    /// <exception cref="KappaException">The value is none of the column's type.</exception>
    public static object? Read(Column column, object? value)
    {
        var culture = CultureInfo.InvariantCulture;
        return (column.Type, value) switch
        {
            (_, null) => null,
            (ColumnType.Boolean, bool) or (ColumnType.Integer, long) or (ColumnType.Double, double)
                or (ColumnType.Decimal, decimal) or (ColumnType.Text or ColumnType.Json, string)
                or (ColumnType.Timestamp, DateTimeOffset) or (ColumnType.Duration, TimeSpan) or (ColumnType.Guid, Guid)
                or (ColumnType.Bytes, byte[]) => value,
            (ColumnType.Integer, int number) => (long)number,
            (ColumnType.Double, int or long) => Convert.ToDouble(value, culture),
            (ColumnType.Decimal, int or long) => Convert.ToDecimal(value, culture),
            (ColumnType.Boolean, string text) when bool.TryParse(text, out var flag) => flag,
            (ColumnType.Integer, string text)
                when long.TryParse(text, NumberStyles.AllowLeadingSign, culture, out var number) => number,
            (ColumnType.Double, string text) when double.TryParse(text, NumberStyles.Float, culture, out var number) =>
                number,
            (ColumnType.Decimal, string text)
                when decimal.TryParse(text, NumberStyles.Number, culture, out var number) => number,
            (ColumnType.Timestamp, string text)
                when DateTimeOffset.TryParse(text, culture, DateTimeStyles.AssumeUniversal, out var time) =>
                time.ToUniversalTime(),
            (ColumnType.Duration, string text)
                when long.TryParse(text, NumberStyles.AllowLeadingSign, culture, out var ticks) => new TimeSpan(ticks),
            (ColumnType.Duration, string text) when TimeSpan.TryParseExact(text, "c", culture, out var length) =>
                length,
            (ColumnType.Guid, string text) when Guid.TryParse(text, out var id) => id,
            (ColumnType.Bytes, string text) when FromBase64(text) is { } bytes => bytes,
            _ => throw new KappaException(
                ErrorKind.Invalid,
                $"'{value}' is no value of the column '{column.Name}', which holds {CanonicalRow.NameOf(column.Type)}.",
                "Write it as the table's export does."),
        };
    }

    private static byte[]? FromBase64(string text)
    {
        var bytes = new byte[text.Length];
        return Convert.TryFromBase64String(text, bytes, out var length) ? bytes[..length] : null;
    }

    private static void Write(KeyWriter key, object? value)
    {
        switch (value)
        {
            case null:
                key.Null();
                break;
            case bool flag:
                key.Boolean(flag);
                break;
            case long number:
                key.Integer(number);
                break;
            case DateTimeOffset time:
                key.Integer(time.UtcTicks);
                break;
            case TimeSpan length:
                key.Integer(length.Ticks);
                break;
            case double number:
                key.Double(number);
                break;
            case decimal number:
                key.Decimal(number);
                break;
            case string text:
                key.Text(text);
                break;
            case Guid id:
                key.Guid(id);
                break;
            default:
                key.Bytes((byte[])value);
                break;
        }
    }
}
