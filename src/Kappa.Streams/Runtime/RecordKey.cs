using System.Text;
using System.Text.Json;
using Kappa.Tables;

namespace Kappa.Streams.Runtime;

/// <summary>
/// Reads the key of a record, as outputs write it (docs/formats/derived.md) and as producers send it: text as it is,
/// what JSON writes as text without the quotes, everything else as JSON.
/// </summary>
internal static class RecordKey<TKey>
    where TKey : notnull
{
    private static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);

    // A simple type of these kinds stands in JSON in quotes, and in a key without.
    private static readonly bool IsQuoted = Shape.Members(typeof(TKey)).Count == 0
        && Shape.TypeOf(typeof(TKey)) is ColumnType.Text or ColumnType.Timestamp or ColumnType.Duration
            or ColumnType.Guid;

    /// <summary>The key that these bytes are.</summary>
    /// <exception cref="InvalidDataException">They are no key of this type.</exception>
    public static TKey Read(ReadOnlySpan<byte> bytes)
    {
        try
        {
            if (typeof(TKey) == typeof(string))
            {
                return (TKey)(object)Strict.GetString(bytes);
            }

            return (IsQuoted
                ? JsonSerializer.Deserialize<TKey>(
                    JsonSerializer.SerializeToUtf8Bytes(Strict.GetString(bytes)), JsonCodec.Options)
                : JsonSerializer.Deserialize<TKey>(bytes, JsonCodec.Options))
                ?? throw new InvalidDataException("The record's key is null.");
        }
        catch (Exception error) when (error is JsonException or DecoderFallbackException or FormatException)
        {
            throw new InvalidDataException($"The record's key is no {typeof(TKey).Name}: {error.Message}", error);
        }
    }
}
