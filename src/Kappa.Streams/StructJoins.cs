using Kappa.Streams.Operators;

namespace Kappa.Streams;

/// <summary>Outer joins and look-ups whose other side is a struct: absent is a nullable without a value.</summary>
public static class StructJoins
{
    /// <summary>As <c>Join</c>, and each left value that found no right one, once none can come any more.</summary>
    /// <param name="left">The left stream.</param>
    /// <param name="right">The right stream.</param>
    /// <param name="within">The right value's time less the left one's; two bounds.</param>
    /// <param name="select">Makes the result; the right value is null where there was none.</param>
    /// <param name="when">Which pairs join, beside key and time; default all.</param>
    public static EventStream<TOut> LeftJoin<TKey, TLeft, TRight, TOut>(
        this KeyedStream<TKey, TLeft> left, KeyedStream<TKey, TRight> right, Interval within,
        Func<TLeft, TRight?, TOut> select, Func<TLeft, TRight, bool>? when = null)
        where TKey : notnull
        where TRight : struct =>
        new(left.JoinNode(
            right, within, new JoinResults<TLeft, TRight,
                TOut>((one, other) => select(one, other), one => select(one, null), null), select, when,
            "LeftJoin"));

    /// <summary>
    /// As <c>Join</c>, and each value of either side that found no other, once none can come any more.
    /// </summary>
    /// <param name="left">The left stream.</param>
    /// <param name="right">The right stream.</param>
    /// <param name="within">The right value's time less the left one's; two bounds.</param>
    /// <param name="select">Makes the result; the absent side is null.</param>
    /// <param name="when">Which pairs join, beside key and time; default all.</param>
    public static EventStream<TOut> FullJoin<TKey, TLeft, TRight, TOut>(
        this KeyedStream<TKey, TLeft> left, KeyedStream<TKey, TRight> right, Interval within,
        Func<TLeft?, TRight?, TOut> select, Func<TLeft, TRight, bool>? when = null)
        where TKey : notnull
        where TLeft : struct
        where TRight : struct =>
        new(left.JoinNode(
            right, within, new JoinResults<TLeft, TRight,
                TOut>((one, other) => select(one, other), one => select(one, null), other => select(null,
                other)),
            select, when, "FullJoin"));

    /// <summary>
    /// Each value with the row of a running result, as it was before the value's place (rule O3). The result holds back
    /// no watermark. The stream need not have the table's key, nor any.
    /// </summary>
    /// <param name="stream">The stream.</param>
    /// <param name="table">The running result: a reference topic (<see cref="Flow.Table"/>), or any other.</param>
    /// <param name="key">The key to look up.</param>
    /// <param name="select">Makes the result; the row is null where there is none.</param>
    /// <param name="validFrom">From which event time on a row is valid: then the one valid at the value's event time
    /// counts, among those known before its place. Default: the last one known.</param>
    /// <param name="rowsMax">Most rows with validity kept per key; a change beyond it is a dead letter. Default
    /// 1 000.</param>
    /// <param name="preload">The topics the table is made of are first read up to a place, which is a setting of the
    /// version: a deploy takes the end of the log, <c>reprocess</c> and restarts keep it. Default false: history meets
    /// the rows there were then.</param>
    public static EventStream<TOut> LookUp<T, TKey, TRow, TOut>(
        this EventStream<T> stream, RunningResults<TKey, TRow> table, Func<T, TKey> key, Func<T, TRow?, TOut> select,
        Func<TRow, DateTimeOffset>? validFrom = null, int rowsMax = 1_000, bool preload = false)
        where TKey : notnull
        where TRow : struct =>
        stream.LookUpNode(table, key, Shape(select, validFrom, rowsMax, preload));

    /// <summary>
    /// As <c>LookUp</c> of a stream without a key; the stream keeps its own key, which need not be the table's, and the
    /// order of its values.
    /// </summary>
    /// <param name="stream">The stream.</param>
    /// <param name="table">The running result.</param>
    /// <param name="key">The key to look up.</param>
    /// <param name="select">Makes the result; the row is null where there is none.</param>
    /// <param name="validFrom">From which event time on a row is valid. Default: the last one known counts.</param>
    /// <param name="rowsMax">Most rows with validity kept per key. Default 1 000.</param>
    /// <param name="preload">The table's topics are first read up to a place. Default false.</param>
    public static KeyedStream<TKey, TOut> LookUp<TKey, T, TOther, TRow, TOut>(
        this KeyedStream<TKey, T> stream, RunningResults<TOther, TRow> table, Func<T, TOther> key,
        Func<T, TRow?, TOut> select, Func<TRow, DateTimeOffset>? validFrom = null, int rowsMax = 1_000,
        bool preload = false)
        where TKey : notnull
        where TOther : notnull
        where TRow : struct =>
        stream.LookUpNode(table, key, Shape(select, validFrom, rowsMax, preload));

    private static LookUpShape<T, TRow, TOut> Shape<T, TRow, TOut>(
        Func<T, TRow?, TOut> select, Func<TRow, DateTimeOffset>? validFrom, int rowsMax, bool preload)
        where TRow : struct =>
        new(value => select(value, null), (value, row) => select(value, row), validFrom, rowsMax, select, preload);
}
