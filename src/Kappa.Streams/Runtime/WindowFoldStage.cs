using Kappa.Tables;

namespace Kappa.Streams.Runtime;

/// <summary>
/// A fold per key and window: one table of states per window, so that closing a window is one walk over its keys. A
/// window closes at watermark ≥ end + grace (rule T4), key after key in order of key bytes (rule T7).
/// </summary>
internal sealed partial class WindowFoldStage<TKey, T, TState, TResult> : IKeyedReceiver<TKey, T>, IStage
    where TKey : notnull
{
    private const int SparesMax = 4;

    private readonly StageName _name;
    private readonly WindowChoice<TKey, T> _choice;
    private readonly Aggregation<T, TState, TResult> _fold;
    private readonly SegmentInstance _instance;
    private readonly WindowOutlet<TKey, T, TState, TResult> _outlet;
    private readonly SortedDictionary<WindowBounds, Slice> _open = new(EndOrder.Instance);
    private readonly Dictionary<KeyedStates<TKey, TState>, WindowBounds> _boundsOf = [];
    private readonly List<WindowBounds> _windows = [];
    private readonly List<WindowBounds> _late = [];
    private readonly List<Made> _made = [];
    private readonly StageStates<TKey, TState> _all;
    private readonly Stack<KeyedStates<TKey, TState>> _spare = new();
    private readonly long _closesAfter;
    private Slice? _last;

    public WindowFoldStage(
        StageName name, SegmentInstance instance, WindowChoice<TKey, T> choice, WindowRules rules,
        Aggregation<T, TState, TResult> fold, FoldOutlets<TKey, Windowed<TKey, TResult>> outlets)
    {
        _name = name;
        _choice = choice;
        _fold = fold;
        _instance = instance;
        _outlet = new WindowOutlet<TKey, T, TState, TResult>(name, instance, rules, fold, outlets);
        _closesAfter = rules.ClosesAfter;
        _all = new StageStates<TKey, TState>(name, instance, _outlet.HasTables);
        instance.Add(this);
    }

    public IStageStates States => _all;

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
            _choice.Assign(key, value, eventTime, _windows);
            foreach (var window in _windows)
            {
                if (window.End + _closesAfter <= _instance.Clock.Watermark)
                {
                    _late.Add(window);
                }
                else
                {
                    _made.Add(Fold(key, value, window));
                }
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

        foreach (var made in _made)
        {
            Keep(made.Slice, key, made.State);
        }

        if (_outlet.HasChanges)
        {
            foreach (var made in _made)
            {
                if (made.IsOld)
                {
                    _outlet.Changed(key, made.Slice.Bounds, made.Old, -1);
                }

                if (made.State is not null)
                {
                    _outlet.Changed(key, made.Slice.Bounds, made.New, 1);
                }
            }
        }
    }

    public void Fire(in Firing firing)
    {
        List<Slice> closing = [];
        while (_open.Count > 0 && _open.First() is var (bounds, slice)
            && (closing.Count == 0 || bounds.End == closing[0].Bounds.End))
        {
            _open.Remove(bounds);
            closing.Add(slice);
        }

        _last = null;
        NextDue = _open.Count == 0 ? long.MaxValue : _open.First().Key.End + _closesAfter;
        if (!_outlet.IsOrdered)
        {
            closing.ForEach(Close);
            return;
        }

        // Windows of one end are one timer of each key; of one key the earlier start comes first.
        // Where a state is cold, only its key and place are in memory until its turn.
        var located = new List<Located<TKey, TState>>();
        closing.ForEach(slice => slice.States.Locate(located));
        located.Sort((left, right) => Moment.Compare(left.Bytes, right.Bytes) is var order and not 0
            ? order
            : _boundsOf[left.Table].Start.CompareTo(_boundsOf[right.Table].Start));
        foreach (var (_, table, place) in located)
        {
            var (key, state) = table.At(place);
            _outlet.Close(firing, key, _boundsOf[table], state);
        }

        closing.ForEach(Release);
    }

    public void Collect(TableChanges into, bool withOpen)
    {
        _outlet.Collect(into);
        if (!withOpen || !_outlet.HasTables)
        {
            return;
        }

        foreach (var states in _all.Changing)
        {
            var bounds = _boundsOf[states];
            for (var i = 0; i < states.Candidates; i++)
            {
                ref var slot = ref states.Candidate(i);
                if (KeyedStates<TKey, TState>.TakeChange(ref slot))
                {
                    _outlet.Show(into, slot.Key, bounds, slot.State);
                }
            }

            states.ForgetChanges();
        }
    }

    public void Save(StateWriter into)
    {
        into.Write(_open.Count);
        foreach (var (bounds, slice) in _open)
        {
            into.Write(bounds.Start);
            into.Write(bounds.End);
            _all.Save(slice.States, into);
        }
    }

    public void Load(StateReader from, IReadOnlyList<IStage> workers)
    {
        for (var windows = from.ReadInt32(); windows > 0; windows--)
        {
            var bounds = new WindowBounds(from.ReadInt64(), from.ReadInt64());
            for (var left = from.ReadInt64(); left > 0; left--)
            {
                var (key, state, isChanged) = _all.Load(from);
                var owner = (WindowFoldStage<TKey, T, TState, TResult>)workers[_instance.Machine.ShardOf(key)];
                owner.SliceOf(bounds).States.Put(key, state, isChanged);
            }
        }
    }

    /// <summary>Nobody else waits for these rows, so any order does.</summary>
    private void Close(Slice slice)
    {
        foreach (ref var slot in slice.States.Slots)
        {
            if (KeyedStates<TKey, TState>.IsTaken(slot))
            {
                _outlet.Close(slot.Key, slice.Bounds, slot.State);
            }
        }

        foreach (var (key, state) in slice.States.Cold())
        {
            _outlet.Close(key, slice.Bounds, state);
        }

        Release(slice);
    }

    private Made Fold(TKey key, T value, WindowBounds window)
    {
        var slice = _last is not null && _last.Bounds == window ? _last : SliceOf(window);
        var isOld = slice.States.TryGet(key, out var old);
        var made = new Made
        {
            Slice = slice,
            State = _fold.Next(isOld ? old! : _fold.Seed, value),
            IsOld = isOld,
        };
        if (_outlet.HasChanges)
        {
            made.Old = isOld ? _fold.Result(old!) : default;
            made.New = made.State is null ? default : _fold.Result(made.State);
        }

        return made;
    }

    private void Keep(Slice slice, TKey key, TState state)
    {
        if (state is null)
        {
            slice.States.Remove(key);
            _outlet.Remove(key, slice.Bounds);
            return;
        }

        slice.States.Put(key, state, isChanged: true);
    }

    private Slice SliceOf(WindowBounds bounds)
    {
        if (!_open.TryGetValue(bounds, out var slice))
        {
            slice = new Slice(bounds, _spare.Count > 0 ? _spare.Pop() : _all.Make());
            _open.Add(bounds, slice);
            _boundsOf.Add(slice.States, bounds);
            NextDue = Math.Min(NextDue, bounds.End + _closesAfter);
        }

        return _last = slice;
    }

    /// <summary>A closed window's memory serves the next one: fresh memory is slow.</summary>
    private void Release(Slice slice)
    {
        _boundsOf.Remove(slice.States);
        if (_spare.Count < SparesMax)
        {
            slice.States.Clear();
            _spare.Push(slice.States);
        }
        else
        {
            _all.Drop(slice.States);
        }
    }

    /// <summary>What a value makes of a window; the results only where somebody follows them.</summary>
    private struct Made
    {
        public Slice Slice;
        public TState State;
        public bool IsOld;
        public TResult? Old;
        public TResult? New;
    }

    /// <summary>One window with the states of its keys.</summary>
    private sealed record Slice(WindowBounds Bounds, KeyedStates<TKey, TState> States);
}

/// <summary>Windows in the order in which they close.</summary>
internal sealed class EndOrder : IComparer<WindowBounds>
{
    public static readonly EndOrder Instance = new();

    public int Compare(WindowBounds left, WindowBounds right) =>
        left.End != right.End ? left.End.CompareTo(right.End) : left.Start.CompareTo(right.Start);
}

/// <summary>Unsigned order of key bytes (rule T8).</summary>
internal sealed class KeyOrder : IComparer<byte[]>
{
    public static readonly KeyOrder Instance = new();

    public int Compare(byte[]? left, byte[]? right) => Moment.Compare(left, right);
}
