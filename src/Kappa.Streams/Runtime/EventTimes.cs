namespace Kappa.Streams.Runtime;

/// <summary>Which event times are taken (rule T3).</summary>
internal static class EventTimes
{
    // Some time is left before and behind, so that windows need not look whether time ends there.
    private static readonly long EarliestTicks = new DateTime(2, 1, 1).Ticks;
    private static readonly long LatestTicks = new DateTime(8000, 1, 1).Ticks;

    /// <summary>Why a time is refused; null where it is taken.</summary>
    public static string? Refuse(long time, long logTime, long maxAheadTicks) =>
        time < EarliestTicks || time >= LatestTicks
            ? $"Its event time {new DateTime(time):O} is out of range: allowed are the years 2 to 7999."
        : time > logTime + maxAheadTicks
            ? $"Its event time is more than {new TimeSpan(maxAheadTicks)} ahead of its log time "
                + $"{new DateTimeOffset(logTime, TimeSpan.Zero):O}."
        : null;
}
