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
    private readonly StageName _name;
    private readonly SegmentInstance _instance;
    private readonly KeyCell<TKey> _keys;
    private readonly Process<TKey, TIn, TState, TOut> _process;
    private readonly IKeyedReceiver<TKey, TOut> _next;
    private readonly SideReceivers _sides;
    private readonly StageStates<TKey, OperatorEntry<TState>> _all;
    private readonly KeyedStates<TKey, OperatorEntry<TState>> _entries;
    private readonly KeyTimers<TKey> _timers = new();
    private readonly KeyTimers<TKey> _logTimers = new();
    private readonly List<Emission<TOut>> _emitted = [];
    private readonly List<TimerChange> _timerChanges = [];
    private readonly KeyTimers<TKey>.IsSet _isSet;
    private readonly KeyTimers<TKey>.IsSet _isLogSet;
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
        _isSet = (TKey key, in TimerOrder order) => IsSet(key, order, isLog: false);
        _isLogSet = (TKey key, in TimerOrder order) => IsSet(key, order, isLog: true);
        _all = new StageStates<TKey, OperatorEntry<TState>>(
            name, instance, hasRows: false,
            new StateCode<OperatorEntry<TState>>(
                (into, entry) => entry.Save(into), OperatorEntry<TState>.Load));
        _entries = _all.Make();
        instance.Add(this);
    }

    public IStageStates States => _all;

    public int Number => _name.Number;

    public long NextDue => Peek() is { } order ? order.Due : long.MaxValue;

    public long NextSetAt => Peek() is { } order ? order.SetAt : 0;

    public long NextLogDue => PeekLog() is { } order ? order.Due : long.MaxValue;

    public long NextLogSetAt => PeekLog() is { } order ? order.SetAt : 0;

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
        entry ??= new OperatorEntry<TState>(_process.Seed);
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
        var (key, order) = _timers.Take();
        var entry = Entry(key);
        entry.Timers!.Remove(order.Time);
        Fire(firing, key, entry, order, isLog: false);
    }

    public void FireLog(in Firing firing)
    {
        var (key, order) = _logTimers.Take();
        var entry = Entry(key);
        entry.LogTimers!.Remove(order.Time);
        Fire(firing, key, entry, order, isLog: true);
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

    public void Collect(TableChanges into)
    {
    }

    public void Save(StateWriter into) => _all.Save(_entries, into);

    public void Load(StateReader from, IReadOnlyList<IStage> workers)
    {
        for (var left = from.ReadInt64(); left > 0; left--)
        {
            var (key, entry) = _all.Load(from);
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

        entry.KeyBytes = Columns<TKey>.KeyBytes(key);
        foreach (var (time, number) in entry.Timers ?? [])
        {
            _timers.Add(key, new(time + 1, entry.KeyBytes, number, time, 0));
        }

        foreach (var (time, number) in entry.LogTimers ?? [])
        {
            _logTimers.Add(key, new(time, entry.KeyBytes, number, time, 0));
        }
    }

    /// <summary>What is kept for a key that has a timer: a cold one comes back.</summary>
    private OperatorEntry<TState> Entry(TKey key) => _entries.TryGet(key, out var entry)
        ? entry
        : throw new InvalidOperationException("A key with a timer has no state.");

    private void Fire(
        in Firing firing, TKey key, OperatorEntry<TState> entry, in TimerOrder order, bool isLog)
    {
        var state = entry.State;
        _keys.Value = key;
        _instance.Clock.AtTimer(firing, Number, order.KeyBytes, order.Number);
        Begin(order.Time, isTimer: true);
        var due = new DateTimeOffset(order.Time, TimeSpan.Zero);
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
            _instance.Side.Dead(_name.Label, order.Time, error);
            return;
        }

        Finish(key, entry, state);
    }

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
                (change.IsLog ? entry.LogTimers : entry.Timers)?.Remove(change.Time);
            }
            else if (!_isTimer || !_instance.IsEnding)
            {
                Set(key, entry, change);
            }
        }

        if (entry.HasNoTimers && (state is null || state is IKeyedState { IsEmpty: true }))
        {
            _entries.Remove(key);
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
        var timers = change.IsLog ? entry.LogTimers ??= [] : entry.Timers ??= [];
        if (!timers.TryAdd(change.Time, entry.NextNumber))
        {
            return;
        }

        // A time already passed falls due at once: at the value the watermark has here, in this place's turn of timers.
        var clock = _instance.Clock;
        entry.KeyBytes ??= Columns<TKey>.KeyBytes(key);
        var due = change.IsLog ? change.Time : Math.Max(change.Time + 1, clock.Now);
        (change.IsLog ? _logTimers : _timers).Add(
            key, new(due, entry.KeyBytes, entry.NextNumber++, change.Time, clock.PlaceNumber));
    }

    /// <summary>The next timer that was not taken back.</summary>
    private TimerOrder? Peek() => _timers.Peek(_isSet);

    private TimerOrder? PeekLog() => _logTimers.Peek(_isLogSet);

    private bool IsSet(TKey key, in TimerOrder order, bool isLog) =>
        _entries.TryGet(key, out var entry) && (isLog ? entry.LogTimers : entry.Timers) is { } timers
        && timers.TryGetValue(order.Time, out var number) && number == order.Number;
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
