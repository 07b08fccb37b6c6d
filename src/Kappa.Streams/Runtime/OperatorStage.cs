using Kappa.Log;
using Kappa.Tables;

namespace Kappa.Streams.Runtime;

/// <summary>
/// Hosts a process: keyed state, timers, and a throw that undoes. The platform's own operators run on it as the user's
/// processes do, so these three exist once.
/// </summary>
internal sealed class OperatorStage<TKey, TIn, TState, TOut> : ProcessContext<TOut>, IKeyedReceiver<TKey, TIn>, IStage
    where TKey : notnull
{
    private readonly StageName _name;
    private readonly SegmentInstance _instance;
    private readonly KeyCell<TKey> _keys;
    private readonly Process<TKey, TIn, TState, TOut> _process;
    private readonly IKeyedReceiver<TKey, TOut> _next;
    private readonly Dictionary<TKey, Entry> _entries = [];
    private readonly TimerQueue<TKey> _timers = new();
    private readonly List<(TOut Value, long Time)> _emitted = [];
    private readonly List<(long Time, bool IsSet)> _timerChanges = [];
    private long _eventTime;
    private bool _isTimer;
    private string? _late;

    public OperatorStage(
        StageName name, SegmentInstance instance, Process<TKey, TIn, TState, TOut> process,
        IKeyedReceiver<TKey, TOut> next)
    {
        _name = name;
        _instance = instance;
        _keys = (KeyCell<TKey>)instance.Keys!;
        _process = process;
        _next = next;
        instance.Add(this);
    }

    public int Number => _name.Number;

    public long NextDue => Peek() is { } order ? order.Due : long.MaxValue;

    public long NextSetAt => Peek() is { } order ? order.SetAt : 0;

    public override DateTimeOffset EventTime => new(_eventTime, TimeSpan.Zero);

    public override DateTimeOffset? Watermark => _instance.Clock.Watermark == SegmentClock.NoWatermark
        ? null
        : new DateTimeOffset(Math.Clamp(_instance.Clock.Watermark, 0, DateTime.MaxValue.Ticks), TimeSpan.Zero);

    public override Place Place => _instance.Machine.PlaceAt(_instance.Clock.Place);

    internal override long WatermarkTicks => _instance.Clock.Watermark;

    internal override long EventTicks => _eventTime;

    public void Receive(TKey key, TIn value, long eventTime)
    {
        var isNew = !_entries.TryGetValue(key, out var entry);
        entry ??= new Entry(_process.Seed);
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

        if (_late is not null)
        {
            _instance.Side.Late(_name.Label, null, null, eventTime);
            return;
        }

        if (isNew)
        {
            _entries.Add(key, entry);
        }

        Finish(key, entry, state);
    }

    public void Fire(int place, long watermark)
    {
        _timers.TryPeek(out var key, out var order);
        _timers.RemoveFirst();
        var entry = _entries[key];
        entry.Timers!.Remove(order.Time);
        var state = entry.State;
        _keys.Value = key;
        _instance.Clock.AtTimer(
            place, order.Due, Number, order.KeyBytes, order.Number,
            _instance.Held(Math.Max(order.Due - 1, watermark)));
        Begin(order.Time, isTimer: true);
        try
        {
            _process.OnTimer(this, key, ref state, new DateTimeOffset(order.Time, TimeSpan.Zero));
        }
        catch (Exception error) when (UserCode.MayFail(error))
        {
            _instance.Side.Dead(_name.Label, order.Time, error);
            return;
        }

        Finish(key, entry, state);
    }

    public override void Emit(TOut value) => _emitted.Add((value, _eventTime));

    public override void SetTimer(DateTimeOffset at) => _timerChanges.Add((at.UtcTicks, true));

    public override void ClearTimer(DateTimeOffset at) => _timerChanges.Add((at.UtcTicks, false));

    internal override void Late() => _late = "";

    public void Collect(TableChanges into)
    {
    }

    public void Save(StateWriter into)
    {
        into.Write(_entries.Count);
        foreach (var (key, entry) in _entries)
        {
            StateCodec<TKey>.Write(into, key);
            StateCodec<TState>.Write(into, entry.State);
            into.Write(entry.NextNumber);
            into.Write(entry.Timers?.Count ?? 0);
            foreach (var (time, number) in entry.Timers ?? [])
            {
                into.Write(time);
                into.Write(number);
            }
        }
    }

    public void Load(StateReader from)
    {
        for (var left = from.ReadInt32(); left > 0; left--)
        {
            var key = StateCodec<TKey>.Read(from);
            var entry = new Entry(StateCodec<TState>.Read(from)) { NextNumber = from.ReadInt64() };
            var owned = _instance.Owns(key);
            for (var timers = from.ReadInt32(); timers > 0; timers--)
            {
                var time = from.ReadInt64();
                var number = from.ReadInt64();
                if (owned)
                {
                    (entry.Timers ??= []).Add(time, number);
                    entry.KeyBytes ??= Columns<TKey>.KeyBytes(key);
                    _timers.Add(key, new(time + 1 + _instance.HoldTicks, entry.KeyBytes, number, time, 0));
                }
            }

            if (owned)
            {
                _entries.Add(key, entry);
            }
        }
    }

    private void Begin(long eventTime, bool isTimer)
    {
        _emitted.Clear();
        _timerChanges.Clear();
        _eventTime = eventTime;
        _isTimer = isTimer;
        _late = null;
    }

    private void Finish(TKey key, Entry entry, TState state)
    {
        entry.State = state;
        foreach (var (time, isSet) in _timerChanges)
        {
            if (isSet)
            {
                Set(key, entry, time);
            }
            else
            {
                entry.Timers?.Remove(time);
            }
        }

        if (entry.Timers is null or { Count: 0 } && (state is null || state is IKeyedState { IsEmpty: true }))
        {
            _entries.Remove(key);
        }

        // What goes on may come back to no operator above, so the buffers are free again only behind the last one.
        for (var i = 0; i < _emitted.Count; i++)
        {
            _next.Receive(key, _emitted[i].Value, _emitted[i].Time);
        }
    }

    private void Set(TKey key, Entry entry, long time)
    {
        if (_isTimer && _instance.IsEnding)
        {
            return;
        }

        entry.Timers ??= [];
        if (!entry.Timers.TryAdd(time, entry.NextNumber))
        {
            return;
        }

        // A time already passed falls due at once: at the value the watermark has here, in this place's turn of timers.
        var clock = _instance.Clock;
        var held = _instance.HoldTicks;
        var now = clock.Due != Moment.Record ? clock.Due
            : clock.Watermark == SegmentClock.NoWatermark ? clock.Watermark : clock.Watermark + held;
        entry.KeyBytes ??= Columns<TKey>.KeyBytes(key);
        _timers.Add(key, new(Math.Max(time + 1 + held, now), entry.KeyBytes, entry.NextNumber++, time,
            clock.PlaceNumber));
    }

    /// <summary>The next timer that was not taken back.</summary>
    private TimerQueue<TKey>.Order? Peek()
    {
        while (_timers.TryPeek(out var key, out var order))
        {
            if (_entries.TryGetValue(key, out var entry) && entry.Timers is not null
                && entry.Timers.TryGetValue(order.Time, out var number) && number == order.Number)
            {
                return order;
            }

            _timers.RemoveFirst();
        }

        return null;
    }

    private sealed class Entry(TState state)
    {
        public TState State { get; set; } = state;

        public byte[]? KeyBytes { get; set; }

        public long NextNumber { get; set; }

        public Dictionary<long, long>? Timers { get; set; }
    }
}

/// <summary>A state that is Kappa's own collection: the platform may forget the key when it is empty.</summary>
internal interface IKeyedState
{
    bool IsEmpty { get; }

    void Save(StateWriter into);

    void Load(StateReader from);
}
