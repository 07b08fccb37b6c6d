using System.Text;
using System.Text.Json;

namespace Kappa.Streams.Runtime;

/// <summary>Keys and values of outputs as bytes: what a job that reads the topic, or a person, can read.</summary>
internal static class OutputBytes
{
    /// <summary>The largest record said, key and value; a larger one is a dead letter (rule O6).</summary>
    public const int BytesMax = 1_000_000;

    /// <summary>Text as it is, and what JSON writes as text; everything else as JSON.</summary>
    public static byte[] OfKey<TKey>(TKey key)
        where TKey : notnull
    {
        if (key is string text)
        {
            return Encoding.UTF8.GetBytes(text);
        }

        var json = JsonSerializer.SerializeToUtf8Bytes(key, JsonCodec.Options);
        return json[0] == '"' ? Encoding.UTF8.GetBytes(JsonSerializer.Deserialize<string>(json)!) : json;
    }

    /// <summary>JSON; bytes as they are.</summary>
    public static byte[] OfValue<T>(T value) => value switch
    {
        null => throw new InvalidOperationException("The value of an output is null."),
        byte[] bytes => bytes,
        _ => JsonSerializer.SerializeToUtf8Bytes(value, JsonCodec.Options),
    };
}
