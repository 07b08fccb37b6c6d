using Kappa.Log;

namespace Kappa.Streams.Patterns;

/// <summary>How long a match may take, and how many may be under way: what bounds a pattern's memory.</summary>
public sealed record Within
{
    /// <summary>
    /// How many unfinished matches a key may have where nothing else is said. The event that would make more is a dead
    /// letter (rule O6).
    /// </summary>
    public const int DefaultMaxRuns = 10_000;

    private Within(TimeSpan? time, int maxRuns)
    {
        if (maxRuns < 1)
        {
            throw new KappaException(
                ErrorKind.Invalid, $"A pattern may have {maxRuns} unfinished matches per key; allowed are 1 and more.",
                "Give the most unfinished matches one key may have, for example 1000.");
        }

        Length = time;
        MaxRuns = maxRuns;
    }

    /// <summary>The last event of a match is less than this behind its first; null: no bound.</summary>
    public TimeSpan? Length { get; }

    /// <summary>How many unfinished matches a key may have.</summary>
    public int MaxRuns { get; }

    /// <summary>
    /// No bound in time: an unfinished match stays until it ends, and only their number is bounded.
    /// </summary>
    /// <param name="maxRuns">How many unfinished matches a key may have; the event that would make more is a dead
    /// letter (rule O6).</param>
    public static Within Unbounded(int maxRuns) => new(null, maxRuns);

    internal static Within Of(TimeSpan time, int maxRuns) => time > TimeSpan.Zero
        ? new Within(time, maxRuns)
        : throw new KappaException(
            ErrorKind.Invalid, $"A pattern is asked for within {time}; allowed is more than 0.",
            "Give the time between the first and the last event, for example TimeSpan.FromMinutes(1).");
}
