using Kappa.Tables;

namespace Kappa.Streams.Runtime;

/// <summary>Where each window begins, and how it goes on.</summary>
internal sealed record WindowFold<T, TState>(TState Seed, Func<TState, T, TState> Next);

/// <summary>
/// A fold per key and window: one table of states per window, so that closing a window is one walk over its keys. A
/// window closes at watermark ≥ end + grace (rule T4), key after key in order of key bytes (rule T7).
/// </summary>
internal sealed partial class WindowFoldStage<TKey, T, TState> : IKeyedReceiver<TKey, T>, IStage
    where TKey : notnull
{
    private const int SparesMax = 4;
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
    private readonly Stack<SliceTable<TKey, TState>> _spare = new();
    private readonly long _grace;
    private readonly long _closesAfter;
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
        _closesAfter = _grace + instance.HoldTicks;
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
                _made.Add((slice, _fold.Next(slice.States.TryGet(key, out var state) ? state : _fold.Seed, value)));
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

    public void Fire(int place, long watermark)
    {
        var (end, slice) = _open.First();
        var due = NextDue;
        _open.Remove(end);
        _last = null;
        NextDue = _open.Count == 0 ? long.MaxValue : _open.First().Key + _closesAfter;
        if (_next is null)
        {
            foreach (ref var slot in slice.States.Slots)
            {
                if (SliceTable<TKey, TState>.IsTaken(slot))
                {
                    _rows.Put(_closed, _tables, slot.Key, slice.Bounds, slot.State, isFinal: true);
                }
            }

            Release(slice);
            return;
        }

        var start = slice.Bounds.Start;
        var span = new WindowSpan(new DateTimeOffset(start, TimeSpan.Zero), new DateTimeOffset(end, TimeSpan.Zero));
        foreach (var (bytes, key, state) in InOrder(slice))
        {
            _rows.Put(_closed, _tables, key, slice.Bounds, state, isFinal: true);
            _keys.Value = key;
            _instance.Clock.AtTimer(place, due, Number, bytes, start, _instance.Held(Math.Max(due - 1, watermark)));
            _next.Receive(new Windowed<TKey, TState>(key, span, state), end - 1);
        }

        Release(slice);
    }

    public void Collect(TableChanges into)
    {
        into.Add(_closed);
        _closed.Clear();
        if (_tables.Length == 0)
        {
            return;
        }

        foreach (var slice in _open.Values)
        {
            foreach (ref var slot in slice.States.Slots)
            {
                if (SliceTable<TKey, TState>.TakeChange(ref slot))
                {
                    _rows.Put(into, _tables, slot.Key, slice.Bounds, slot.State, isFinal: false);
                }
            }
        }
    }

    public void Save(StateWriter into)
    {
        into.Write(_open.Sum(slice => slice.Value.States.Count));
        foreach (var slice in _open.Values)
        {
            foreach (ref var slot in slice.States.Slots)
            {
                if (SliceTable<TKey, TState>.IsTaken(slot))
                {
                    into.Write(slice.Bounds.Start);
                    into.Write(slice.Bounds.End);
                    StateCodec<TKey>.Write(into, slot.Key);
                    StateCodec<TState>.Write(into, slot.State);
                }
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
                SliceOf(bounds).States.Put(key, state, isChanged: false);
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

        slice.States.Put(key, state, isChanged: true);
    }

    private Slice SliceOf(WindowBounds bounds)
    {
        if (!_open.TryGetValue(bounds.End, out var slice))
        {
            slice = new Slice(bounds, _spare.Count > 0 ? _spare.Pop() : new SliceTable<TKey, TState>());
            _open.Add(bounds.End, slice);
            NextDue = Math.Min(NextDue, bounds.End + _closesAfter);
        }

        return _last = slice;
    }

    /// <summary>A closed window's memory serves the next one: fresh memory is slow.</summary>
    private void Release(Slice slice)
    {
        if (_spare.Count < SparesMax)
        {
            slice.States.Clear();
            _spare.Push(slice.States);
        }
    }

    private static IEnumerable<(byte[] Bytes, TKey Key, TState State)> InOrder(Slice slice)
    {
        var all = new List<(byte[] Bytes, TKey Key, TState State)>(slice.States.Count);
        foreach (ref var slot in slice.States.Slots)
        {
            if (SliceTable<TKey, TState>.IsTaken(slot))
            {
                all.Add((Columns<TKey>.KeyBytes(slot.Key), slot.Key, slot.State));
            }
        }

        return all.OrderBy(one => one.Bytes, KeyOrder.Instance);
    }

    /// <summary>One window with the states of its keys.</summary>
    private sealed record Slice(WindowBounds Bounds, SliceTable<TKey, TState> States);
}

/// <summary>Unsigned order of key bytes (rule T8).</summary>
internal sealed class KeyOrder : IComparer<byte[]>
{
    public static readonly KeyOrder Instance = new();

    public int Compare(byte[]? left, byte[]? right) => Moment.Compare(left, right);
}
