using System.Collections.Immutable;

namespace Kappa.Streams.Runtime;

/// <summary>
/// Where a stream's watermark comes from (rule T1): the lowest of its origins' watermarks, each less a fixed hold (rule
/// T6). Origins are sources and re-timed streams.
/// </summary>
internal sealed record StreamTime
{
    private StreamTime(ImmutableSortedDictionary<int, long> origins) => Origins = origins;

    /// <summary>Node of each origin, with the longest hold on a way from it to here.</summary>
    public ImmutableSortedDictionary<int, long> Origins { get; }

    /// <summary>Do its values have a time of their own? Else theirs is the log time.</summary>
    public required bool HasEventTime { get; init; }

    /// <summary>No watermark ever: it may take a value of any time (<see cref="Lateness.Unbounded"/>).</summary>
    public bool IsUnbounded { get; private init; }

    /// <summary>How many times it was re-timed: what a place does to a watermark, it does in this order.</summary>
    public int Level { get; private init; }

    /// <summary>The time of a source.</summary>
    public static StreamTime OfSource(int node, bool hasEventTime) =>
        new(Origin(node)) { HasEventTime = hasEventTime };

    /// <summary>The lowest of several, as a merge or a join has it.</summary>
    public static StreamTime Lowest(IReadOnlyCollection<StreamTime> times)
    {
        var origins = ImmutableSortedDictionary.CreateBuilder<int, long>();
        foreach (var (origin, hold) in times.SelectMany(time => time.Origins))
        {
            origins[origin] = Math.Max(hold, origins.GetValueOrDefault(origin));
        }

        return new StreamTime(origins.ToImmutable())
        {
            HasEventTime = times.All(time => time.HasEventTime),
            IsUnbounded = times.Any(time => time.IsUnbounded),
            Level = times.Max(time => time.Level),
        };
    }

    /// <summary>This one after a node that gives its values another time.</summary>
    public StreamTime Retimed(int node, bool isUnbounded) =>
        new(Origin(node)) { HasEventTime = true, IsUnbounded = isUnbounded, Level = Level + 1 };

    /// <summary>This one, held back by so many ticks more.</summary>
    public StreamTime Held(long ticks) => ticks == 0
        ? this
        : new StreamTime(Origins.ToImmutableSortedDictionary(pair => pair.Key, pair => pair.Value + ticks))
        {
            HasEventTime = HasEventTime,
            IsUnbounded = IsUnbounded,
            Level = Level,
        };

    private static ImmutableSortedDictionary<int, long> Origin(int node) =>
        ImmutableSortedDictionary<int, long>.Empty.Add(node, 0);
}
