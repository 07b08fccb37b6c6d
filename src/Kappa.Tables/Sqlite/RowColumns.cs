using System.Buffers;
using System.Buffers.Binary;
using System.Buffers.Text;
using System.Globalization;
using Kappa.Log;
using SQLitePCL;

namespace Kappa.Tables.Sqlite;

/// <summary>
/// Row bytes to typed columns of SQLite and back, without loss (docs/formats/rows.md): timestamps as ISO text,
/// durations as ticks, decimals and GUIDs as text, NaN as the text 'NaN' because SQLite would make NULL of it.
/// </summary>
internal static class RowColumns
{
    /// <summary>Binds value columns from row bytes; the first one has the given parameter number.</summary>
    public static void Bind(Statement statement, int parameter, IReadOnlyList<Column> columns, ReadOnlySpan<byte> row)
    {
        var at = 0;
        for (var i = 0; i < columns.Count; i++, parameter++)
        {
            if (row[at++] == 0)
            {
                statement.Null(parameter);
                continue;
            }

            switch (columns[i].Type)
            {
                case ColumnType.Text or ColumnType.Json:
                    statement.Text(parameter, Sized(row, ref at));
                    break;
                case ColumnType.Bytes:
                    statement.Blob(parameter, Sized(row, ref at));
                    break;
                case ColumnType.Boolean:
                    statement.Integer(parameter, row[at++]);
                    break;
                case ColumnType.Guid:
                    Bind(statement, parameter, new Guid(Next(row, ref at, 16), bigEndian: true));
                    break;
                case ColumnType.Decimal:
                    Bind(statement, parameter, Decimal(Next(row, ref at, 16)));
                    break;
                case ColumnType.Double:
                    Bind(statement, parameter, BinaryPrimitives.ReadDoubleLittleEndian(Next(row, ref at, 8)));
                    break;
                default:
                    BindWhole(statement, parameter, columns[i].Type,
                        BinaryPrimitives.ReadInt64LittleEndian(Next(row, ref at, 8)));
                    break;
            }
        }
    }

    /// <summary>Binds a value as its column stores it; texts may stand for any type that is stored as text.</summary>
    public static void Bind(Statement statement, int parameter, object? value)
    {
        switch (value)
        {
            case null:
                statement.Null(parameter);
                break;
            case bool flag:
                statement.Integer(parameter, flag ? 1 : 0);
                break;
            case long or int or short or byte or uint or ushort or sbyte:
                statement.Integer(parameter, Convert.ToInt64(value, CultureInfo.InvariantCulture));
                break;
            case double or float:
                Bind(statement, parameter, Convert.ToDouble(value, CultureInfo.InvariantCulture));
                break;
            case decimal number:
                Bind(statement, parameter, number);
                break;
            case Guid id:
                Bind(statement, parameter, id);
                break;
            case DateTimeOffset time:
                BindWhole(statement, parameter, ColumnType.Timestamp, time.UtcTicks);
                break;
            case TimeSpan length:
                statement.Integer(parameter, length.Ticks);
                break;
            case byte[] bytes:
                statement.Blob(parameter, bytes);
                break;
            case string text:
                statement.Text(parameter, text);
                break;
            default:
                throw new KappaException(
                    ErrorKind.Invalid, $"A value of type {value.GetType().Name} cannot be compared with a column.",
                    "Give null, a boolean, a number, a text, a time, a duration, a GUID or bytes.");
        }
    }

    /// <summary>Writes row bytes from value columns; the first one has the given column number.</summary>
    public static void Read(Statement statement, int column, IReadOnlyList<Column> columns, IBufferWriter<byte> into)
    {
        var row = new RowWriter(into);
        for (var i = 0; i < columns.Count; i++, column++)
        {
            if (statement.Type(column) == raw.SQLITE_NULL)
            {
                row.Null();
                continue;
            }

            switch (columns[i].Type)
            {
                case ColumnType.Text or ColumnType.Json or ColumnType.Bytes:
                    row.Bytes(statement.Bytes(column));
                    break;
                case ColumnType.Boolean:
                    row.Boolean(statement.Integer(column) != 0);
                    break;
                case ColumnType.Guid:
                    row.Guid(Utf8Parser.TryParse(statement.Bytes(column), out Guid id, out _) ? id
                        : throw Damaged(columns[i]));
                    break;
                case ColumnType.Decimal:
                    row.Decimal(decimal.Parse(
                        statement.Text(column), NumberStyles.Number, CultureInfo.InvariantCulture));
                    break;
                case ColumnType.Double:
                    row.Double(statement.Type(column) == raw.SQLITE_TEXT ? double.NaN : statement.Double(column));
                    break;
                case ColumnType.Timestamp:
                    row.Integer(Utf8Parser.TryParse(statement.Bytes(column), out DateTime time, out _, 'O')
                        ? time.Ticks : throw Damaged(columns[i]));
                    break;
                default:
                    row.Integer(statement.Integer(column));
                    break;
            }
        }
    }

    private static void Bind(Statement statement, int parameter, double value)
    {
        if (double.IsNaN(value))
        {
            statement.Text(parameter, "NaN"u8);
        }
        else
        {
            statement.Double(parameter, value);
        }
    }

    private static void Bind(Statement statement, int parameter, decimal value)
    {
        Span<byte> text = stackalloc byte[64];
        value.TryFormat(text, out var length, default, CultureInfo.InvariantCulture);
        statement.Text(parameter, text[..length]);
    }

    private static void Bind(Statement statement, int parameter, Guid value)
    {
        Span<byte> text = stackalloc byte[36];
        value.TryFormat(text, out var length);
        statement.Text(parameter, text[..length]);
    }

    private static void BindWhole(Statement statement, int parameter, ColumnType type, long value)
    {
        if (type != ColumnType.Timestamp)
        {
            statement.Integer(parameter, value);
            return;
        }

        Span<byte> text = stackalloc byte[40];
        new DateTime(value, DateTimeKind.Utc).TryFormat(text, out var length, "O", CultureInfo.InvariantCulture);
        statement.Text(parameter, text[..length]);
    }

    private static decimal Decimal(ReadOnlySpan<byte> parts) => new([
        BinaryPrimitives.ReadInt32LittleEndian(parts), BinaryPrimitives.ReadInt32LittleEndian(parts[4..]),
        BinaryPrimitives.ReadInt32LittleEndian(parts[8..]), BinaryPrimitives.ReadInt32LittleEndian(parts[12..])]);

    private static ReadOnlySpan<byte> Sized(ReadOnlySpan<byte> row, ref int at) =>
        Next(row, ref at, BinaryPrimitives.ReadInt32LittleEndian(Next(row, ref at, 4)));

    private static ReadOnlySpan<byte> Next(ReadOnlySpan<byte> bytes, ref int at, int length)
    {
        var next = bytes.Slice(at, length);
        at += length;
        return next;
    }

    private static KappaException Damaged(Column column) => new(
        ErrorKind.Corrupt, $"The column '{column.Name}' holds what no {column.Type} is.",
        "Drop this version and reprocess the job: the log still holds everything.");
}
