using System.Text.Json;
using Kappa.Log;

namespace Kappa.Streams.Tests.Windows;

/// <summary>Sequences written by hand: a record in a batch each, a day after the events.</summary>
internal static class Fixed
{
    /// <summary>Readings of one device "a", numbered from 0.</summary>
    public static Sequence Of(params DateTimeOffset[] times) => Of([.. times.Select(time => ("a", time))]);

    /// <summary>Readings, numbered from 0.</summary>
    public static Sequence Of(params (string Device, DateTimeOffset At)[] readings) =>
        Of(false, [.. readings.Select((reading, seq) => new Reading(reading.Device, reading.At, seq, seq))]);

    public static Sequence Of(bool complete, params Reading[] readings) =>
        OfAny("readings", complete, readings);

    /// <summary>Events of any type.</summary>
    public static Sequence OfAny<T>(string topic, bool complete, params T[] events)
    {
        var sequence = new Sequence();
        var logTime = Sequence.Origin.AddDays(3650).UtcTicks;
        foreach (var one in events)
        {
            sequence.AddRaw(topic, 0, ++logTime, [JsonSerializer.SerializeToUtf8Bytes(one, JsonSerializerOptions.Web)]);
        }

        if (complete)
        {
            sequence.Clock(new ClockRecord(ClockKind.Complete, topic), ++logTime);
        }

        return sequence;
    }
}
