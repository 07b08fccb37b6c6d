using Kappa.Streams.Nodes;

namespace Kappa.Streams;

/// <summary>A keyed stream cut into windows.</summary>
/// <typeparam name="TKey">The key.</typeparam>
/// <typeparam name="T">What flows.</typeparam>
public sealed class WindowedStream<TKey, T>
    where TKey : notnull
{
    private readonly KeyedStream<TKey, T> _stream;
    private readonly Window _window;

    internal WindowedStream(KeyedStream<TKey, T> stream, Window window)
    {
        _stream = stream;
        _window = window;
    }

    /// <summary>Folds each key's values of a window in order of the sequence (rule O2).</summary>
    /// <param name="seed">Where each window begins.</param>
    /// <param name="fold">The next state from the last one and a value; pure. Null removes the row.</param>
    public WindowResults<TKey, TState> Aggregate<TState>(TState seed, Func<TState, T, TState> fold) =>
        Aggregate(PlainAggregation.Of(seed, fold));

    /// <summary>
    /// As <see cref="Aggregate{TState}(TState, Func{TState, T, TState})"/>, with states that merge: a session's values
    /// are then folded as they come, and not in order of event time (rule T9).
    /// </summary>
    /// <param name="seed">Where each window begins.</param>
    /// <param name="fold">The next state from the last one and a value; pure. Null removes the row.</param>
    /// <param name="merge">One state from those of two sessions that grew together, the earlier one first.</param>
    public WindowResults<TKey, TState> Aggregate<TState>(
        TState seed, Func<TState, T, TState> fold, Func<TState, TState, TState> merge) =>
        Aggregate(PlainAggregation.Of(seed, fold, merge));

    /// <summary>Aggregates each key's values of a window in order of the sequence (rule O2).</summary>
    /// <param name="aggregation">One of <see cref="Streams.Aggregate"/>, or one's own.</param>
    public WindowResults<TKey, TResult> Aggregate<TState, TResult>(Aggregation<T, TState, TResult> aggregation) =>
        new(_stream.Node.Flow.Add(
            new WindowFoldNode<TKey, T, TState, TResult>(_stream.Node, _window, aggregation)));
}

/// <summary>
/// Results per key and window. A table sees each update, with <c>is_final</c>; what flows on is final (rule O1).
/// </summary>
/// <typeparam name="TKey">The key.</typeparam>
/// <typeparam name="TValue">The result.</typeparam>
public sealed class WindowResults<TKey, TValue> : EventStream<Windowed<TKey, TValue>>
    where TKey : notnull
{
    private readonly IResultNode _results;

    internal WindowResults(Node<Windowed<TKey, TValue>> node)
        : base(node) => _results = (IResultNode)node;

    /// <summary>
    /// Puts each key's and window's result into a table: key, window start and end, the result's columns,
    /// <c>is_final</c>.
    /// </summary>
    public void ToTable(string name, Action<TableOptions>? table = null) =>
        _results.AddTable(name, TableOptions.From(table));
}

/// <summary>Running results per key. A table has one row per key; what flows on is each new value.</summary>
/// <typeparam name="TKey">The key.</typeparam>
/// <typeparam name="TValue">The result.</typeparam>
public sealed class RunningResults<TKey, TValue> : EventStream<TValue>
    where TKey : notnull
{
    private readonly IResultNode _results;

    internal RunningResults(Node<TValue> node)
        : base(node) => _results = (IResultNode)node;

    /// <summary>Puts each key's result into a table: key, the result's columns.</summary>
    public void ToTable(string name, Action<TableOptions>? table = null) =>
        _results.AddTable(name, TableOptions.From(table));
}
