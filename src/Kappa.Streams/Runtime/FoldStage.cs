using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Kappa.Tables;

namespace Kappa.Streams.Runtime;

/// <summary>Where the results of a fold go.</summary>
/// <param name="Next">Takes each result; null for nobody.</param>
/// <param name="Changes">Takes each change; null for nobody.</param>
/// <param name="Tables">The tables that show it.</param>
internal sealed record FoldOutlets<TKey, TResult>(
    IReceiver<TResult>? Next, IKeyedReceiver<TKey, Change<TResult>>? Changes, int[] Tables)
    where TKey : notnull;

/// <summary>
/// A running fold: one state per key; each new result flows on, changed rows are written at the next commit.
/// </summary>
internal sealed class FoldStage<TKey, T, TState, TResult> : IKeyedReceiver<TKey, T>, IStage
    where TKey : notnull
{
    private readonly StageName _name;
    private readonly Aggregation<T, TState, TResult> _fold;
    private readonly SegmentInstance _instance;
    private readonly IReceiver<TResult>? _next;
    private readonly IKeyedReceiver<TKey, Change<TResult>>? _changes;
    private readonly int[] _tables;
    private readonly Dictionary<TKey, Entry> _states = [];
    private readonly List<TKey> _dirty = [];
    private readonly TableChanges _removed = new();
    private readonly RowBuffer<TKey, TResult> _rows = new(windowed: false);
    private readonly bool _isResultAsked;

    public FoldStage(
        StageName name, SegmentInstance instance, Aggregation<T, TState, TResult> fold,
        FoldOutlets<TKey, TResult> outlets)
    {
        _name = name;
        _fold = fold;
        _instance = instance;
        _next = outlets.Next;
        _changes = outlets.Changes;
        _tables = outlets.Tables;
        _isResultAsked = _next is not null || _changes is not null || fold.MayResultFail;
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
            entry.State = _fold.Seed;
        }

        TState state;
        TResult? old = default, result = default;
        try
        {
            state = _fold.Next(entry.State, value);
            if (_changes is not null && exists)
            {
                old = _fold.Result(entry.State);
            }

            if (_isResultAsked && state is not null)
            {
                result = _fold.Result(state);
            }
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
        }
        else
        {
            entry.State = state;
            if (_tables.Length > 0 && !entry.IsDirty)
            {
                entry.IsDirty = true;
                _dirty.Add(key);
            }
        }

        // What a value type has no null for must be told from none.
        Flow(key, exists ? old : default, exists, result, state is not null, eventTime);
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
            if (!Unsafe.IsNullRef(ref entry) && entry.IsDirty)
            {
                entry.IsDirty = false;
                _rows.Put(into, _tables, key, _fold.Result(entry.State));
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

    private void Flow(TKey key, TResult? old, bool wasThere, TResult? result, bool isThere, long eventTime)
    {
        if (_changes is not null)
        {
            if (wasThere && old is not null)
            {
                _changes.Receive(key, new Change<TResult>(old, -1), eventTime);
            }

            if (isThere && result is not null)
            {
                _changes.Receive(key, new Change<TResult>(result, 1), eventTime);
            }
        }

        if (_next is not null && isThere && result is not null)
        {
            _next.Receive(result, eventTime);
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
