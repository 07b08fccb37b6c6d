using System.Buffers;
using System.Text.Json;

namespace Kappa.Log;

/// <summary>What a record of the clock topic says (rule L5).</summary>
public enum ClockKind
{
    /// <summary>Log time passed.</summary>
    Tick,

    /// <summary>
    /// The log opened, or time leapt: nothing was stamped for longer than the clock's interval before this.
    /// </summary>
    Opened,

    /// <summary>A topic is complete (rule L6).</summary>
    Complete,
}

/// <summary>
/// A record of the topic <c>_kappa.clock</c>: keyless JSON such as <c>{"kind":"complete","topic":"orders"}</c>.
/// </summary>
/// <param name="Kind">What it says.</param>
/// <param name="Topic">The topic it names, for <see cref="ClockKind.Complete"/>.</param>
public readonly record struct ClockRecord(ClockKind Kind, string? Topic = null)
{
    /// <summary>The record's value.</summary>
    public byte[] ToBytes()
    {
        var into = new ArrayBufferWriter<byte>(64);
        using (var json = new Utf8JsonWriter(into))
        {
            json.WriteStartObject();
            json.WriteString("kind", Kind switch
            {
                ClockKind.Tick => "tick",
                ClockKind.Opened => "opened",
                _ => "complete",
            });
            if (Topic is not null)
            {
                json.WriteString("topic", Topic);
            }

            json.WriteEndObject();
        }

        return into.WrittenSpan.ToArray();
    }

    /// <summary>Reads a record's value.</summary>
    /// <exception cref="KappaException">It is no record of the clock.</exception>
    public static ClockRecord Parse(ReadOnlySpan<byte> value)
    {
        try
        {
            var json = new Utf8JsonReader(value);
            using var document = JsonDocument.ParseValue(ref json);
            var topic = document.RootElement.TryGetProperty("topic", out var named) ? named.GetString() : null;
            return document.RootElement.GetProperty("kind").GetString() switch
            {
                "tick" => new ClockRecord(ClockKind.Tick),
                "opened" => new ClockRecord(ClockKind.Opened),
                "complete" when topic is not null => new ClockRecord(ClockKind.Complete, topic),
                var other => throw Unreadable($"its kind is '{other}'", null),
            };
        }
        catch (Exception wrong) when (wrong is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw Unreadable(wrong.Message, wrong);
        }
    }

    private static KappaException Unreadable(string why, Exception? inner) => new(
        ErrorKind.Corrupt,
        $"A record of the clock cannot be read: {why}",
        "Use the Kappa version that wrote this log, or a newer one.",
        inner);
}
