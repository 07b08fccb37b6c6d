namespace Kappa.Streams.Patterns;

/// <summary>
/// What a match does to others of the same key that share events with it. Where something is skipped, a match waits
/// until no unfinished one began before it.
/// </summary>
public sealed record Skip
{
    private Skip(string notation, SkipTo to, string? step = null)
    {
        Notation = notation;
        To = to;
        Step = step;
    }

    /// <summary>Nothing: every match comes out. The default.</summary>
    public static Skip None { get; } = new("", SkipTo.None);

    /// <summary>Drops what began at or before the last event of the match.</summary>
    public static Skip PastLast { get; } = new("past-last", SkipTo.PastLast);

    /// <summary>Drops what began with the same event as the match.</summary>
    public static Skip ToNext { get; } = new("to-next", SkipTo.Next);

    internal string Notation { get; }

    internal SkipTo To { get; }

    internal string? Step { get; }

    /// <summary>Drops what began before the first event of a step; nothing if the step took none.</summary>
    public static Skip ToFirst<T>(Step<T> step) => new("to-first " + step.Name, SkipTo.First, step.Name);

    /// <summary>Drops what began before the last event of a step; nothing if the step took none.</summary>
    public static Skip ToLast<T>(Step<T> step) => new("to-last " + step.Name, SkipTo.Last, step.Name);
}

/// <summary>Up to where a match drops others.</summary>
internal enum SkipTo
{
    None,
    PastLast,
    Next,
    First,
    Last,
}
