using Kappa.Streams.Nodes;

namespace Kappa.Streams;

/// <summary>
/// A stream of values on their way from a topic to tables. Each has a place, and an event time where the source has
/// one.
/// </summary>
/// <typeparam name="T">What flows.</typeparam>
public partial class EventStream<T>
{
    internal EventStream(Node<T> node) => Node = node;

    internal Node<T> Node { get; }

    internal Flow Flow => Node.Flow;

    /// <summary>Keeps what the predicate holds for.</summary>
    public EventStream<T> Where(Func<T, bool> predicate) => new(Flow.Add(new WhereNode<T>(Node, predicate)));

    /// <summary>Makes one value of each.</summary>
    public EventStream<TResult> Select<TResult>(Func<T, TResult> map) =>
        new(Flow.Add(new SelectNode<T, TResult>(Node, map)));

    /// <summary>Makes any number of values of each, in order.</summary>
    public EventStream<TResult> SelectMany<TResult>(Func<T, IEnumerable<TResult>> map) =>
        new(Flow.Add(new SelectManyNode<T, TResult>(Node, map)));

    /// <summary>
    /// Brings streams together, in order of place; at one place this stream's values come first, then those of the
    /// others as written (rule T8). Its watermark is the lowest of theirs (rule T1).
    /// </summary>
    public EventStream<T> Merge(params EventStream<T>[] others) =>
        new(Flow.Add(new MergeNode<T>(Flow, [Node, .. others.Select(other => other.Node)])));

    /// <summary>
    /// Gives each value another event time; the stream has a watermark of its own from here (rules T1 and T3).
    /// </summary>
    /// <param name="at">When it happened.</param>
    /// <param name="lateness">How far behind the highest time others may come without being late;
    /// <see cref="Lateness.Unbounded"/>: whatever time they have.</param>
    /// <param name="maxAhead">Times further ahead of log time than this are dead letters. Default 1 h.</param>
    public EventStream<T> EventTime(Func<T, DateTimeOffset> at, TimeSpan lateness, TimeSpan? maxAhead = null)
    {
        if (lateness < TimeSpan.Zero || maxAhead < TimeSpan.Zero)
        {
            throw Flow.Wrong(
                $"the EventTime behind {Node.Label} is given a lateness of {lateness} and a maxAhead of {maxAhead}; "
                    + "allowed are 0 and more.",
                "Give times of 0 or more.");
        }

        var ahead = AllTime.Within(maxAhead ?? TimeSpan.FromHours(1));
        var late = lateness == Lateness.Unbounded ? lateness : AllTime.Within(lateness);
        return new(Flow.Add(new EventTimeNode<T>(Node, at, late, ahead)));
    }

    /// <summary>
    /// Gives each value a key; what follows runs per key. A null key is a dead letter; null inside a record key is a
    /// value.
    /// </summary>
    public KeyedStream<TKey, T> KeyBy<TKey>(Func<T, TKey> key)
        where TKey : notnull => new(Flow.Add(new KeyByNode<TKey, T>(Node, key)));

    /// <summary>
    /// Puts each value into a table as the row of its key; the last one in order of the sequence stays.
    /// </summary>
    /// <param name="name">The table's name.</param>
    /// <param name="key">The row's key.</param>
    /// <param name="table">Indexes and a description.</param>
    public void ToTable<TKey>(string name, Func<T, TKey> key, Action<TableOptions>? table = null)
        where TKey : notnull =>
        Flow.Add(new RowNode<TKey, T>(Node, name, key, TableOptions.From(table)));
}
