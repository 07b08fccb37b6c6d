using Kappa.Log;

namespace Kappa.Testing;

/// <summary>Two runs of a job over the same records ended in different rows: the job is not deterministic.</summary>
public sealed class ReplayException : KappaException
{
    internal ReplayException(string job, RowDifference difference, int seed, string schedule)
        : base(
            ErrorKind.Conflict,
            $"Job '{job}' is not deterministic: table '{difference.Table.Name}', key {difference.KeyText}, is "
            + $"{difference.LeftText} when run straight, and {difference.RightText} with {schedule}.",
            "Take time, ids and randomness from the events or the context, and keep no state outside the job.")
    {
        Table = difference.Table.Name;
        Key = difference.KeyText;
        Expected = difference.LeftText;
        Found = difference.RightText;
        Seed = seed;
        Schedule = schedule;
    }

    /// <summary>The table of the first row that differs.</summary>
    public string Table { get; }

    /// <summary>The row's key columns, as text.</summary>
    public string Key { get; }

    /// <summary>The row after a straight run, or "no row".</summary>
    public string Expected { get; }

    /// <summary>The row after the other run, or "no row".</summary>
    public string Found { get; }

    /// <summary>The seed of the schedule; give it to <see cref="Replay.Check"/> to see it again.</summary>
    public int Seed { get; }

    /// <summary>How the other run was cut: steps, workers, restarts.</summary>
    public string Schedule { get; }
}
