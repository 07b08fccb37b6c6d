namespace Kappa.Streams.Patterns;

/// <summary>Events that fulfil a pattern, by step.</summary>
/// <typeparam name="T">The event.</typeparam>
public sealed class Match<T>
{
    private readonly Steps<T> _steps;
    private readonly Taken<T> _last;

    internal Match(Steps<T> steps, Taken<T> last)
    {
        _steps = steps;
        _last = last;
    }

    /// <summary>Event time of the first event.</summary>
    public DateTimeOffset Start => new(_last.First.Time, TimeSpan.Zero);

    /// <summary>Event time of the last event.</summary>
    public DateTimeOffset End => new(_last.Event.Time, TimeSpan.Zero);

    /// <summary>All its events, in order.</summary>
    public IReadOnlyList<T> Events => Taken<T>.Of(_last, -1);

    /// <summary>The events a step took, in order; none if it was left out.</summary>
    /// <exception cref="Kappa.Log.KappaException">The step is no part of the pattern.</exception>
    public IReadOnlyList<T> this[Step<T> step] => Taken<T>.Of(_last, _steps.Find(step.Name));

    internal Taken<T> Last => _last;
}
