namespace Kappa.Streams.Patterns;

/// <summary>
/// What a match has taken before the event a predicate looks at. Holds only while the predicate runs.
/// </summary>
/// <typeparam name="T">The event.</typeparam>
public sealed class SoFar<T>
{
    private readonly Steps<T> _steps;

    internal SoFar(Steps<T> steps) => _steps = steps;

    /// <summary>The events a step has taken, in order; none if it has taken none yet.</summary>
    /// <exception cref="Kappa.Log.KappaException">The step is no part of the pattern.</exception>
    public IReadOnlyList<T> this[Step<T> step] => this[step.Name];

    /// <summary>As by step: for a predicate that asks about its own step, which has no variable yet.</summary>
    /// <exception cref="Kappa.Log.KappaException">No step of the pattern has this name.</exception>
    public IReadOnlyList<T> this[string step] => Taken<T>.Of(Last, _steps.Find(step));

    internal Taken<T>? Last { get; set; }
}
