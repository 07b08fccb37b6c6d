using System.Text;
using System.Text.Json;
using Kappa.Log;
using Kappa.Streams.Runtime;

namespace Kappa.Testing;

/// <summary>One record of a test, on its way to a topic.</summary>
/// <param name="Topic">The topic.</param>
/// <param name="Value">The bytes of the value; null: the record has none.</param>
public sealed record TestRecord(string Topic, ReadOnlyMemory<byte>? Value)
{
    /// <summary>The record's key; default none.</summary>
    public string? Key { get; init; }

    /// <summary>The partition, 0 to 1 023; default 0.</summary>
    public int Partition { get; init; }

    /// <summary>Its log time; null: its event time, or the next tick where that is in the past (rule L1).</summary>
    public DateTimeOffset? LogTime { get; init; }

    /// <summary>A record that holds an event as JSON; byte arrays are taken as they are.</summary>
    public static TestRecord Of<T>(string topic, T value) => new(
        topic, value as byte[] ?? JsonSerializer.SerializeToUtf8Bytes(value, JsonCodec.Options));

    /// <summary>A record that holds a text as it is: one that cannot be decoded, for example.</summary>
    public static TestRecord OfText(string topic, string text) => new(topic, Encoding.UTF8.GetBytes(text));

    internal NewRecord ToNew() => new(Key is null ? null : Encoding.UTF8.GetBytes(Key), Value);
}
