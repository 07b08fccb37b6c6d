using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Kappa.Streams.Runtime.Fused;

/// <summary>How much room is made in tables before a loop.</summary>
internal static class FusedRoom
{
    /// <summary>A few keys at a time: a table with room for a whole batch of them would leave the cache.</summary>
    public const int Keys = 256;
}

/// <summary>The keys of one worker behind a fused segment: folds what was staged into their states.</summary>
internal sealed class FusedShard<TKey, TValue, TState, TFold>
    where TKey : notnull
    where TFold : struct, IFold<TState, TValue>
{
    private const int PrefetchAhead = 16;

    private readonly SegmentInstance _instance;
    private readonly IWindowFold<TKey, TValue, TState> _stage;
    private readonly OpenPane _pane;
    private readonly TState _seed;
    private TFold _fold;
    private KeyedStates<TKey, TState>[] _tables = [];
    private int _tablesOf = -1;
    private TState[] _before = [];
    private bool[] _wasNew = [];
    private int _folded;

    public FusedShard(SegmentInstance instance, TFold fold)
    {
        _instance = instance;
        _stage = (IWindowFold<TKey, TValue, TState>)instance.Stages[0];
        _pane = new OpenPane(_stage.Cut!, _stage.ClosesAfter);
        _seed = _stage.Seed;
        _fold = fold;
    }

    /// <summary>The states of an open window.</summary>
    public KeyedStates<TKey, TState> StatesOf(WindowBounds window) => _stage.StatesOf(window);

    /// <summary>Fires what is due by all that has been read.</summary>
    public void Fire()
    {
        if (_stage.NextDue <= _instance.Track.Current)
        {
            _instance.FireAll();
        }
    }

    /// <summary>
    /// Each value by the watermark before it, which the track knows by now: where windows close, or values are late.
    /// </summary>
    public void Each(in PlacedBatch placed, StagedList<TKey> list, ref byte origin)
    {
        for (var i = 0; i < list.Count; i++)
        {
            _instance.FireBefore(Moment.OfRecord(placed.FirstPlace + list.Origins[i].Index));
            Receive(placed, list, i, ref origin);
        }
    }

    /// <summary>All values of a batch that falls into one pane of open windows.</summary>
    public void Fold(
        in PlacedBatch placed, StagedList<TKey> list, (long First, long Last, long Watermark) times, ref byte origin)
    {
        if (_stage.NextDue <= _instance.Track.Current)
        {
            _instance.FireBefore(Moment.OfRecord(placed.FirstPlace));
        }

        Open(times);
        for (var next = 0; next < list.Count;)
        {
            var end = Math.Min(next + FusedRoom.Keys, list.Count);
            foreach (var table in _tables)
            {
                table.Reserve(FusedRoom.Keys);
            }

            try
            {
                Fold(list, ref next, end, ref origin);
            }
            catch (Exception error) when (UserCode.MayFail(error))
            {
                Undo(list, next);
            }

            if (next < end)
            {
                // It throws, or removes its key: the general way knows what that means.
                Receive(placed, list, next++, ref origin);
            }
        }
    }

    private void Open((long First, long Last, long Watermark) times)
    {
        if (!_pane.TryMove(times.First, times.Last, times.Watermark))
        {
            throw new InvalidOperationException("A batch of several panes was taken for one of one.");
        }

        if (_tablesOf != _pane.Moves)
        {
            _tables = [.. _pane.Windows.Select(_stage.StatesOf)];
            _tablesOf = _pane.Moves;
        }
    }

    private void Fold(StagedList<TKey> list, ref int next, int end, ref byte origin)
    {
        if (_tables.Length > 1)
        {
            FoldIntoAll(list, ref next, end, ref origin);
        }
        else if (_tables[0].IsLarge)
        {
            FoldAhead(list, _tables[0], ref next, end, ref origin);
        }
        else
        {
            FoldInto(list, _tables[0], ref next, end, ref origin);
        }
    }

    private void FoldInto(
        StagedList<TKey> list, KeyedStates<TKey, TState> table, ref int next, int end, ref byte origin)
    {
        ref var items = ref MemoryMarshal.GetArrayDataReference(list.Items);
        for (; next < end; next++)
        {
            ref var item = ref Unsafe.Add(ref items, next);
            if (!TryFold(
                item.Tag, item.Key, ref Unsafe.As<byte, TValue>(ref Unsafe.AddByteOffset(ref origin, item.At)), table))
            {
                return;
            }
        }
    }

    private void FoldAhead(
        StagedList<TKey> list, KeyedStates<TKey, TState> table, ref int next, int end, ref byte origin)
    {
        var last = list.Count - 1;
        ref var items = ref MemoryMarshal.GetArrayDataReference(list.Items);
        for (; next < end; next++)
        {
            table.Prefetch(Unsafe.Add(ref items, Math.Min(next + PrefetchAhead, last)).Tag);
            ref var item = ref Unsafe.Add(ref items, next);
            if (!TryFold(
                item.Tag, item.Key, ref Unsafe.As<byte, TValue>(ref Unsafe.AddByteOffset(ref origin, item.At)), table))
            {
                return;
            }
        }
    }

    /// <summary>
    /// Folds one value; false where that removes its key, which the general way knows the meaning of. Where the user's
    /// code throws, nothing has changed. Reserve room first.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryFold(uint tag, TKey key, ref TValue value, KeyedStates<TKey, TState> table)
    {
        ref var slot = ref table.Find(tag, key);
        if (slot.Tag == 0 && !table.Thaw(ref slot, tag, key))
        {
            return TryFoldFirst(ref slot, tag, key, ref value, table);
        }

        if (default(TState) is null)
        {
            var made = slot.State;
            _fold.Invoke(ref made, ref value);
            if (made is null)
            {
                return false;
            }

            table.NoteChange(ref slot, key);
            slot.State = made;
            slot.Tag = tag;
        }
        else
        {
            _fold.Invoke(ref slot.State, ref value);
            table.NoteChange(ref slot, key);
            slot.Tag = tag;
        }

        return true;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool TryFoldFirst(
        ref KeyedStates<TKey, TState>.Slot slot, uint tag, TKey key, ref TValue value,
        KeyedStates<TKey, TState> table)
    {
        var made = _seed;
        _fold.Invoke(ref made, ref value);
        if (made is null)
        {
            return false;
        }

        table.Take(ref slot, tag, key, made);
        return true;
    }

    /// <summary>Each value into several windows: all of them or none (rule O6).</summary>
    private void FoldIntoAll(StagedList<TKey> list, ref int next, int end, ref byte origin)
    {
        if (_before.Length < _tables.Length)
        {
            _before = new TState[_tables.Length];
            _wasNew = new bool[_tables.Length];
        }

        for (; next < end; next++)
        {
            ref var item = ref list.Items[next];
            ref var value = ref Unsafe.As<byte, TValue>(ref Unsafe.AddByteOffset(ref origin, item.At));
            var ahead = list.Items[Math.Min(next + 1, list.Count - 1)].Tag;
            for (_folded = 0; _folded < _tables.Length; _folded++)
            {
                var table = _tables[_folded];
                table.Prefetch(ahead);
                ref var slot = ref table.Find(item.Tag, item.Key);
                var isNew = slot.Tag == 0 && !table.Thaw(ref slot, item.Tag, item.Key);
                var state = isNew ? _seed : slot.State;
                _before[_folded] = state;
                _wasNew[_folded] = isNew;
                _fold.Invoke(ref state, ref value);
                if (state is null)
                {
                    Undo(list, next);
                    return;
                }

                if (isNew)
                {
                    table.Take(ref slot, item.Tag, item.Key, state);
                }
                else
                {
                    table.NoteChange(ref slot, item.Key);
                    slot.State = state;
                    slot.Tag = item.Tag;
                }
            }

            _folded = 0;
        }
    }

    /// <summary>Takes back what the value that failed did to the windows before the one it failed in.</summary>
    private void Undo(StagedList<TKey> list, int failed)
    {
        for (; _folded > 0; _folded--)
        {
            var table = _tables[_folded - 1];
            if (_wasNew[_folded - 1])
            {
                table.Remove(list.Items[failed].Key);
            }
            else
            {
                table.Put(list.Items[failed].Key, _before[_folded - 1], isChanged: true);
            }
        }
    }

    /// <summary>One value as the exchange would have brought it.</summary>
    private void Receive(in PlacedBatch placed, StagedList<TKey> list, int number, ref byte origin)
    {
        var (time, index) = list.Origins[number];
        var place = placed.FirstPlace + index;
        ref var item = ref list.Items[number];
        ((KeyCell<TKey>)_instance.Keys!).Value = item.Key;
        var watermark = _instance.Track.Before(place);
        _instance.Clock.AtInput(Moment.OfRecord(place), 0, watermark, watermark);
        _stage.Receive(item.Key, Unsafe.As<byte, TValue>(ref Unsafe.AddByteOffset(ref origin, item.At)), time);
    }
}
