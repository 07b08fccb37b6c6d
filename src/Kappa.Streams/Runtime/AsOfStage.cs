using Kappa.Tables;

namespace Kappa.Streams.Runtime;

/// <summary>What an AsOf is given.</summary>
/// <param name="Cut">Windows that follow each other: their ends are the boundaries.</param>
/// <param name="BoundariesMax">At so many boundaries a key's value is given without an event of it.</param>
/// <param name="LastEvent">The time of the last event of a stream that was completed.</param>
internal sealed record AsOfSettings(WindowCut Cut, int BoundariesMax, Func<long> LastEvent);

/// <summary>
/// Each key's value at each boundary b: the fold over its events before b, also where there were none since the last
/// boundary (rule O2). It is given when the watermark is at b, behind what comes before it in order, at time b − 1 tick
/// (rule T6). In a completed stream it ends with the first boundary after the last event (rule L6).
/// </summary>
internal sealed class AsOfStage<TKey, TValue> : IKeyedReceiver<TKey, Change<TValue>>, IStage
    where TKey : notnull
{
    private readonly StageName _name;
    private readonly SegmentInstance _instance;
    private readonly KeyCell<TKey> _keys;
    private readonly AsOfSettings _settings;
    private readonly IReceiver<Windowed<TKey, TValue>> _next;
    private readonly CutCursor _cursor;
    private readonly List<WindowBounds> _windows = [];
    private readonly StageStates<TKey, AsOfEntry<TValue>> _all;
    private readonly KeyedStates<TKey, AsOfEntry<TValue>> _entries;
    private readonly List<Located<TKey, AsOfEntry<TValue>>> _located = [];
    private readonly List<TKey> _ended = [];
    private WindowBounds? _window;
    private long _given;

    public AsOfStage(
        StageName name, SegmentInstance instance, AsOfSettings settings, IReceiver<Windowed<TKey, TValue>> next)
    {
        _name = name;
        _instance = instance;
        _keys = (KeyCell<TKey>)instance.Keys!;
        _settings = settings;
        _next = next;
        _cursor = new CutCursor(settings.Cut);
        _all = new StageStates<TKey, AsOfEntry<TValue>>(name, instance, hasRows: false);
        _entries = _all.Make();
        instance.Add(this);
    }

    public IStageStates States => _all;

    public int Number => _name.Number;

    public long NextDue => _window is { } window ? window.End : long.MaxValue;

    public long NextSetAt => 0;

    public void Receive(TKey key, Change<TValue> change, long eventTime)
    {
        // A value taken back may be followed by a new one; a key that has none at the boundary is forgotten there.
        _entries.TryGet(key, out _);
        _entries.Put(
            key, new AsOfEntry<TValue>(change.Sign > 0 ? change.Item : default!, change.Sign > 0, eventTime, _given),
            isChanged: false);
        var window = WindowOf(eventTime);
        if (_window is null || window.End < _window.Value.End)
        {
            _window = window;
        }
    }

    public void Fire(in Firing firing)
    {
        var window = _window!.Value;
        var span = new WindowSpan(
            new DateTimeOffset(window.Start, TimeSpan.Zero), new DateTimeOffset(window.End, TimeSpan.Zero));
        var next = WindowOf(window.End);
        var hasNext = false;
        _entries.Locate(_located);
        _located.Sort((left, right) => Moment.Compare(left.Bytes, right.Bytes));
        foreach (var located in _located)
        {
            var (key, entry) = _entries.At(located.Place);
            if (!entry.HasValue)
            {
                _ended.Add(key);
                continue;
            }

            _keys.Value = key;
            _instance.Clock.AtTimer(firing, Number, window.Start);
            var last = LastEventOf(entry);
            if (window.Start > last)
            {
                continue;
            }

            hasNext |= next.Start <= last;
            if (_given - entry.GivenBefore < _settings.BoundariesMax)
            {
                _next.Receive(new Windowed<TKey, TValue>(key, span, entry.Value), window.End - 1);
                continue;
            }

            _ended.Add(key);
            _instance.Side.Dead(
                _name.Label, window.End - 1,
                $"The key had no event at {_settings.BoundariesMax} boundaries, which is the limit; its value is given "
                + "again behind its next event.");
        }

        _ended.ForEach(_entries.RemoveAnywhere);
        _ended.Clear();
        _located.Clear();
        _given++;
        _window = hasNext && _entries.Count + _entries.ColdCount > 0 ? next : null;
    }

    public void Collect(TableChanges into, bool withOpen)
    {
    }

    public void Save(StateWriter into)
    {
        into.Write(_window?.Start ?? long.MinValue);
        into.Write(_given);
        _all.Save(_entries, into);
    }

    public void Load(StateReader from, IReadOnlyList<IStage> workers)
    {
        var start = from.ReadInt64();
        var given = from.ReadInt64();
        for (var left = from.ReadInt64(); left > 0; left--)
        {
            var (key, entry, _) = _all.Load(from);
            var owner = (AsOfStage<TKey, TValue>)workers[_instance.Machine.ShardOf(key)];
            owner._entries.Put(
                key, entry with { GivenBefore = owner._given - (given - entry.GivenBefore) }, isChanged: false);
            if (start != long.MinValue && (owner._window is null || start < owner._window.Value.Start))
            {
                owner._window = owner.WindowOf(start);
            }
        }
    }

    /// <summary>While the stream goes on, time goes on for each key.</summary>
    private long LastEventOf(in AsOfEntry<TValue> entry) =>
        _instance.IsEnding ? Math.Max(_settings.LastEvent(), entry.LastEvent) : long.MaxValue;

    private WindowBounds WindowOf(long time)
    {
        _windows.Clear();
        _cursor.Assign(time, _windows);
        return _windows[0];
    }
}

/// <summary>What is known of a key between boundaries.</summary>
/// <param name="Value">Its value.</param>
/// <param name="HasValue">False where the last change took it back.</param>
/// <param name="LastEvent">The time of its last event.</param>
/// <param name="GivenBefore">Boundaries the worker had given before that event.</param>
internal readonly record struct AsOfEntry<TValue>(TValue Value, bool HasValue, long LastEvent, long GivenBefore);
