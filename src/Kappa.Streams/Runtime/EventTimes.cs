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
            ? $"Its event time {new DateTime(time):O} is out of range: allowed are the years 2 to 7999."
        : time > logTime + maxAheadTicks
            ? $"Its event time is more than {new TimeSpan(maxAheadTicks)} ahead of its log time "
                + $"{new DateTimeOffset(logTime, TimeSpan.Zero):O}."
        : null;
}
