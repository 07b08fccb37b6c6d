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
    private readonly Dictionary<TKey, Entry> _entries = [];
    private WindowBounds? _window;

    public AsOfStage(
        StageName name, SegmentInstance instance, AsOfSettings settings, IReceiver<Windowed<TKey, TValue>> next)
    {
        _name = name;
        _instance = instance;
        _keys = (KeyCell<TKey>)instance.Keys!;
        _settings = settings;
        _next = next;
        _cursor = new CutCursor(settings.Cut);
        instance.Add(this);
    }

    public int Number => _name.Number;

    public long NextDue => _window is { } window ? window.End : long.MaxValue;

    public long NextSetAt => 0;

    public void Receive(TKey key, Change<TValue> change, long eventTime)
    {
        if (!_entries.TryGetValue(key, out var entry))
        {
            _entries.Add(key, entry = new Entry { KeyBytes = Columns<TKey>.KeyBytes(key) });
        }

        // A value taken back may be followed by a new one; a key that has none at the boundary is forgotten there.
        entry.HasValue = change.Sign > 0;
        entry.Value = change.Sign > 0 ? change.Item : default!;
        entry.LastEvent = eventTime;
        entry.Given = 0;
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
        foreach (var (key, entry) in _entries.OrderBy(pair => pair.Value.KeyBytes, KeyOrder.Instance))
        {
            if (!entry.HasValue)
            {
                _entries.Remove(key);
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
            if (entry.Given++ < _settings.BoundariesMax)
            {
                _next.Receive(new Windowed<TKey, TValue>(key, span, entry.Value), window.End - 1);
                continue;
            }

            _entries.Remove(key);
            _instance.Side.Dead(
                _name.Label, window.End - 1,
                $"The key had no event at {_settings.BoundariesMax} boundaries, which is the limit; its value is given "
                + "again behind its next event.");
        }

        _window = hasNext && _entries.Count > 0 ? next : null;
    }

    public void Collect(TableChanges into)
    {
    }

    public void Save(StateWriter into)
    {
        into.Write(_entries.Count);
        foreach (var (key, entry) in _entries)
        {
            StateCodec<TKey>.Write(into, key);
            StateCodec<TValue>.Write(into, entry.Value);
            into.Write(entry.HasValue ? (byte)1 : (byte)0);
            into.Write(entry.LastEvent);
            into.Write(entry.Given);
            into.Write(_window?.Start ?? long.MinValue);
        }
    }

    public void Load(StateReader from)
    {
        for (var left = from.ReadInt32(); left > 0; left--)
        {
            var key = StateCodec<TKey>.Read(from);
            var entry = new Entry
            {
                Value = StateCodec<TValue>.Read(from),
                HasValue = from.ReadByte() == 1,
                LastEvent = from.ReadInt64(),
                Given = from.ReadInt32(),
            };
            var start = from.ReadInt64();
            if (!_instance.Owns(key))
            {
                continue;
            }

            entry.KeyBytes = Columns<TKey>.KeyBytes(key);
            _entries.Add(key, entry);
            if (start != long.MinValue && (_window is null || start < _window.Value.Start))
            {
                _window = WindowOf(start);
            }
        }
    }

    /// <summary>While the stream goes on, time goes on for each key.</summary>
    private long LastEventOf(Entry entry) =>
        _instance.IsEnding ? Math.Max(_settings.LastEvent(), entry.LastEvent) : long.MaxValue;

    private WindowBounds WindowOf(long time)
    {
        _windows.Clear();
        _cursor.Assign(time, _windows);
        return _windows[0];
    }

    private sealed class Entry
    {
        public byte[] KeyBytes { get; set; } = [];

        public TValue Value { get; set; } = default!;

        public bool HasValue { get; set; }

        public long LastEvent { get; set; }

        /// <summary>Boundaries since its last event.</summary>
        public int Given { get; set; }
    }
}
