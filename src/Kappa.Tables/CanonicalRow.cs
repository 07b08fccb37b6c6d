using System.Buffers;
using System.Globalization;
using System.Text;

namespace Kappa.Tables;

/// <summary>
/// Rows and values as canonical JSON (docs/formats/export.md): one encoding per type, no culture, no spaces.
/// </summary>
public static class CanonicalRow
{
    /// <summary>Writes the header line.</summary>
    public static void Header(TableSchema schema, IBufferWriter<byte> into)
    {
        into.Write("{\"table\":"u8);
        Text(schema.Name, into);
        into.Write(",\"key\":"u8);
        Columns(schema.Key, into);
        into.Write(",\"values\":"u8);
        Columns(schema.Values, into);
        into.Write("}\n"u8);
    }

    /// <summary>Writes a row as one line: an array of its key columns, then its value columns.</summary>
    public static void Write(TableSchema schema, TableRow row, IBufferWriter<byte> into)
    {
        into.Write("["u8);
        var values = RowReader.ReadAll(schema, row);
        for (var i = 0; i < values.Length; i++)
        {
            if (i > 0)
            {
                into.Write(","u8);
            }

            Value(values[i], into);
        }

        into.Write("]\n"u8);
    }

    /// <summary>The name of a type in header lines.</summary>
    public static string NameOf(ColumnType type) => type switch
    {
        ColumnType.Boolean => "boolean",
        ColumnType.Integer => "integer",
        ColumnType.Double => "double",
        ColumnType.Decimal => "decimal",
        ColumnType.Text => "text",
        ColumnType.Timestamp => "timestamp",
        ColumnType.Duration => "duration",
        ColumnType.Guid => "guid",
        ColumnType.Bytes => "bytes",
        _ => "json",
    };

    /// <summary>Writes one value as <see cref="RowReader"/> gives it.</summary>
    public static void Value(object? value, IBufferWriter<byte> into)
    {
        switch (value)
        {
            case null:
                into.Write("null"u8);
                break;
            case bool flag:
                into.Write(flag ? "true"u8 : "false"u8);
                break;
            case long number:
                Plain(number, into);
                break;
            case TimeSpan length:
                Plain(length.Ticks, into);
                break;
            case double number when double.IsFinite(number):
                Plain(RowWriter.Normal(number), into);
                break;
            case double number:
                Text(double.IsNaN(number) ? "NaN" : number > 0 ? "Infinity" : "-Infinity", into);
                break;
            case decimal number:
                Text(number.ToString(CultureInfo.InvariantCulture), into);
                break;
            case DateTimeOffset time:
                Text(time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff'Z'", CultureInfo.InvariantCulture), into);
                break;
            case Guid id:
                Text(id.ToString("D"), into);
                break;
            case byte[] bytes:
                Text(Convert.ToBase64String(bytes), into);
                break;
            default:
                Text((string)value, into);
                break;
        }
    }

    private static void Plain<T>(T number, IBufferWriter<byte> into)
        where T : IUtf8SpanFormattable
    {
        number.TryFormat(into.GetSpan(40), out var length, default, CultureInfo.InvariantCulture);
        into.Advance(length);
    }

    private static void Columns(IReadOnlyList<Column> columns, IBufferWriter<byte> into)
    {
        into.Write("["u8);
        for (var i = 0; i < columns.Count; i++)
        {
            into.Write(i > 0 ? ",{\"name\":"u8 : "{\"name\":"u8);
            Text(columns[i].Name, into);
            into.Write(",\"type\":"u8);
            Text(NameOf(columns[i].Type), into);
            into.Write("}"u8);
        }

        into.Write("]"u8);
    }

    /// <summary>
    /// JSON text with the escapes of RFC 8785: quote, backslash and control characters, nothing else.
    /// </summary>
    private static void Text(string value, IBufferWriter<byte> into)
    {
        into.Write("\""u8);
        var from = 0;
        for (var i = 0; i < value.Length; i++)
        {
            if (value[i] is >= ' ' and not '"' and not '\\')
            {
                continue;
            }

            Encoding.UTF8.GetBytes(value.AsSpan(from, i - from), into);
            from = i + 1;
            var escape = value[i] switch
            {
                '"' => "\\\"",
                '\\' => "\\\\",
                '\b' => "\\b",
                '\t' => "\\t",
                '\n' => "\\n",
                '\f' => "\\f",
                '\r' => "\\r",
                _ => "\\u" + ((int)value[i]).ToString("x4", CultureInfo.InvariantCulture),
            };
            Encoding.UTF8.GetBytes(escape, into);
        }

        Encoding.UTF8.GetBytes(value.AsSpan(from), into);
        into.Write("\""u8);
    }
}
