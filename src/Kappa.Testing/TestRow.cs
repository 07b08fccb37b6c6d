using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Kappa.Log;
using Kappa.Tables;

namespace Kappa.Testing;

/// <summary>
/// A row of a table, with its columns by name. Values are bool, long, double, decimal, string (text and JSON),
/// <see cref="DateTimeOffset"/>, <see cref="TimeSpan"/>, <see cref="Guid"/>, byte[], or null.
/// </summary>
public sealed class TestRow
{
    private static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        PropertyNameCaseInsensitive = true,
        RespectNullableAnnotations = true,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals | JsonNumberHandling.AllowReadingFromString,
        Converters = { new JsonStringEnumConverter() },
    };

    private readonly TableSchema _schema;
    private readonly TableRow _row;
    private readonly object?[] _values;

    internal TestRow(TableSchema schema, TableRow row)
    {
        _schema = schema;
        _row = row;
        _values = RowReader.ReadAll(schema, row);
    }

    /// <summary>The names of its columns, key columns first.</summary>
    public IReadOnlyList<string> Columns => [.. _schema.Columns.Select(column => column.Name)];

    /// <summary>The value of a column.</summary>
    /// <exception cref="KappaException">The table has no such column.</exception>
    public object? this[string column]
    {
        get
        {
            var index = _schema.Columns.ToList().FindIndex(known => known.Name == column);
            return index >= 0
                ? _values[index]
                : throw new KappaException(
                    ErrorKind.NotFound, $"'{_schema.Name}' has no column '{column}'.",
                    $"Its columns are {string.Join(", ", Columns)}.");
        }
    }

    /// <summary>The row as a value: its columns by name, in snake_case or as they are.</summary>
    /// <exception cref="KappaException">A column does not fit the property of its name.</exception>
    public T As<T>()
    {
        var bytes = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(bytes))
        {
            json.WriteStartObject();
            foreach (var (column, value) in _schema.Columns.Zip(_values))
            {
                json.WritePropertyName(column.Name);
                Write(json, column, value);
            }

            json.WriteEndObject();
        }

        try
        {
            return JsonSerializer.Deserialize<T>(bytes.WrittenSpan, Options)!;
        }
        catch (JsonException wrong)
        {
            throw new KappaException(
                ErrorKind.Invalid, $"A row of '{_schema.Name}' is no {typeof(T).Name}: {wrong.Message}",
                $"The row is {Encoding.UTF8.GetString(bytes.WrittenSpan)}: give the type these properties.", wrong);
        }
    }

    /// <summary>The row as the canonical export writes it: a JSON array, key columns first.</summary>
    public override string ToString()
    {
        var bytes = new ArrayBufferWriter<byte>();
        CanonicalRow.Write(_schema, _row, bytes);
        return Encoding.UTF8.GetString(bytes.WrittenSpan).TrimEnd('\n');
    }

    internal static string TextOf(object? value)
    {
        var bytes = new ArrayBufferWriter<byte>();
        CanonicalRow.Value(value, bytes);
        return Encoding.UTF8.GetString(bytes.WrittenSpan);
    }

    private static void Write(Utf8JsonWriter json, Column column, object? value)
    {
        switch (value)
        {
            case null:
                json.WriteNullValue();
                break;
            case string text when column.Type == ColumnType.Json:
                json.WriteRawValue(text);
                break;
            case decimal number:
                json.WriteNumberValue(number);
                break;
            case TimeSpan length:
                json.WriteStringValue(length.ToString("c", CultureInfo.InvariantCulture));
                break;
            default:
                json.WriteRawValue(TextOf(value));
                break;
        }
    }
}
