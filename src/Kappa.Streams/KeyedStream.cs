using Kappa.Streams.Nodes;
using Kappa.Streams.Operators;

namespace Kappa.Streams;

/// <summary>A stream whose values have a key. What runs on it sees one key's values in order of the sequence.</summary>
/// <typeparam name="TKey">The key: a primitive, text, time, GUID, enum, or a record of these.</typeparam>
/// <typeparam name="T">What flows.</typeparam>
public sealed partial class KeyedStream<TKey, T>
    where TKey : notnull
{
    internal KeyedStream(KeyedNode<TKey, T> node) => Node = node;

    internal KeyedNode<TKey, T> Node { get; }

    private Flow Flow => Node.Flow;

    /// <summary>Gives each value another key.</summary>
    public KeyedStream<TOther, T> KeyBy<TOther>(Func<T, TOther> key)
        where TOther : notnull => new(Flow.Add(new KeyByNode<TOther, T>(Node, key)));

    /// <summary>Keeps what the predicate holds for; keys stay.</summary>
    public KeyedStream<TKey, T> Where(Func<T, bool> predicate) =>
        new(Flow.Add(new KeyedWhereNode<TKey, T>(Node, predicate)));

    /// <summary>
    /// Drops a value iff one with the same id passed at an event time at most <paramref name="within"/> away (rule O4).
    /// </summary>
    public KeyedStream<TKey, T> Distinct<TId>(Func<T, TId> id, TimeSpan within)
        where TId : notnull =>
        new(Flow.Add(new OperatorNode<TKey, T, Seen<TId>, T>(
            Node, new OperatorShape("Distinct", WithinText(within), [id]),
            () => new Distinct<TKey, T, TId>(id, AllTime.Within(within)))));

    /// <summary>
    /// Each key's values in order of event time, each released when the watermark has passed it (rule T9); later ones
    /// are late.
    /// </summary>
    public KeyedStream<TKey, T> InOrder() => InOrder(_ => 0);

    /// <summary>
    /// As <see cref="InOrder()"/>; values of one event time in order of <paramref name="then"/>, then of place.
    /// </summary>
    public KeyedStream<TKey, T> InOrder<TThen>(Func<T, TThen> then)
        where TThen : IComparable<TThen> =>
        new(Flow.Add(new OperatorNode<TKey, T, Pending<T, TThen>, T>(
            Node, new OperatorShape("InOrder", "", [then]), () => new InOrder<TKey, T, TThen>(then))));

    /// <summary>Runs a process of one's own per key, with typed state and timers.</summary>
    public ProcessResults<TOut> Process<TState, TOut>(Process<TKey, T, TState, TOut> process) =>
        new(Flow.Add(new OperatorNode<TKey, T, TState, TOut>(
            Node,
            new OperatorShape("Process", process.GetType().FullName ?? "", process.Roots) { IsUsers = true },
            () => process)));

    /// <summary>Folds each key's values as they come: a running result (rule O2).</summary>
    /// <param name="seed">Where each key begins.</param>
    /// <param name="fold">The next state from the last one and a value; pure. Null removes the row, and the key begins
    /// anew.</param>
    public RunningResults<TKey, TState> Aggregate<TState>(TState seed, Func<TState, T, TState> fold) =>
        Aggregate(PlainAggregation.Of(seed, fold));

    /// <summary>Aggregates each key's values as they come: a running result (rule O2).</summary>
    /// <param name="aggregation">One of <see cref="Streams.Aggregate"/>, or one's own.</param>
    public RunningResults<TKey, TResult> Aggregate<TState, TResult>(Aggregation<T, TState, TResult> aggregation) =>
        new(Flow.Add(new FoldNode<TKey, T, TState, TResult>(Node, aggregation)));

    private string WithinText(TimeSpan within) => within >= TimeSpan.Zero
        ? "within " + within.Ticks.ToString(System.Globalization.CultureInfo.InvariantCulture)
        : throw Flow.Wrong(
            $"the Distinct behind {Node.Label} is asked for ids within {within}; allowed are 0 and more.",
            "Give a time of 0 or more.");
}
