using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Unicode;
using Kappa.Log;

namespace Kappa.Server.Http;

/// <summary>
/// Writes records as lines of JSON. A key that is UTF-8 is text, else <c>keyBase64</c>; a value that is JSON stands as it
/// is, else as <c>valueBase64</c>; a record without a value has neither, one whose value was erased has <c>erased</c>.
/// </summary>
internal sealed class RecordWriter(IBufferWriter<byte> into) : IDisposable
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private readonly Utf8JsonWriter _json = new(into, Options);

    /// <inheritdoc/>
    public void Dispose() => _json.Dispose();

    /// <summary>Writes a record and its line's end.</summary>
    public void Write(int partition, in Record record)
    {
        _json.Reset(into);
        _json.WriteStartObject();
        _json.WriteString("place"u8, record.Place.ToString());
        _json.WriteNumber("partition"u8, partition);
        _json.WriteNumber("offset"u8, record.Offset);
        if (record.HasKey)
        {
            WriteText("key"u8, "keyBase64"u8, record.Key);
        }

        if (record.IsErased)
        {
            _json.WriteBoolean("erased"u8, true);
        }
        else if (record.HasValue)
        {
            WriteValue(record.Value);
        }

        if (record.HeaderCount > 0)
        {
            _json.WriteStartArray("headers"u8);
            foreach (var header in record.ReadHeaders())
            {
                _json.WriteStartObject();
                _json.WriteString("name"u8, header.Key);
                WriteText("value"u8, "valueBase64"u8, header.Value);
                _json.WriteEndObject();
            }

            _json.WriteEndArray();
        }

        _json.WriteEndObject();
        _json.Flush();
        into.Write("\n"u8);
    }

    private void WriteText(ReadOnlySpan<byte> name, ReadOnlySpan<byte> otherName, ReadOnlySpan<byte> bytes)
    {
        if (Utf8.IsValid(bytes))
        {
            _json.WriteString(name, bytes);
        }
        else
        {
            _json.WriteBase64String(otherName, bytes);
        }
    }

    private void WriteValue(ReadOnlySpan<byte> value)
    {
        if (!IsJson(value))
        {
            _json.WriteBase64String("valueBase64"u8, value);
            return;
        }

        _json.WritePropertyName("value"u8);
        if (value.IndexOfAny((byte)'\n', (byte)'\r') < 0)
        {
            _json.WriteRawValue(value, skipInputValidation: true);
            return;
        }

        // A value written over several lines would break the lines of the answer.
        using var document = JsonDocument.Parse(value.ToArray());
        document.RootElement.WriteTo(_json);
    }

    private static bool IsJson(ReadOnlySpan<byte> value)
    {
        if (!Utf8.IsValid(value))
        {
            return false;
        }

        try
        {
            var reader = new Utf8JsonReader(value);
            while (reader.Read())
            {
            }

            return reader.BytesConsumed > 0;
        }
        catch (JsonException)
        {
            // The log keeps bytes as they came; not being JSON is no error here.
            return false;
        }
    }
}
