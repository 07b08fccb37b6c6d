using Kappa.Tables;

namespace Kappa.Streams.Runtime;

/// <summary>
/// A fold per key and session (rule O1). A value joins the open sessions it is at most the gap away from; where these
/// are two, they become one: their states merge, the earlier first (rule T9), and then take the value. A session closes
/// at watermark &gt; last + gap + grace (rule T4). Its row has first and last + gap in its key, so the row of a session
/// that grew or went into another is taken away in the commit that shows the new one.
/// </summary>
internal sealed partial class SessionStage<TKey, T, TState, TResult> : IKeyedReceiver<TKey, T>, IStage
    where TKey : notnull
{
    private readonly StageName _name;
    private readonly long _gap;
    private readonly Aggregation<T, TState, TResult> _fold;
    private readonly SegmentInstance _instance;
    private readonly WindowOutlet<TKey, T, TState, TResult> _outlet;
    private readonly long _closesAfter;
    private readonly StageStates<TKey, List<Session>> _all;
    private readonly KeyedStates<TKey, List<Session>> _open;
    private readonly List<(TKey Key, Session Session)> _dirty = [];
    private readonly KeyTimers<TKey> _timers;

    public SessionStage(
        StageName name, SegmentInstance instance, long gap, WindowRules rules, Aggregation<T, TState, TResult> fold,
        FoldOutlets<TKey, Windowed<TKey, TResult>> outlets)
    {
        _name = name;
        _gap = gap;
        _fold = fold;
        _instance = instance;
        _outlet = new WindowOutlet<TKey, T, TState, TResult>(name, instance, rules, fold, outlets);
        _closesAfter = rules.ClosesAfter;
        _timers = new(IsSet);
        _all = new StageStates<TKey, List<Session>>(
            name, instance, hasRows: false, new StateCode<List<Session>>(WriteAll, ReadAll))
        {
            // Until its row is written a session stays: nothing of that is part of what is spilled.
            IsHeld = open => open.Exists(session => session.IsDirty),
        };
        _open = _all.Make();
        instance.Add(this);
    }

    public IStageStates States => _all;

    public int Number => _name.Number;

    public long NextDue => _timers.NextDue;

    public long NextSetAt => 0;

    public void Receive(TKey key, T value, long eventTime)
    {
        var open = _open.TryGet(key, out var known) ? known : [];
        var (at, count) = Touched(open, eventTime);
        if (count == 0 && eventTime + _gap + _closesAfter <= _instance.Clock.Watermark)
        {
            _instance.Side.Late(_name.Label, eventTime, eventTime + _gap, eventTime);
            return;
        }

        TState state;
        TResult? result = default;
        List<TResult>? old = null;
        try
        {
            state = _fold.Next(count == 0 ? _fold.Seed : count == 1 ? open[at].State : Merge(open, at, count), value);
            if (_outlet.HasChanges)
            {
                old = [.. open.GetRange(at, count).Select(session => _fold.Result(session.State))];
                result = state is null ? default : _fold.Result(state);
            }
        }
        catch (Exception error) when (UserCode.MayFail(error))
        {
            _instance.Side.Dead(_name.Label, eventTime, error);
            return;
        }

        var before = old is null ? null : open.GetRange(at, count).Select(BoundsOf).ToList();
        if (state is null)
        {
            Forget(key, open, at, count);
        }
        else
        {
            Keep(key, open, at, count, state, eventTime);
        }

        if (before is null)
        {
            return;
        }

        for (var i = 0; i < before.Count; i++)
        {
            _outlet.Changed(key, before[i], old![i], -1);
        }

        if (state is not null)
        {
            _outlet.Changed(key, BoundsOf(open[at]), result, 1);
        }
    }

    public void Fire(in Firing firing)
    {
        var timer = _timers.Take();
        var key = timer.Key;
        var open = _open.TryGet(key, out var known)
            ? known
            : throw new InvalidOperationException("A key with a timer has no session.");
        var at = QueuedAt(open, timer.Time);
        var session = open[at];
        Release(key, open, at, 1);
        var bounds = BoundsOf(session);
        if (session.Written is { } written && written != bounds)
        {
            _outlet.Remove(key, written);
        }

        _outlet.Close(firing, key, bounds, session.State);
    }

    public void Collect(TableChanges into, bool withOpen)
    {
        if (!withOpen)
        {
            _outlet.Collect(into);
            return;
        }

        foreach (var (key, session) in _dirty)
        {
            if (!session.IsGone && session.Written is { } written && written != BoundsOf(session))
            {
                _outlet.Remove(key, written);
            }
        }

        _outlet.Collect(into);
        foreach (var (key, session) in _dirty)
        {
            if (!session.IsGone)
            {
                session.IsDirty = false;
                session.Written = BoundsOf(session);
                _outlet.Show(into, key, BoundsOf(session), session.State);
            }
        }

        _dirty.Clear();
    }

    private WindowBounds BoundsOf(Session session) => new(session.First, session.Last + _gap);

    /// <summary>
    /// The open sessions a time is at most the gap away from; at most two, as they are further apart.
    /// </summary>
    private (int At, int Count) Touched(List<Session> open, long time)
    {
        var at = open.Count;
        while (at > 0 && open[at - 1].Last >= time - _gap)
        {
            at--;
        }

        var end = at;
        while (end < open.Count && open[end].First <= time + _gap)
        {
            end++;
        }

        return (at, end - at);
    }

    private TState Merge(List<Session> open, int at, int count)
    {
        var state = open[at].State;
        for (var i = at + 1; i < at + count; i++)
        {
            state = _fold.Merge!(state, open[i].State);
        }

        return state;
    }

    private void Keep(TKey key, List<Session> open, int at, int count, TState state, long time)
    {
        Session session;
        if (count == 0)
        {
            session = new Session { First = time, Last = time };
            if (open.Count == 0)
            {
                _open.Put(key, open, isChanged: false);
            }

            open.Insert(at, session);
            Queue(key, session);
        }
        else
        {
            session = open[at];
            Touch(session);
            var before = BoundsOf(session);
            session.First = Math.Min(session.First, time);
            session.Last = Math.Max(open[at + count - 1].Last, time);
            Leave(key, session, before);
            for (var i = at + 1; i < at + count; i++)
            {
                Drop(key, open[i]);
                session.QueuedLast = open[i].QueuedLast;
            }

            open.RemoveRange(at + 1, count - 1);
        }

        session.State = state;
        if (_outlet.HasTables && !session.IsDirty)
        {
            session.IsDirty = true;
            _dirty.Add((key, session));
        }
    }

    private void Forget(TKey key, List<Session> open, int at, int count)
    {
        for (var i = at; i < at + count; i++)
        {
            Drop(key, open[i]);
        }

        Release(key, open, at, count);
    }

    private void Release(TKey key, List<Session> open, int at, int count)
    {
        for (var i = at; i < at + count; i++)
        {
            open[i].IsGone = true;
            Touch(open[i]);
        }

        open.RemoveRange(at, count);
        if (open.Count == 0)
        {
            _open.Remove(key);
        }
    }

    private void Drop(TKey key, Session session)
    {
        session.IsGone = true;
        Touch(session);
        Leave(key, session, BoundsOf(session));
        if (session.Written is { } written)
        {
            _outlet.Remove(key, written);
        }
    }

    /// <summary>
    /// A store that converges (rule C4) may hold a row of a commit that was cut short, under bounds at which no later
    /// commit shows the session: there every key it leaves is taken away, shown or not.
    /// </summary>
    private void Leave(TKey key, Session session, WindowBounds bounds)
    {
        if (!_instance.Machine.IsStoreExact && _outlet.HasTables && (session.IsGone || bounds != BoundsOf(session)))
        {
            _outlet.Remove(key, bounds);
        }
    }

    private void Queue(TKey key, Session session)
    {
        session.QueuedLast = session.Last;
        _timers.Add(TimerOf(key, session));
    }

    /// <summary>What falls due next may no longer be this session.</summary>
    private void Touch(Session session)
    {
        if (DueOf(session) == _timers.KnownDue)
        {
            _timers.Recheck();
        }
    }

    private long DueOf(Session session) => session.QueuedLast + _gap + _closesAfter;

    private KeyTimer<TKey> TimerOf(TKey key, Session session) =>
        new(key, DueOf(session), session.First, session.QueuedLast, 0);

    /// <summary>
    /// A session that grew since its timer was set is queued anew only when that comes first: a value costs no timer.
    /// </summary>
    private bool IsSet(KeyTimer<TKey> timer)
    {
        if (!_open.TryGet(timer.Key, out var open) || QueuedAt(open, timer.Time) is not (>= 0 and var at))
        {
            return false;
        }

        var session = open[at];
        if (session.Last == timer.Time)
        {
            return true;
        }

        // Later than the one that comes first now, so that one is still first when it is taken away.
        session.QueuedLast = session.Last;
        _timers.Add(TimerOf(timer.Key, session));
        return false;
    }

    private static int QueuedAt(List<Session> open, long last)
    {
        for (var i = 0; i < open.Count; i++)
        {
            if (open[i].QueuedLast == last)
            {
                return i;
            }
        }

        return -1;
    }

    private sealed class Session
    {
        public long First { get; set; }

        public long Last { get; set; }

        /// <summary>What the last was when its timer was set.</summary>
        public long QueuedLast { get; set; }

        public TState State { get; set; } = default!;

        /// <summary>The bounds under which its row may be in the store.</summary>
        public WindowBounds? Written { get; set; }

        public bool IsDirty { get; set; }

        public bool IsGone { get; set; }
    }
}
