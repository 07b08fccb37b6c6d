using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Kappa.Log;

namespace Kappa.Tables.Loop;

/// <summary>
/// Journal records as JSON and back (docs/formats/journal.md): the kind first, places and versions in their text form.
/// What this program does not know is refused, never skipped.
/// </summary>
public static class JournalCodec
{
    private static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        AllowDuplicateProperties = false,
        Converters =
        {
            new PlaceJson(), new JobVersionJson(),
                new JsonStringEnumConverter(JsonNamingPolicy.CamelCase, allowIntegerValues: false),
        },
    };

    /// <summary>The bytes of a record: UTF-8 JSON on one line.</summary>
    public static byte[] Encode(JournalRecord record) => JsonSerializer.SerializeToUtf8Bytes(record, Options);

    /// <summary>The record in these bytes.</summary>
    /// <exception cref="KappaException">
    /// Corrupt: the kind or a member is unknown, or the bytes are no record.
    /// </exception>
    public static JournalRecord Decode(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return JsonSerializer.Deserialize<JournalRecord>(bytes, Options) ?? throw new JsonException("null");
        }
        catch (Exception error) when (error is JsonException or NotSupportedException or KappaException)
        {
            var text = System.Text.Encoding.UTF8.GetString(bytes[..Math.Min(bytes.Length, 200)]);
            throw new KappaException(
                ErrorKind.Corrupt, $"The journal holds a record this program cannot read: {text}",
                "Upgrade Kappa to the release that wrote it; if it did, run 'kappa verify'.", error);
        }
    }
}

/// <summary>A place as its text form.</summary>
public sealed class PlaceJson : JsonConverter<Place>
{
    /// <inheritdoc/>
    public override Place Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.String && Place.TryParse(reader.GetString(), out var place)
            ? place : throw new JsonException("A place is written as 2026-11-23T04:05:06.1234567Z/3.");

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, Place value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.ToString());
}

/// <summary>A version as its text form.</summary>
public sealed class JobVersionJson : JsonConverter<JobVersion>
{
    /// <inheritdoc/>
    public override JobVersion Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.String
            ? JobVersion.Parse(reader.GetString()!) : throw new JsonException("A version is written as orders@2.");

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, JobVersion value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.ToString());
}
