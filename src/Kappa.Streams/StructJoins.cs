using Kappa.Streams.Operators;

namespace Kappa.Streams;

/// <summary>Outer joins whose other side is a struct: absent is a nullable without a value.</summary>
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
}
