namespace Kappa.Streams;

/// <summary>
/// What an <c>Aggregate</c> computes: a state that begins with the seed and takes one value after the other in order of
/// the sequence (rule O2), and the result read from it. All functions are pure. A <c>next</c> that throws makes the
/// value a dead letter and leaves the state as it was (rule O6). A <c>result</c> that throws does the same in a running
/// aggregate; of a window it is the closing that becomes the dead letter, and while it throws there is no row.
/// </summary>
/// <typeparam name="T">What flows in.</typeparam>
/// <typeparam name="TState">What is kept per key and window: immutable, or Kappa's own.</typeparam>
/// <typeparam name="TResult">What tables show and what flows on.</typeparam>
public sealed class Aggregation<T, TState, TResult>
{
    /// <summary>An aggregation of one's own.</summary>
    /// <param name="seed">Where each key or window begins.</param>
    /// <param name="next">The next state from the last one and a value. A null state removes the row, and the key
    /// begins anew.</param>
    /// <param name="result">What a state shows. Null: nothing to show, so there is no row and nothing flows on; the
    /// state stays.</param>
    /// <param name="merge">One state from two, the one of earlier event time first: lets sessions grow together without
    /// waiting for order (rule T9). Default: none.</param>
    public Aggregation(
        TState seed, Func<TState, T, TState> next, Func<TState, TResult> result,
        Func<TState, TState, TState>? merge = null)
    {
        ArgumentNullException.ThrowIfNull(next);
        ArgumentNullException.ThrowIfNull(result);
        Seed = seed;
        Next = next;
        Result = result;
        Merge = merge;
        Roots = merge is null ? [next, result] : [next, result, merge];
        Values = [seed];
        MayResultFail = true;
    }

    /// <summary>Where each key or window begins.</summary>
    public TState Seed { get; }

    /// <summary>The next state from the last one and a value.</summary>
    public Func<TState, T, TState> Next { get; }

    /// <summary>What a state shows.</summary>
    public Func<TState, TResult> Result { get; }

    /// <summary>One state from two, the one of earlier event time first; null where states do not merge.</summary>
    public Func<TState, TState, TState>? Merge { get; }

    /// <summary>The name and settings of one of the platform's own, for fingerprints; empty for the user's.</summary>
    internal string Text { get; init; } = "";

    /// <summary>The user's functions in it: roots of the fingerprint (rule V2).</summary>
    internal Delegate[] Roots { get; init; }

    /// <summary>Values of the user's in it: part of the fingerprint.</summary>
    internal object?[] Values { get; init; }

    /// <summary>Is the result the state itself? Then nobody need ask for it.</summary>
    internal bool IsPlain { get; init; }

    /// <summary>
    /// May the result function throw? Then a running aggregate tries it with every value, so that what becomes a dead
    /// letter does not depend on when rows are written (promise P2). Else it is asked only when a row is written or a
    /// value flows on.
    /// </summary>
    internal bool MayResultFail { get; init; }
}

/// <summary>Aggregations whose result is their state.</summary>
internal static class PlainAggregation
{
    /// <summary>The user's own fold.</summary>
    public static Aggregation<T, TState, TState> Of<T, TState>(
        TState seed, Func<TState, T, TState> fold, Func<TState, TState, TState>? merge = null)
    {
        ArgumentNullException.ThrowIfNull(fold);
        return new(seed, fold, static state => state, merge)
        {
            Roots = merge is null ? [fold] : [fold, merge],
            IsPlain = true,
            MayResultFail = false,
        };
    }
}
