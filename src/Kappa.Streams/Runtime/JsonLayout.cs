using System.Text;
using System.Text.Json;

namespace Kappa.Streams.Runtime;

/// <summary>
/// How a producer writes an event: the bytes in front of each value, exactly, and which property it is. Most producers
/// write all their events alike, so that names need no searching.
/// </summary>
internal sealed class JsonLayout
{
    private JsonLayout((byte[] Before, int Field)[] values, byte[] end)
    {
        Values = values;
        End = end;
    }

    /// <summary>The values in order: the bytes before each, and its property's index; −1 for one to skip.</summary>
    public (byte[] Before, int Field)[] Values { get; }

    /// <summary>The bytes behind the last value.</summary>
    public byte[] End { get; }

    /// <summary>Equal for layouts that are.</summary>
    public string Key =>
        string.Concat(Values.Select(value => $"{Convert.ToHexString(value.Before)} {value.Field} "))
        + Convert.ToHexString(End);

    /// <summary>
    /// The layout of a text that the serializer accepted; null where it nests, or its names are written with escapes or
    /// twice, or a property that must be there is not.
    /// </summary>
    public static JsonLayout? Of(ReadOnlySpan<byte> text, JsonField[] fields)
    {
        var reader = new Utf8JsonReader(text);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            return null;
        }

        var values = new List<(byte[], int)>();
        var seen = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        var behind = 0;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueIsEscaped || !Ascii.IsValid(reader.ValueSpan))
            {
                return null;
            }

            var name = reader.GetString()!;
            if (!seen.Add(name) || !reader.Read()
                || reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray)
            {
                return null;
            }

            values.Add((
                text[behind..(int)reader.TokenStartIndex].ToArray(),
                Array.FindIndex(fields, field => string.Equals(field.Name, name, StringComparison.OrdinalIgnoreCase))));
            behind = (int)reader.BytesConsumed;
        }

        return Array.Exists(fields, field => field.IsRequired && !seen.Contains(field.Name))
            ? null
            : new JsonLayout([.. values], text[behind..].ToArray());
    }
}
