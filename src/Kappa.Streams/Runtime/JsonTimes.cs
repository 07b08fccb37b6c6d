using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Kappa.Streams.Runtime;

/// <summary>
/// Times in JSON without the time zone of the machine, which would make a table another one elsewhere (promise P2). The
/// library reads a time without an offset as one of the local zone, and a DateTime with an offset into that zone.
/// </summary>
internal static class JsonTimes
{
    /// <summary>An instant, so its offset is part of it.</summary>
    public sealed class Instants : JsonConverter<DateTimeOffset>
    {
        public override DateTimeOffset Read(
            ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            HasOffset(in reader)
                ? reader.GetDateTimeOffset()
                : throw new JsonException(
                    $"The time '{reader.GetString()}' has no offset from UTC; write Z or an offset such as +01:00.");

        public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) =>
            writer.WriteStringValue(value);

        public override DateTimeOffset ReadAsPropertyName(
            ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            DateTimeOffset.Parse(
                reader.GetString()!, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);

        public override void WriteAsPropertyName(
            Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) =>
            writer.WritePropertyName(value.ToString("O", CultureInfo.InvariantCulture));
    }

    /// <summary>A time of the clock as it is written; one with an offset is an instant, and becomes UTC.</summary>
    public sealed class Clocks : JsonConverter<DateTime>
    {
        public override DateTime Read(
            ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            HasOffset(in reader) ? reader.GetDateTimeOffset().UtcDateTime : reader.GetDateTime();

        public override void Write(Utf8JsonWriter writer, DateTime value, JsonSerializerOptions options) =>
            writer.WriteStringValue(value.Kind == DateTimeKind.Local ? value.ToUniversalTime() : value);
    }

    /// <summary>Whether Z, + or − stands behind the T. What is no text is left to the reader to refuse.</summary>
    private static bool HasOffset(in Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.String)
        {
            return true;
        }

        var text = reader.HasValueSequence || reader.ValueIsEscaped
            ? Encoding.UTF8.GetBytes(reader.GetString()!)
            : reader.ValueSpan;
        var clock = text.IndexOf((byte)'T');
        return clock >= 0 && text[clock..].IndexOfAny((byte)'Z', (byte)'+', (byte)'-') >= 0;
    }
}
