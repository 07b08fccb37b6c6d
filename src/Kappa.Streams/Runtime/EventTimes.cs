namespace Kappa.Streams.Runtime;

/// <summary>The event times there may be.</summary>
internal static class EventTimes
{
    // Some time is left before and behind, so that windows need not look whether time ends there.
    /// <summary>The first, in ticks.</summary>
    public const long Earliest = 315_360_000_000_000;

    /// <summary>The first beyond the last, in ticks.</summary>
    public const long Latest = 2_524_239_936_000_000_000;
}
