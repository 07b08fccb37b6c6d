using Kappa.Streams.Nodes;

namespace Kappa.Streams;

/// <summary>A keyed stream cut into windows.</summary>
/// <typeparam name="TKey">The key.</typeparam>
/// <typeparam name="T">What flows.</typeparam>
public sealed class WindowedStream<TKey, T>
    where TKey : notnull
{
    private readonly KeyedStream<TKey, T> _stream;
    private readonly Windowing<TKey> _windowing;

    internal WindowedStream(KeyedStream<TKey, T> stream, Windowing<TKey> windowing)
    {
        _stream = stream;
        _windowing = windowing;
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

    /// <summary>
    /// Aggregates each key's values of a window in order of the sequence (rule O2). Sessions of an aggregation without
    /// a merge are folded in order of event time, as by <see cref="KeyedStream{TKey, T}.InOrder()"/>, which is put
    /// before them unless it is there (rule T9).
    /// </summary>
    /// <param name="aggregation">One of <see cref="Streams.Aggregate"/>, or one's own.</param>
    public WindowResults<TKey, TResult> Aggregate<TState, TResult>(Aggregation<T, TState, TResult> aggregation)
    {
        ArgumentNullException.ThrowIfNull(aggregation);
        var input = _windowing.IsSession && aggregation.Merge is null && !EventOrder.Is(_stream.Node)
            ? _stream.InOrder().Node
            : _stream.Node;
        return new(input.Flow.Add(new WindowFoldNode<TKey, T, TState, TResult>(input, _windowing, aggregation)));
    }
}

/// <summary>
/// Results per key and window. A table sees each update, with <c>is_final</c>; what flows on is final (rule O1).
/// </summary>
/// <typeparam name="TKey">The key.</typeparam>
/// <typeparam name="TValue">The result.</typeparam>
public sealed class WindowResults<TKey, TValue> : EventStream<Windowed<TKey, TValue>>
    where TKey : notnull
{
    private readonly IChangingNode<TKey, Windowed<TKey, TValue>> _results;

    internal WindowResults(Node<Windowed<TKey, TValue>> node)
        : base(node) => _results = (IChangingNode<TKey, Windowed<TKey, TValue>>)node;

    /// <summary>
    /// Puts each key's and window's result into a table: key, window start and end, the result's columns,
    /// <c>is_final</c>.
    /// </summary>
    public void ToTable(string name, Action<TableOptions>? table = null) =>
        _results.AddTable(name, TableOptions.From(table));

    /// <summary>
    /// Every change of a result while its window is open: what it was, taken back, then what it is (rule O1). Their
    /// event time is that of the result (rule T6).
    /// </summary>
    public EventStream<Change<Windowed<TKey, TValue>>> Changes() => new(_results.AddChanges());
}

/// <summary>Running results per key. A table has one row per key; what flows on is each new value.</summary>
/// <typeparam name="TKey">The key.</typeparam>
/// <typeparam name="TValue">The result.</typeparam>
public sealed class RunningResults<TKey, TValue> : EventStream<TValue>
    where TKey : notnull
{
    private readonly IChangingNode<TKey, TValue> _results;

    internal RunningResults(Node<TValue> node)
        : base(node) => _results = (IChangingNode<TKey, TValue>)node;

    /// <summary>Puts each key's result into a table: key, the result's columns.</summary>
    public void ToTable(string name, Action<TableOptions>? table = null) =>
        _results.AddTable(name, TableOptions.From(table));

    /// <summary>
    /// Every change of a result: what it was, taken back, then what it is (rule O1). One that is removed is taken back
    /// only.
    /// </summary>
    public EventStream<Change<TValue>> Changes() => new(_results.AddChanges());

    internal KeyedNode<TKey, Change<TValue>> AddChanges() => _results.AddChanges();

    /// <summary>
    /// Every key's result at the end of each window: of its events before that time, also where there were none in the
    /// window (rule O2). The event time is that boundary − 1 tick (rule T6). Needs <c>InOrder</c> before the aggregate.
    /// </summary>
    /// <param name="every">Tumbling or calendar windows; their ends are the boundaries.</param>
    /// <param name="boundariesMax">At so many boundaries in a row a key is given without an event of its own, so that
    /// there are never more results than keys times this; then it is a dead letter, until its next event. Default
    /// 10 000.</param>
    public EventStream<Windowed<TKey, TValue>> AsOf(Window every, int boundariesMax = 10_000)
    {
        ArgumentNullException.ThrowIfNull(every);
        return new(Node.Flow.Add(new AsOfNode<TKey, TValue>(_results.AddChanges(), every, boundariesMax)));
    }
}
