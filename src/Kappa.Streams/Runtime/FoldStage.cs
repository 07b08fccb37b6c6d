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
    private readonly StageStates<TKey, TState> _all;
    private readonly KeyedStates<TKey, TState> _states;
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
        _all = new StageStates<TKey, TState>(name, instance, hasRows: _tables.Length > 0);
        _states = _all.Make();
        instance.Add(this);
    }

    public IStageStates States => _all;

    public int Number => _name.Number;

    public long NextDue => long.MaxValue;

    public long NextSetAt => 0;

    public void Receive(TKey key, T value, long eventTime)
    {
        var tag = KeyTag.Of(key);
        _states.Reserve(1);
        ref var slot = ref _states.Find(tag, key);
        var exists = slot.Tag != 0 || _states.Thaw(ref slot, tag, key);
        TState state;
        TResult? old = default, result = default;
        try
        {
            state = _fold.Next(exists ? slot.State : _fold.Seed, value);
            if (_changes is not null && exists)
            {
                old = _fold.Result(slot.State);
            }

            if (_isResultAsked && state is not null)
            {
                result = _fold.Result(state);
            }
        }
        catch (Exception error) when (UserCode.MayFail(error))
        {
            _instance.Side.Dead(_name.Label, eventTime, error);
            return;
        }

        if (state is null)
        {
            Remove(key);
        }
        else
        {
            Keep(ref slot, exists, tag, key, state);
        }

        // What a value type has no null for must be told from none.
        Flow(key, exists ? old : default, exists, result, state is not null, eventTime);
    }

    public void Fire(in Firing firing) => throw new InvalidOperationException("A fold sets no timers.");

    public void Collect(TableChanges into, bool withOpen)
    {
        // Removals come first: a key that came back since has its row among the changed ones.
        for (var i = 0; i < _removed.Count; i++)
        {
            into.Remove(_removed[i].Table, _removed[i].Key.Span);
        }

        _removed.Clear();
        if (!withOpen)
        {
            // A running fold's rows are never final; that one is gone is no part of the state.
            return;
        }

        for (var i = 0; i < _states.Candidates; i++)
        {
            ref var slot = ref _states.Candidate(i);
            if (KeyedStates<TKey, TState>.TakeChange(ref slot))
            {
                _rows.Put(into, _tables, slot.Key, _fold.Result(slot.State));
            }
        }

        _states.ForgetChanges();
    }

    public void Save(StateWriter into) => _all.Save(_states, into);

    public void Load(StateReader from, IReadOnlyList<IStage> workers)
    {
        for (var left = from.ReadInt64(); left > 0; left--)
        {
            var (key, state, isChanged) = _all.Load(from);
            var owner = (FoldStage<TKey, T, TState, TResult>)workers[_instance.Machine.ShardOf(key)];
            owner._states.Put(key, state, isChanged);
        }
    }

    private void Keep(
        ref KeyedStates<TKey, TState>.Slot slot, bool exists, uint tag, TKey key, TState state)
    {
        if (exists)
        {
            _states.NoteChange(ref slot, key);
            slot.State = state;
            slot.Tag = tag;
        }
        else
        {
            _states.Take(ref slot, tag, key, state);
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
