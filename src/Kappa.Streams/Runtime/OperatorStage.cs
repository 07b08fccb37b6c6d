using Kappa.Log;
using Kappa.Tables;

namespace Kappa.Streams.Runtime;

/// <summary>
/// Runs a process per key: state, timers, emissions, and undo of all three. The platform's own operators run on it as
/// the user's processes do, so these exist once.
/// </summary>
internal sealed class OperatorStage<TKey, TIn, TState, TOut> : ProcessContext<TOut>, IKeyedReceiver<TKey, TIn>, IStage
    where TKey : notnull
{
    private const int SparesMax = 1 << 16;

    private readonly StageName _name;
    private readonly SegmentInstance _instance;
    private readonly KeyCell<TKey> _keys;
    private readonly Process<TKey, TIn, TState, TOut> _process;
    private readonly IKeyedReceiver<TKey, TOut> _next;
    private readonly SideReceivers _sides;
    private readonly StageStates<TKey, OperatorEntry<TState>> _all;
    private readonly KeyedStates<TKey, OperatorEntry<TState>> _entries;
    private readonly KeyTimers<TKey> _timers;
    private readonly KeyTimers<TKey> _logTimers;
    private readonly Stack<OperatorEntry<TState>> _spare = [];
    private readonly List<Emission<TOut>> _emitted = [];
    private readonly List<TimerChange> _timerChanges = [];
    private long _eventTime;
    private bool _isTimer;
    private bool _isLate;

    public OperatorStage(
        StageName name, SegmentInstance instance, Process<TKey, TIn, TState, TOut> process,
        IKeyedReceiver<TKey, TOut> next, SideReceivers sides)
    {
        _name = name;
        _instance = instance;
        _keys = (KeyCell<TKey>)instance.Keys!;
        _process = process;
        _next = next;
        _sides = sides;
        _timers = new(timer => IsSet(timer, isLog: false));
        _logTimers = new(timer => IsSet(timer, isLog: true));
        _all = new StageStates<TKey, OperatorEntry<TState>>(
            name, instance, hasRows: false,
            new StateCode<OperatorEntry<TState>>(
                (into, entry) => entry.Save(into), OperatorEntry<TState>.Load));
        _entries = _all.Make();
        instance.Add(this);
    }

    public IStageStates States => _all;

    public int Number => _name.Number;

    public long NextDue => _timers.NextDue;

    public long NextSetAt => _timers.First.SetAt;

    public long NextLogDue => _logTimers.NextDue;

    public long NextLogSetAt => _logTimers.First.SetAt;

    public override DateTimeOffset EventTime => new(_eventTime, TimeSpan.Zero);

    public override DateTimeOffset? Watermark => _instance.Clock.Watermark == WatermarkTrack.None
        ? null
        : new DateTimeOffset(Math.Clamp(_instance.Clock.Watermark, 0, DateTime.MaxValue.Ticks), TimeSpan.Zero);

    public override Place Place => _instance.Machine.Places.PlaceAt(_instance.Clock.Place);

    internal override long WatermarkTicks => _instance.Clock.Watermark;

    internal override long EventTicks => _eventTime;

    public void Receive(TKey key, TIn value, long eventTime)
    {
        var isNew = !_entries.TryGet(key, out var entry);
        entry ??= Spare();
        var state = entry.State;
        Begin(eventTime, isTimer: false);
        try
        {
            _process.OnRecord(this, key, ref state, value);
        }
        catch (Exception error) when (UserCode.MayFail(error))
        {
            _instance.Side.Dead(_name.Label, eventTime, error);
            return;
        }

        if (_isLate)
        {
            _instance.Side.Late(_name.Label, null, null, eventTime);
            return;
        }

        if (isNew)
        {
            _entries.Put(key, entry, isChanged: false);
        }

        Finish(key, entry, state);
    }

    public void Fire(in Firing firing)
    {
        var timer = _timers.Take();
        var entry = Entry(timer.Key);
        entry.Timers(isLog: false).Remove(timer.Time);
        Fire(firing, entry, timer, isLog: false);
    }

    public void FireLog(in Firing firing)
    {
        var timer = _logTimers.Take();
        var entry = Entry(timer.Key);
        entry.Timers(isLog: true).Remove(timer.Time);
        Fire(firing, entry, timer, isLog: true);
    }

    public override void Emit(TOut value) => _emitted.Add(new Emission<TOut>(value, null, _eventTime));

    public override void Emit<TSide>(SideOutput<TSide> side, TSide value) =>
        _emitted.Add(new Emission<TOut>(default!, _sides.Of(side, value), _eventTime));

    public override void SetTimer(DateTimeOffset at) => _timerChanges.Add(new TimerChange(at.UtcTicks, true, false));

    public override void ClearTimer(DateTimeOffset at) =>
        _timerChanges.Add(new TimerChange(at.UtcTicks, false, false));

    public override void SetLogTimer(DateTimeOffset at) => _timerChanges.Add(new TimerChange(at.UtcTicks, true, true));

    public override void ClearLogTimer(DateTimeOffset at) =>
        _timerChanges.Add(new TimerChange(at.UtcTicks, false, true));

    internal override void EmitAt(TOut value, long eventTime) =>
        _emitted.Add(new Emission<TOut>(value, null, eventTime));

    internal override void Late() => _isLate = true;

    internal override void Dead(long eventTime, Exception error) =>
        _instance.Side.Dead(_name.Label, eventTime, error);

    public void Collect(TableChanges into, bool withOpen)
    {
    }

    public void Save(StateWriter into) => _all.Save(_entries, into);

    public void Load(StateReader from, IReadOnlyList<IStage> workers)
    {
        for (var left = from.ReadInt64(); left > 0; left--)
        {
            var (key, entry, _) = _all.Load(from);
            ((OperatorStage<TKey, TIn, TState, TOut>)workers[_instance.Machine.ShardOf(key)]).Add(key, entry);
        }
    }

    private void Add(TKey key, OperatorEntry<TState> entry)
    {
        _entries.Put(key, entry, isChanged: false);
        if (entry.HasNoTimers)
        {
            return;
        }

        foreach (var (time, number) in entry.Timers(isLog: false).ToArray())
        {
            _timers.Add(new(key, time + 1, number, time, 0));
        }

        foreach (var (time, number) in entry.Timers(isLog: true).ToArray())
        {
            _logTimers.Add(new(key, time, number, time, 0));
        }
    }

    /// <summary>What is kept for a key that has a timer: a cold one comes back.</summary>
    private OperatorEntry<TState> Entry(TKey key) => _entries.TryGet(key, out var entry)
        ? entry
        : throw new InvalidOperationException("A key with a timer has no state.");

    private void Fire(in Firing firing, OperatorEntry<TState> entry, in KeyTimer<TKey> timer, bool isLog)
    {
        var key = timer.Key;
        var state = entry.State;
        _keys.Value = key;
        _instance.Clock.AtTimer(firing, Number, timer.Number);
        Begin(timer.Time, isTimer: true);
        var due = new DateTimeOffset(timer.Time, TimeSpan.Zero);
        try
        {
            if (isLog)
            {
                _process.OnLogTimer(this, key, ref state, due);
            }
            else
            {
                _process.OnTimer(this, key, ref state, due);
            }
        }
        catch (Exception error) when (UserCode.MayFail(error))
        {
            _instance.Side.Dead(_name.Label, timer.Time, error);
            return;
        }

        Finish(key, entry, state);
    }

    /// <summary>
    /// An entry of a key that is not known: where the seed is a collection of Kappa's own, often one that became empty.
    /// </summary>
    private OperatorEntry<TState> Spare() => _spare.TryPop(out var spare) ? spare : new(_process.Seed);

    private void Begin(long eventTime, bool isTimer)
    {
        _emitted.Clear();
        _timerChanges.Clear();
        _eventTime = eventTime;
        _isTimer = isTimer;
        _isLate = false;
    }

    private void Finish(TKey key, OperatorEntry<TState> entry, TState state)
    {
        entry.State = state;
        foreach (var change in _timerChanges)
        {
            if (!change.IsSet)
            {
                entry.Timers(change.IsLog).Remove(change.Time);
                (change.IsLog ? _logTimers : _timers).Recheck();
            }
            else if (!_isTimer || !_instance.IsEnding)
            {
                Set(key, entry, change);
            }
        }

        if (entry.HasNoTimers && (state is null || state is IKeyedState { IsEmpty: true }))
        {
            _entries.Remove(key);
            if (state is not null && _spare.Count < SparesMax)
            {
                entry.NextNumber = 0;
                _spare.Push(entry);
            }
        }

        // What goes on may come back to no operator above, so the buffers are free again only behind the last one.
        for (var i = 0; i < _emitted.Count; i++)
        {
            var (value, side, time) = _emitted[i];
            if (side is null)
            {
                _next.Receive(key, value, time);
            }
            else
            {
                side.Send(time);
            }
        }
    }

    private void Set(TKey key, OperatorEntry<TState> entry, in TimerChange change)
    {
        if (!entry.Timers(change.IsLog).TryAdd(change.Time, entry.NextNumber))
        {
            return;
        }

        // A time already passed falls due at once: at the value the watermark has here, in this place's turn of timers.
        var clock = _instance.Clock;
        var due = change.IsLog ? change.Time : Math.Max(change.Time + 1, clock.Now);
        (change.IsLog ? _logTimers : _timers).Add(
            new(key, due, entry.NextNumber++, change.Time, clock.PlaceNumber));
    }

    /// <summary>Was a timer not taken back?</summary>
    private bool IsSet(in KeyTimer<TKey> timer, bool isLog) =>
        _entries.TryGet(timer.Key, out var entry) && entry.Timers(isLog).Has(timer.Time, timer.Number);
}

/// <summary>A timer set or taken back by a call of a process.</summary>
internal readonly record struct TimerChange(long Time, bool IsSet, bool IsLog);

/// <summary>A value sent by a process: on, or by a side.</summary>
internal readonly record struct Emission<TOut>(TOut Value, ISideValue? Side, long Time);

/// <summary>A state that is Kappa's own collection: the platform may forget the key when it is empty.</summary>
internal interface IKeyedState
{
    bool IsEmpty { get; }

    void Save(StateWriter into);

    void Load(StateReader from);
}
