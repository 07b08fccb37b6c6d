namespace Kappa.Streams.Runtime;

/// <summary>Which event times are taken (rule T3).</summary>
internal static class EventTimes
{
    // Some time is left before and behind, so that windows need not look whether time ends there.
    /// <summary>The first taken, in ticks: the year 2.</summary>
    public const long Earliest = 315_360_000_000_000;

    /// <summary>The first beyond the last, in ticks: the year 8000.</summary>
    public const long Latest = 2_524_239_936_000_000_000;

    /// <summary>Why a time is refused; null where it is taken.</summary>
    public static string? Refuse(long time, long logTime, long maxAheadTicks) =>
        time < Earliest || time >= Latest
            ? $"Its event time {Text(time)} is out of range: allowed are the years 2 to 7999. "
                + "Correct the event, or what eventTime reads of it: a time that is missing may read as the year 1."
        : time > logTime + maxAheadTicks
            ? $"Its event time {Text(time)} is more than {new TimeSpan(maxAheadTicks)} ahead of its log time "
                + $"{Text(logTime)}. Correct the event, or give a maxAhead that allows it."
        : null;

    private static string Text(long ticks) => new DateTime(ticks, DateTimeKind.Utc).ToString(
        "yyyy-MM-ddTHH:mm:ss.FFFFFFFK", System.Globalization.CultureInfo.InvariantCulture);
}
