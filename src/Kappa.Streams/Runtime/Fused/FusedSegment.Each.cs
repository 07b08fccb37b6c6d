using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Kappa.Streams.Runtime.Fused;

/// <content>What goes record by record.</content>
internal sealed partial class FusedSegment<T, TKey, TValue, TState, TRecords, TTime, TChain, TFold>
{
    private TState[] _before = [];
    private bool[] _wasNew = [];
    private int _folded;

    /// <summary>A batch with a record that is no plain event, or on which the user's code fails.</summary>
    private void RunPlain(in PlacedBatch placed)
    {
        _one[0] = placed;
        _settings.Plain.Run(0, _one, 0, 1);
        _settings.Plain.MoveWatermark();
        _settings.Exchange.Deal();
        _settings.Exchange.Run(0);
    }

    /// <summary>
    /// A batch that falls into several panes, or with late records, or by which windows close: each record by the
    /// watermark before it.
    /// </summary>
    private void RunEach(in PlacedBatch placed)
    {
        var batch = placed.Batch;
        _chain.Begin(batch.Count);
        ref var origin = ref _records.Origin(batch);
        ref var made = ref _chain.Origin(ref origin);
        var at = 0;
        for (var i = 0; i < batch.Count; i++)
        {
            var valueAt = _records.Next(ref origin, ref at);
            ref var value = ref Unsafe.As<byte, T>(ref Unsafe.AddByteOffset(ref origin, valueAt));
            var time = _time.Invoke(ref value).UtcTicks;
            if (_chain.Next(ref value, ref valueAt, out var key))
            {
                Receive(placed.FirstPlace + i, key, ref made, valueAt, time);
            }

            _settings.Track.Observe(placed.FirstPlace + i, time, batch.LogTime);
            if (_stage.NextDue <= _settings.Track.Current)
            {
                _shard.FireAll();
            }
        }
    }

    /// <summary>The staged value of a number, as the exchange would have brought it.</summary>
    private void ReceiveStaged(in PlacedBatch placed, int number)
    {
        var batch = placed.Batch;
        _chain.Begin(batch.Count);
        ref var origin = ref _records.Origin(batch);
        ref var made = ref _chain.Origin(ref origin);
        var at = 0;
        for (var i = 0; i < batch.Count; i++)
        {
            var valueAt = _records.Next(ref origin, ref at);
            ref var value = ref Unsafe.As<byte, T>(ref Unsafe.AddByteOffset(ref origin, valueAt));
            if (_chain.Next(ref value, ref valueAt, out var key) && number-- == 0)
            {
                Receive(placed.FirstPlace + i, key, ref made, valueAt, _time.Invoke(ref value).UtcTicks);
                return;
            }
        }
    }

    private void Receive(int place, TKey key, ref byte made, int valueAt, long time)
    {
        ((KeyCell<TKey>)_shard.Keys!).Value = key;
        _shard.Clock.AtInput(
            new Moment(place, Moment.Record, 0, null, 0, 0, 0), _shard.Held(_settings.Track.Before(place)));
        _stage.Receive(key, Unsafe.As<byte, TValue>(ref Unsafe.AddByteOffset(ref made, valueAt)), time);
    }

    /// <summary>Each value into several windows: all of them or none (rule O6).</summary>
    private void FoldIntoAll(ref byte origin, ref int next)
    {
        var tables = _pane.Tables;
        if (_before.Length < tables.Length)
        {
            _before = new TState[tables.Length];
            _wasNew = new bool[tables.Length];
        }

        ref var staged = ref MemoryMarshal.GetArrayDataReference(_staged);
        for (var end = _count; next < end; next++)
        {
            ref var item = ref Unsafe.Add(ref staged, next);
            ref var value = ref Unsafe.As<byte, TValue>(ref Unsafe.AddByteOffset(ref origin, item.At));
            var ahead = Unsafe.Add(ref staged, Math.Min(next + 1, end - 1)).Tag;
            for (_folded = 0; _folded < tables.Length; _folded++)
            {
                var table = tables[_folded];
                table.Prefetch(ahead);
                ref var slot = ref table.Find(item.Tag, item.Key);
                var isNew = slot.Tag == 0;
                var state = isNew ? _seed : slot.State;
                _before[_folded] = state;
                _wasNew[_folded] = isNew;
                _fold.Invoke(ref state, ref value);
                if (state is null)
                {
                    UndoLast(next);
                    return;
                }

                if (isNew)
                {
                    table.Take(ref slot, item.Tag, item.Key, state);
                }
                else
                {
                    slot.State = state;
                    slot.Tag = item.Tag;
                }
            }

            _folded = 0;
        }
    }

    /// <summary>Takes back what the value that failed did to the windows before the one it failed in.</summary>
    private void UndoLast(int failed)
    {
        for (; _folded > 0; _folded--)
        {
            var table = _pane.Tables[_folded - 1];
            if (_wasNew[_folded - 1])
            {
                table.Remove(_staged[failed].Key);
            }
            else
            {
                table.Put(_staged[failed].Key, _before[_folded - 1], isChanged: true);
            }
        }
    }
}
