using System.Runtime.InteropServices;
using Kappa.Tables;

namespace Kappa.Streams.Runtime;

/// <summary>
/// A running fold: one state per key; each new state flows on, changed rows are written at the next commit.
/// </summary>
internal sealed class FoldStage<TKey, T, TState> : IKeyedReceiver<TKey, T>, IStage
    where TKey : notnull
{
    private readonly StageName _name;
    private readonly TState _seed;
    private readonly Func<TState, T, TState> _fold;
    private readonly SegmentInstance _instance;
    private readonly IReceiver<TState> _next;
    private readonly int[] _tables;
    private readonly Dictionary<TKey, Entry> _states = [];
    private readonly List<TKey> _dirty = [];
    private readonly TableChanges _removed = new();
    private readonly RowBuffer<TKey, TState> _rows = new(windowed: false);

    public FoldStage(
        StageName name, SegmentInstance instance, TState seed, Func<TState, T, TState> fold, IReceiver<TState> next,
        int[] tables)
    {
        _name = name;
        _seed = seed;
        _fold = fold;
        _instance = instance;
        _next = next;
        _tables = tables;
        instance.Add(this);
    }

    private struct Entry
    {
        public TState State;
        public bool IsDirty;
    }

    public int Number => _name.Number;

    public long NextDue => long.MaxValue;

    public long NextSetAt => 0;

    public void Receive(TKey key, T value, long eventTime)
    {
        ref var entry = ref CollectionsMarshal.GetValueRefOrAddDefault(_states, key, out var exists);
        if (!exists)
        {
            entry.State = _seed;
        }

        TState state;
        try
        {
            state = _fold(entry.State, value);
        }
        catch (Exception error) when (UserCode.MayFail(error))
        {
            if (!exists)
            {
                _states.Remove(key);
            }

            _instance.Side.Dead(_name.Label, eventTime, error);
            return;
        }

        if (state is null)
        {
            Remove(key);
            return;
        }

        entry.State = state;
        if (_tables.Length > 0 && !entry.IsDirty)
        {
            entry.IsDirty = true;
            _dirty.Add(key);
        }

        _next.Receive(state, eventTime);
    }

    public void Fire(in Firing firing) => throw new InvalidOperationException("A fold sets no timers.");

    public void Collect(TableChanges into)
    {
        // Removals come first: a key that came back since has its row among the changed ones.
        for (var i = 0; i < _removed.Count; i++)
        {
            into.Remove(_removed[i].Table, _removed[i].Key.Span);
        }

        _removed.Clear();
        foreach (var key in _dirty)
        {
            ref var entry = ref CollectionsMarshal.GetValueRefOrNullRef(_states, key);
            if (!System.Runtime.CompilerServices.Unsafe.IsNullRef(ref entry) && entry.IsDirty)
            {
                entry.IsDirty = false;
                _rows.Put(into, _tables, key, entry.State);
            }
        }

        _dirty.Clear();
    }

    public void Save(StateWriter into)
    {
        into.Write(_states.Count);
        foreach (var (key, entry) in _states)
        {
            StateCodec<TKey>.Write(into, key);
            StateCodec<TState>.Write(into, entry.State);
        }
    }

    public void Load(StateReader from)
    {
        for (var left = from.ReadInt32(); left > 0; left--)
        {
            var key = StateCodec<TKey>.Read(from);
            var state = StateCodec<TState>.Read(from);
            if (_instance.Owns(key))
            {
                _states.Add(key, new Entry { State = state });
            }
        }
    }

    private void Remove(TKey key)
    {
        _states.Remove(key);
        foreach (var table in _tables)
        {
            _removed.Remove(table, _rows.Key(key));
        }
    }
}
