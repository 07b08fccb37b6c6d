using System.Globalization;
using Kappa.Streams.Nodes;
using Kappa.Streams.Operators;

namespace Kappa.Streams;

public sealed partial class KeyedStream<TKey, T>
{
    /// <summary>
    /// Each pair of one key whose times lie in the interval (rule O3). A result stands at the later side's time.
    /// </summary>
    /// <param name="right">The other stream; may be this one.</param>
    /// <param name="within">The right value's time less the left one's.</param>
    /// <param name="select">Makes the result.</param>
    /// <param name="when">Which pairs join, beside key and time; default all.</param>
    public EventStream<TOut> Join<TRight, TOut>(
        KeyedStream<TKey, TRight> right, Interval within, Func<T, TRight, TOut> select,
        Func<T, TRight, bool>? when = null) =>
        new(JoinNode(right, within, new JoinResults<T, TRight, TOut>(select, null, null), select, when, "Join"));

    /// <summary>
    /// Each pair of one key where the right value's time lies between two times the left value names, both included.
    /// </summary>
    /// <param name="right">The other stream.</param>
    /// <param name="from">The first time that joins.</param>
    /// <param name="to">The last time that joins.</param>
    /// <param name="atMost">How far both may be from the left value's own time; one whose bounds are further away is a
    /// dead letter. So long values are kept, and results wait.</param>
    /// <param name="select">Makes the result.</param>
    /// <param name="when">Which pairs join, beside key and time; default all.</param>
    public EventStream<TOut> Join<TRight, TOut>(
        KeyedStream<TKey, TRight> right, Func<T, DateTimeOffset> from, Func<T, DateTimeOffset> to, TimeSpan atMost,
        Func<T, TRight, TOut> select, Func<T, TRight, bool>? when = null)
    {
        if (atMost < TimeSpan.Zero)
        {
            throw Flow.Wrong(
                $"the atMost of the Join behind {Node.Label} is {atMost}; allowed are 0 and more.",
                    "Give a time of 0 or more.");
        }

        var reach = AllTime.Within(atMost).Ticks;
        (long, long) Bounds(T left, long time)
        {
            var (first, last) = (from(left).UtcTicks, to(left).UtcTicks);
            return Math.Abs(first - time) <= reach && Math.Abs(last - time) <= reach
                ? (first, last)
                : throw new InvalidOperationException(
                    $"Its bounds are more than {new TimeSpan(reach)} from its own time, which is the join's atMost.");
        }

        var plan = new JoinPlan<T, TRight, TOut>(Bounds, reach, null, when, new(select, null, null));
        return new(Joined(
            right, "Join", plan, reach, string.Create(CultureInfo.InvariantCulture, $"bounds {reach}"),
            [from, to, select, .. when is null ? Array.Empty<Delegate>() : [when]]));
    }

    /// <summary>
    /// Two streams of one key as one, for a process that looks at both: in order of place, at one place the left one's
    /// values first (rule T8). Its watermark is the lower of both.
    /// </summary>
    public KeyedStream<TKey, Either<T, TRight>> With<TRight>(KeyedStream<TKey, TRight> right) =>
        new(Flow.Add(new PairNode<TKey, T, TRight>(Node, right.Node)));

    internal OperatorNode<TKey, Either<T, TRight>, JoinSides<T, TRight>, TOut> JoinNode<TRight, TOut>(
        KeyedStream<TKey, TRight> right, Interval within, JoinResults<T, TRight, TOut> results, Delegate select,
        Func<T, TRight, bool>? when, string kind)
    {
        if (within.RowsMax is not null && (results.LeftAlone is not null || results.RightAlone is not null))
        {
            throw Flow.Wrong(
                $"the {kind} behind {Node.Label} has an open interval, so a row that finds no other would never leave.",
                "Give it two bounds: Interval.Between(from, to).");
        }

        const long Open = JoinPlan<T, TRight, TOut>.Open;
        long low = within.From?.Ticks ?? long.MinValue, high = within.To?.Ticks ?? Open;
        var leftReach = high == Open ? Open : Math.Max(0, high);
        var rightReach = low == long.MinValue ? Open : Math.Max(0, -low);
        var plan = new JoinPlan<T, TRight, TOut>(
            (_, time) => (low == long.MinValue ? low : time + low, high == Open ? Open : time + high),
            rightReach, within.RowsMax, when, results);
        var hold = Math.Max(leftReach == Open ? 0 : leftReach, rightReach == Open ? 0 : rightReach);
        return Joined(
            right, kind, plan, hold, within.Text, [select, .. when is null ? Array.Empty<Delegate>() : [when]]);
    }

    private OperatorNode<TKey, Either<T, TRight>, JoinSides<T, TRight>, TOut> Joined<TRight, TOut>(
        KeyedStream<TKey, TRight> right, string kind, JoinPlan<T, TRight, TOut> plan, long hold, string settings,
        Delegate[] lambdas)
    {
        var pair = Flow.Add(new PairNode<TKey, T, TRight>(Node, right.Node));
        return Flow.Add(new OperatorNode<TKey, Either<T, TRight>, JoinSides<T, TRight>, TOut>(
            pair, new OperatorShape(kind, settings, lambdas) { HoldTicks = hold },
            () => new IntervalJoin<TKey, T, TRight, TOut>(plan)));
    }
}
