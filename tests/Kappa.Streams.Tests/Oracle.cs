using Kappa.Log;

namespace Kappa.Streams.Tests;

/// <summary>
/// The rules said again in the plainest way, over a list: no steps, no shards, no timers. Watermarks are running
/// maxima, everything else is LINQ.
/// </summary>
internal static class Oracle
{
    private const long None = long.MinValue;
    private static readonly long Lateness = TimeSpan.FromSeconds(30).Ticks;

    internal readonly record struct Seen(Place Place, Reading Reading, long Before)
    {
        public long Time => Reading.At.UtcTicks;
    }

    /// <summary>Every reading with the watermark before it (rules T1 and T5), and the watermark at the end.</summary>
    public static (List<Seen> Seen, long End) Watermarks(Sequence sequence, bool complete)
    {
        var seen = new List<Seen>();
        var highest = None;
        foreach (var (place, reading) in sequence.Readings)
        {
            seen.Add(new Seen(place, reading, highest == None ? None : highest - Lateness));
            highest = Math.Max(highest, Math.Min(reading.At.UtcTicks, place.LogTime));
        }

        return (seen, complete ? long.MaxValue : highest - Lateness);
    }

    /// <summary>Per key and window: what is on time, in sequence order (rules O1, O2, T4, T5).</summary>
    public static List<(string Device, long Start, long End, bool IsFinal, List<Reading> Readings)> Windows(
        Sequence sequence, bool complete, TimeSpan size, TimeSpan grace, Func<Reading, bool> keep)
    {
        var (seen, end) = Watermarks(sequence, complete);
        return [.. seen.Where(s => keep(s.Reading))
            .Select(s => (s, Start: s.Time - ((s.Time - DateTime.UnixEpoch.Ticks) % size.Ticks)))
            .Where(pair => pair.Start + size.Ticks + grace.Ticks > pair.s.Before)
            .GroupBy(pair => (pair.s.Reading.Device, pair.Start))
            .Select(group => (
                group.Key.Device, group.Key.Start, group.Key.Start + size.Ticks,
                group.Key.Start + size.Ticks + grace.Ticks <= end, group.Select(pair => pair.s.Reading).ToList()))];
    }

    /// <summary>How many readings are late for their window.</summary>
    public static int LateForWindows(Sequence sequence, TimeSpan size, TimeSpan grace, Func<Reading, bool> keep) =>
        Watermarks(sequence, false).Seen.Count(s => keep(s.Reading)
            && s.Time - ((s.Time - DateTime.UnixEpoch.Ticks) % size.Ticks) + size.Ticks + grace.Ticks <= s.Before);

    /// <summary>Per device: what is on time and released, by (time, seq, place) (rule T9).</summary>
    public static Dictionary<string, List<Reading>> InOrder(Sequence sequence, bool complete,
        IEnumerable<Seen>? input = null)
    {
        var (seen, end) = Watermarks(sequence, complete);
        return (input ?? seen).Where(s => s.Time >= s.Before && end > s.Time)
            .OrderBy(s => s.Time).ThenBy(s => s.Reading.Seq).ThenBy(s => s.Place)
            .GroupBy(s => s.Reading.Device)
            .ToDictionary(group => group.Key, group => group.Select(s => s.Reading).ToList());
    }

    /// <summary>What passes Distinct on the device and seq (rules O4 and T5).</summary>
    public static List<Seen> Distinct(Sequence sequence, TimeSpan within)
    {
        var passed = new List<Seen>();
        foreach (var s in Watermarks(sequence, false).Seen.Where(s => s.Before <= s.Time + within.Ticks))
        {
            if (!passed.Any(p => p.Reading.Device == s.Reading.Device && p.Reading.Seq == s.Reading.Seq
                && Math.Abs(p.Time - s.Time) <= within.Ticks))
            {
                passed.Add(s);
            }
        }

        return passed;
    }

    public static Total Fold(IEnumerable<Reading> readings) =>
        readings.Aggregate(Total.None, (total, reading) => total.Add(reading));
}
