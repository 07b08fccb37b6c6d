using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Kappa.Log;

namespace Kappa.Streams.Runtime.Fused;

/// <summary>What a fused segment is made of.</summary>
/// <param name="Plain">The same segment as it runs record by record.</param>
/// <param name="Exchange">The exchange behind it.</param>
/// <param name="Track">The source's watermark.</param>
/// <param name="LatenessTicks">How far it stays behind.</param>
/// <param name="MaxAheadTicks">How far event time may be ahead of log time (rule T3).</param>
internal sealed record FusedSettings(
    SourceSegment Plain, IExchange Exchange, WatermarkTrack Track, long LatenessTicks, long MaxAheadTicks);

/// <summary>
/// A source, what lies in front of its key, and the fold by windows behind it, as one loop over a batch. A batch whose
/// records are all plain, all fall into the same open windows, and by which no window closes, is folded at once: what
/// each single record's watermark would have said about it is then the same. Every other batch goes record by record,
/// and one with a record that may be a dead letter through the general segment (promise P2).
/// </summary>
internal sealed partial class FusedSegment<T, TKey, TValue, TState, TRecords, TTime, TChain, TFold> : SourceSegment
    where TKey : notnull
    where TRecords : struct, IRecords<T>
    where TTime : struct, IFunction<T, DateTimeOffset>
    where TChain : struct, IChain<T, TKey>
    where TFold : struct, IFold<TState, TValue>
{
    private const int PrefetchAhead = 16;

    private readonly FusedSettings _settings;
    private readonly SegmentInstance _shard;
    private readonly IWindowFold<TKey, TValue, TState> _stage;
    private readonly OpenPane<TKey, TValue, TState> _pane;
    private readonly TState _seed;
    private readonly PlacedBatch[] _one = new PlacedBatch[1];
    private TRecords _records;
    private TTime _time;
    private TChain _chain;
    private TFold _fold;
    private Staged[] _staged = [];
    private int _count;
    private long _highest;
    private long _firstKept;
    private long _lastKept;
    private long _nextEnd;

    public FusedSegment(FusedSettings settings, TRecords records, TTime time, TChain chain, TFold fold)
    {
        _settings = settings;
        _records = records;
        _time = time;
        _chain = chain;
        _fold = fold;
        _shard = settings.Exchange.Instances[0];
        _stage = (IWindowFold<TKey, TValue, TState>)_shard.Stages[0];
        _pane = new OpenPane<TKey, TValue, TState>(_stage);
        _seed = _stage.Seed;
    }

    /// <summary>A value on its way to its state.</summary>
    private struct Staged
    {
        public uint Tag;
        public int At;
        public TKey Key;
    }

    public override string Topic => _settings.Plain.Topic;

    public override IReadOnlyList<SegmentInstance> Instances => _settings.Plain.Instances;

    public override void Build()
    {
    }

    public override void MoveWatermark() => _settings.Plain.MoveWatermark();

    public override void Run(int worker, IReadOnlyList<PlacedBatch> batches, int from, int to)
    {
        if (_shard.Machine.Completes)
        {
            // A topic that ends in the middle of a step is rare, and the places behind its end are special.
            _settings.Plain.Run(worker, batches, from, to);
            return;
        }

        for (var i = from; i < to; i++)
        {
            if (_stage.NextDue <= _settings.Track.Current)
            {
                _shard.FireAll();
            }

            Run(batches[i]);
        }
    }

    private void Run(in PlacedBatch placed)
    {
        var batch = placed.Batch;
        if (!TryStage(batch))
        {
            RunPlain(placed);
            return;
        }

        var track = _settings.Track;
        var before = track.Current;
        var after = Math.Max(before, Math.Min(_highest, batch.LogTime) - _settings.LatenessTicks);
        if (before == SegmentClock.NoWatermark || Passes(before, after)
            || (_count > 0 && !_pane.TryMove(_firstKept, _lastKept, before)))
        {
            RunEach(placed);
            return;
        }

        if (_count > 0)
        {
            Fold(placed);
        }

        track.RaiseTo(placed.FirstPlace + batch.Count - 1, after);
    }

    /// <summary>Does the watermark pass the end of a window, open or not, on its way?</summary>
    private bool Passes(long before, long after)
    {
        before -= _stage.GraceTicks;
        after -= _stage.GraceTicks;
        if (before >= _nextEnd)
        {
            _nextEnd = _stage.Cut.NextEnd(before);
        }

        return after >= _nextEnd;
    }

    /// <summary>Decodes a batch and finds what is to be folded; false where a record of it may be a dead letter.</summary>
    private bool TryStage(RecordBatch batch)
    {
        if (_staged.Length < batch.Count)
        {
            _staged = new Staged[batch.Count + (batch.Count / 2)];
        }

        try
        {
            return TryStageAll(batch);
        }
        catch (Exception error) when (UserCode.MayFail(error))
        {
            return false;
        }
    }

    private bool TryStageAll(RecordBatch batch)
    {
        if (!_records.Begin(batch))
        {
            return false;
        }

        var left = batch.Count;
        _chain.Begin(left);
        ref var origin = ref _records.Origin(batch);
        ref var staged = ref MemoryMarshal.GetArrayDataReference(_staged);
        var latest = Math.Min(EventTimes.Latest, batch.LogTime + _settings.MaxAheadTicks + 1);
        long highest = long.MinValue, first = long.MaxValue, last = long.MinValue;
        int at = 0, count = 0;
        for (; left > 0; left--)
        {
            var valueAt = _records.Next(ref origin, ref at);
            if (valueAt < 0)
            {
                return false;
            }

            ref var value = ref Unsafe.As<byte, T>(ref Unsafe.AddByteOffset(ref origin, valueAt));
            var time = _time.Invoke(ref value).UtcTicks;
            if (time < EventTimes.Earliest || time >= latest)
            {
                return false;
            }

            highest = Math.Max(highest, time);
            if (_chain.Next(ref value, ref valueAt, out var key))
            {
                first = Math.Min(first, time);
                last = Math.Max(last, time);
                ref var item = ref Unsafe.Add(ref staged, count++);
                item.Tag = SliceTable<TKey, TState>.TagOf(key);
                item.At = valueAt;
                item.Key = key;
            }
        }

        _count = count;
        _highest = highest;
        _firstKept = first;
        _lastKept = last;
        return true;
    }

    private void Fold(in PlacedBatch placed)
    {
        foreach (var table in _pane.Tables)
        {
            table.Reserve(_count);
        }

        for (var next = 0; next < _count; next++)
        {
            try
            {
                FoldFrom(placed.Batch, ref next);
            }
            catch (Exception error) when (UserCode.MayFail(error))
            {
                UndoLast(next);
            }

            if (next < _count)
            {
                // It throws, or removes its key: the general way knows what that means.
                ReceiveStaged(placed, next);
            }
        }
    }

    private void FoldFrom(RecordBatch batch, ref int next)
    {
        ref var origin = ref _chain.Origin(ref _records.Origin(batch));
        if (_pane.Tables.Length > 1)
        {
            FoldIntoAll(ref origin, ref next);
        }
        else if (_pane.Tables[0].IsLarge)
        {
            FoldAhead(ref origin, _pane.Tables[0], ref next);
        }
        else
        {
            FoldInto(ref origin, _pane.Tables[0], ref next);
        }
    }

    private void FoldInto(ref byte origin, SliceTable<TKey, TState> table, ref int next)
    {
        ref var staged = ref MemoryMarshal.GetArrayDataReference(_staged);
        for (var end = _count; next < end; next++)
        {
            if (!TryFold(ref Unsafe.Add(ref staged, next), ref origin, table))
            {
                return;
            }
        }
    }

    private void FoldAhead(ref byte origin, SliceTable<TKey, TState> table, ref int next)
    {
        ref var staged = ref MemoryMarshal.GetArrayDataReference(_staged);
        for (var end = _count; next < end; next++)
        {
            table.Prefetch(Unsafe.Add(ref staged, Math.Min(next + PrefetchAhead, end - 1)).Tag);
            if (!TryFold(ref Unsafe.Add(ref staged, next), ref origin, table))
            {
                return;
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool TryFold(ref Staged item, ref byte origin, SliceTable<TKey, TState> table)
    {
        ref var value = ref Unsafe.As<byte, TValue>(ref Unsafe.AddByteOffset(ref origin, item.At));
        ref var slot = ref table.Find(item.Tag, item.Key);
        if (slot.Tag == 0)
        {
            var made = _seed;
            _fold.Invoke(ref made, ref value);
            if (made is null)
            {
                return false;
            }

            table.Take(ref slot, item.Tag, item.Key, made);
        }
        else if (default(TState) is null)
        {
            var made = slot.State;
            _fold.Invoke(ref made, ref value);
            if (made is null)
            {
                return false;
            }

            slot.State = made;
            slot.Tag = item.Tag;
        }
        else
        {
            _fold.Invoke(ref slot.State, ref value);
            slot.Tag = item.Tag;
        }

        return true;
    }
}
