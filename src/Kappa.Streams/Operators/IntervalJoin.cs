
namespace Kappa.Streams.Operators;

/// <summary>
/// What a join is made of. A left value at time t joins right values whose time lies in its bounds, both included (rule
/// O3).
/// </summary>
/// <param name="Bounds">The first and last time that joins a left value of a time.</param>
/// <param name="RightReach">How long after its own time a right value can find a left one (rule T6).</param>
/// <param name="RowsMax">Most values kept per key and side, where a side is open.</param>
/// <param name="When">Which pairs join, beside key and time; null for all.</param>
/// <param name="Results">What is sent.</param>
internal sealed record JoinPlan<TLeft, TRight, TOut>(
    Func<TLeft, long, (long First, long Last)> Bounds, long RightReach, int? RowsMax,
    Func<TLeft, TRight, bool>? When, JoinResults<TLeft, TRight, TOut> Results)
{
    /// <summary>For ever: an open bound.</summary>
    public const long Open = long.MaxValue;
}

/// <summary>What a join sends.</summary>
/// <param name="Both">Of a pair.</param>
/// <param name="LeftAlone">Of a left value that found no other; null where that is not asked for.</param>
/// <param name="RightAlone">Of a right value that found no other.</param>
internal sealed record JoinResults<TLeft, TRight, TOut>(
    Func<TLeft, TRight, TOut> Both, Func<TLeft, TOut>? LeftAlone, Func<TRight, TOut>? RightAlone);

/// <summary>
/// Joins two streams by key and event time. A result stands at the later side's time, one of a single side at its own
/// (rule T6), and leaves when the watermark has passed that side's reach. A value is late iff W &gt; its time + its
/// reach, on an open side iff its time &lt; W (rule T5).
/// </summary>
internal sealed class IntervalJoin<TKey, TLeft, TRight, TOut>(JoinPlan<TLeft, TRight, TOut> plan)
    : Process<TKey, Either<TLeft, TRight>, JoinSides<TLeft, TRight>, TOut>
    where TKey : notnull
{
    private const long Open = JoinPlan<TLeft, TRight, TOut>.Open;

    private readonly List<JoinRow<TLeft>> _lefts = [];
    private readonly List<JoinRow<TRight>> _rights = [];

    public override JoinSides<TLeft, TRight> Seed => new();

    public override void OnRecord(
        ProcessContext<TOut> context, TKey key, ref JoinSides<TLeft, TRight> state, Either<TLeft, TRight> value)
    {
        if (value.IsRight)
        {
            OnRight(context, state, value.Right);
        }
        else
        {
            OnLeft(context, state, value.Left);
        }
    }

    public override void OnTimer(
        ProcessContext<TOut> context, TKey key, ref JoinSides<TLeft, TRight> state, DateTimeOffset due)
    {
        state.Left.TakeExpired(due.UtcTicks, _lefts);
        state.Right.TakeExpired(due.UtcTicks, _rights);
        SendAlone(context, _lefts, plan.Results.LeftAlone);
        SendAlone(context, _rights, plan.Results.RightAlone);
    }

    private static void SendAlone<T>(ProcessContext<TOut> context, List<JoinRow<T>> rows, Func<T, TOut>? alone)
    {
        if (alone is null)
        {
            return;
        }

        foreach (var row in rows.Where(row => !row.IsMatched))
        {
            try
            {
                context.EmitAt(alone(row.Value), row.Time);
            }
            catch (Exception error) when (UserCode.MayFail(error))
            {
                // Each row is a record's own result: one that fails leaves the others of its time as they are.
                context.Dead(row.Time, error);
            }
        }
    }

    private void OnLeft(ProcessContext<TOut> context, JoinSides<TLeft, TRight> state, TLeft left)
    {
        var time = context.EventTicks;
        var (first, last) = plan.Bounds(left, time);
        var expires = last == Open ? Open : Math.Max(time, last);
        if (IsLate(context, time, expires))
        {
            return;
        }

        _rights.Clear();
        state.Right.Between(first, last, _rights);
        var matched = 0;
        for (var i = 0; i < _rights.Count; i++)
        {
            var right = _rights[i];
            if (plan.When is null || plan.When(left, right.Value))
            {
                context.EmitAt(plan.Results.Both(left, right.Value), Math.Max(time, right.Time));
                _rights[matched++] = right;
            }
        }

        CheckLimit(state.Left.Count, expires, "left");
        Keep(context, state.Left, new JoinRow<TLeft>(left, time, first, last, expires) { IsMatched = matched > 0 });
        foreach (var right in _rights.Take(matched))
        {
            right.IsMatched = true;
        }
    }

    private void OnRight(ProcessContext<TOut> context, JoinSides<TLeft, TRight> state, TRight right)
    {
        var time = context.EventTicks;
        var expires = plan.RightReach == Open ? Open : time + plan.RightReach;
        if (IsLate(context, time, expires))
        {
            return;
        }

        _lefts.Clear();
        state.Left.Around(time, _lefts);
        var matched = 0;
        for (var i = 0; i < _lefts.Count; i++)
        {
            var left = _lefts[i];
            if (plan.When is null || plan.When(left.Value, right))
            {
                context.EmitAt(plan.Results.Both(left.Value, right), Math.Max(time, left.Time));
                _lefts[matched++] = left;
            }
        }

        CheckLimit(state.Right.Count, expires, "right");
        Keep(context, state.Right, new JoinRow<TRight>(right, time, time, time, expires) { IsMatched = matched > 0 });
        foreach (var left in _lefts.Take(matched))
        {
            left.IsMatched = true;
        }
    }

    private static bool IsLate(ProcessContext<TOut> context, long time, long expires)
    {
        var isLate = context.WatermarkTicks > (expires == Open ? time : expires);
        if (isLate)
        {
            context.Late();
        }

        return isLate;
    }

    private static void Keep<T>(ProcessContext<TOut> context, JoinSide<T> side, JoinRow<T> row)
    {
        if (side.Add(row) && row.Expires != Open)
        {
            context.SetTimer(new DateTimeOffset(row.Expires, TimeSpan.Zero));
        }
    }

    private void CheckLimit(int count, long expires, string side)
    {
        if (expires == Open && count >= plan.RowsMax)
        {
            throw new InvalidOperationException(
                $"The join keeps {plan.RowsMax} rows on the {side} side of this key, which is the limit stated for its "
                + "open interval.");
        }
    }
}
