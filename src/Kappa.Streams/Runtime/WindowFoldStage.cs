using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Kappa.Tables;

namespace Kappa.Streams.Runtime;

/// <summary>Where each window begins, and how it goes on.</summary>
internal sealed record WindowFold<T, TState>(TState Seed, Func<TState, T, TState> Next);

/// <summary>
/// A fold per key and window: one table of states per window, so that closing a window is one walk over its keys. A
/// window closes at watermark ≥ end + grace (rule T4), key after key in order of key bytes (rule T7).
/// </summary>
internal sealed class WindowFoldStage<TKey, T, TState> : IKeyedReceiver<TKey, T>, IStage
    where TKey : notnull
{
    private readonly StageName _name;
    private readonly WindowCut _cut;
    private readonly WindowFold<T, TState> _fold;
    private readonly SegmentInstance _instance;
    private readonly KeyCell<TKey> _keys;
    private readonly IReceiver<Windowed<TKey, TState>>? _next;
    private readonly int[] _tables;
    private readonly SortedDictionary<long, Slice> _open = [];
    private readonly TableChanges _closed = new();
    private readonly RowBuffer<TKey, TState> _rows = new(windowed: true);
    private readonly List<WindowBounds> _windows = [];
    private readonly List<WindowBounds> _late = [];
    private readonly List<(Slice Slice, TState State)> _made = [];
    private readonly long _grace;
    private Slice? _last;

    public WindowFoldStage(
        StageName name, SegmentInstance instance, Window window, WindowFold<T, TState> fold,
        IReceiver<Windowed<TKey, TState>>? next, int[] tables)
    {
        _name = name;
        _cut = window.Cut;
        _fold = fold;
        _instance = instance;
        _keys = (KeyCell<TKey>)instance.Keys!;
        _next = next;
        _tables = tables;
        _grace = window.GraceTime.Ticks;
        instance.Add(this);
    }

    public int Number => _name.Number;

    public long NextDue { get; private set; } = long.MaxValue;

    public long NextSetAt => 0;

    public void Receive(TKey key, T value, long eventTime)
    {
        _windows.Clear();
        _late.Clear();
        _made.Clear();
        try
        {
            // All windows are folded before any is changed: a throw in one undoes the others (rule O6).
            _cut.Assign(eventTime, _windows);
            foreach (var window in _windows)
            {
                if (window.End + _grace <= _instance.Clock.Watermark)
                {
                    _late.Add(window);
                    continue;
                }

                var slice = _last is not null && _last.Bounds.End == window.End ? _last : SliceOf(window);
                ref var entry = ref CollectionsMarshal.GetValueRefOrNullRef(slice.States, key);
                _made.Add((slice, _fold.Next(Unsafe.IsNullRef(ref entry) ? _fold.Seed : entry.State, value)));
            }
        }
        catch (Exception error) when (UserCode.MayFail(error))
        {
            _instance.Side.Dead(_name.Label, eventTime, error);
            return;
        }

        foreach (var window in _late)
        {
            _instance.Side.Late(_name.Label, window.Start, window.End, eventTime);
        }

        foreach (var (slice, state) in _made)
        {
            Keep(slice, key, state);
        }
    }

    public void Fire(in Firing firing)
    {
        var (end, slice) = _open.First();
        _open.Remove(end);
        _last = null;
        NextDue = _open.Count == 0 ? long.MaxValue : _open.First().Key + _grace;
        if (_next is null)
        {
            foreach (var (key, entry) in slice.States)
            {
                _rows.Put(_closed, _tables, key, slice.Bounds, entry.State, isFinal: true);
            }

            return;
        }

        var start = slice.Bounds.Start;
        var span = new WindowSpan(new DateTimeOffset(start, TimeSpan.Zero), new DateTimeOffset(end, TimeSpan.Zero));
        foreach (var (bytes, key) in slice.States.Keys.Select(key => (Columns<TKey>.KeyBytes(key), key))
            .OrderBy(pair => pair.Item1, KeyOrder.Instance))
        {
            var state = slice.States[key].State;
            _rows.Put(_closed, _tables, key, slice.Bounds, state, isFinal: true);
            _keys.Value = key;
            _instance.Clock.AtTimer(firing, Number, bytes, start);
            _next.Receive(new Windowed<TKey, TState>(key, span, state), end - 1);
        }
    }

    public void Collect(TableChanges into)
    {
        for (var i = 0; i < _closed.Count; i++)
        {
            var change = _closed[i];
            if (change.Row is { } row)
            {
                into.Put(change.Table, change.Key.Span, row.Span);
            }
            else
            {
                into.Remove(change.Table, change.Key.Span);
            }
        }

        _closed.Clear();
        foreach (var slice in _open.Values)
        {
            foreach (var key in slice.Dirty)
            {
                ref var entry = ref CollectionsMarshal.GetValueRefOrNullRef(slice.States, key);
                if (!Unsafe.IsNullRef(ref entry) && entry.IsDirty)
                {
                    entry.IsDirty = false;
                    _rows.Put(into, _tables, key, slice.Bounds, entry.State, isFinal: false);
                }
            }

            slice.Dirty.Clear();
        }
    }

    public void Save(StateWriter into)
    {
        into.Write(_open.Sum(slice => slice.Value.States.Count));
        foreach (var slice in _open.Values)
        {
            foreach (var (key, entry) in slice.States)
            {
                into.Write(slice.Bounds.Start);
                into.Write(slice.Bounds.End);
                StateCodec<TKey>.Write(into, key);
                StateCodec<TState>.Write(into, entry.State);
            }
        }
    }

    public void Load(StateReader from)
    {
        for (var left = from.ReadInt32(); left > 0; left--)
        {
            var bounds = new WindowBounds(from.ReadInt64(), from.ReadInt64());
            var key = StateCodec<TKey>.Read(from);
            var state = StateCodec<TState>.Read(from);
            if (_instance.Owns(key))
            {
                SliceOf(bounds).States.Add(key, new Entry { State = state });
            }
        }
    }

    private void Keep(Slice slice, TKey key, TState state)
    {
        if (state is null)
        {
            slice.States.Remove(key);
            foreach (var table in _tables)
            {
                _closed.Remove(table, _rows.Key(key, slice.Bounds));
            }

            return;
        }

        ref var entry = ref CollectionsMarshal.GetValueRefOrAddDefault(slice.States, key, out _);
        entry.State = state;
        if (_tables.Length > 0 && !entry.IsDirty)
        {
            entry.IsDirty = true;
            slice.Dirty.Add(key);
        }
    }

    private Slice SliceOf(WindowBounds bounds)
    {
        if (!_open.TryGetValue(bounds.End, out var slice))
        {
            slice = new Slice(bounds);
            _open.Add(bounds.End, slice);
            NextDue = Math.Min(NextDue, bounds.End + _grace);
        }

        return _last = slice;
    }

    private struct Entry
    {
        public TState State;
        public bool IsDirty;
    }

    /// <summary>One window with the states of its keys.</summary>
    private sealed class Slice(WindowBounds bounds)
    {
        public WindowBounds Bounds { get; } = bounds;

        public Dictionary<TKey, Entry> States { get; } = [];

        public List<TKey> Dirty { get; } = [];
    }
}

/// <summary>Unsigned order of key bytes (rule T8).</summary>
internal sealed class KeyOrder : IComparer<byte[]>
{
    public static readonly KeyOrder Instance = new();

    public int Compare(byte[]? left, byte[]? right) => Moment.Compare(left, right);
}
