using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Kappa.Log;

namespace Kappa.Streams.Runtime.Fused;

/// <summary>
/// A batch in front of its keys' states: decoded, its times read, filtered, mapped, keyed. Nothing it does can be seen.
/// </summary>
internal sealed class FusedBatch<T, TKey, TRecords, TTime, TChain>
    where TKey : notnull
    where TRecords : struct, IRecords<T>
    where TTime : struct, IFunction<T, DateTimeOffset>
    where TChain : struct, IChain<T, TKey>
{
    private readonly JobMachine _machine;
    private TRecords _records;
    private TTime _time;
    private TChain _chain;

    public FusedBatch(JobMachine machine, TRecords records, TTime time, TChain chain)
    {
        _machine = machine;
        _records = records;
        _time = time;
        _chain = chain;
        Shards = [.. Enumerable.Range(0, machine.Workers).Select(_ => new StagedList<TKey>())];
    }

    /// <summary>What goes to each worker's shard.</summary>
    public StagedList<TKey>[] Shards { get; }

    /// <summary>Its events are all plain, and the user's code failed on none.</summary>
    public bool IsStaged { get; private set; }

    /// <summary>What goes to any shard.</summary>
    public int Kept { get; private set; }

    /// <summary>The highest event time of all its events.</summary>
    public long Highest { get; private set; }

    /// <summary>The lowest event time of what is kept.</summary>
    public long FirstKept { get; private set; }

    /// <summary>The highest event time of what is kept.</summary>
    public long LastKept { get; private set; }

    /// <summary>Where the staged values are counted from.</summary>
    public ref byte Origin(RecordBatch batch) => ref _chain.Origin(ref _records.Origin(batch));

    /// <summary>Finds what is to be folded.</summary>
    public void Stage(RecordBatch batch, long maxAheadTicks)
    {
        foreach (var list in Shards)
        {
            list.Begin(batch.Count);
        }

        try
        {
            IsStaged = _records.Begin(batch)
                && (Shards.Length == 1 ? TryStage(batch, maxAheadTicks) : TryDeal(batch, maxAheadTicks));
        }
        catch (Exception error) when (UserCode.MayFail(error))
        {
            // What it means is for the general segment to say.
            IsStaged = false;
        }
    }

    /// <summary>Moves the watermark by each of the events.</summary>
    public void Observe(in PlacedBatch placed, SourceTrack track)
    {
        ref var origin = ref _records.Origin(placed.Batch);
        var at = 0;
        for (var i = 0; i < placed.Batch.Count; i++)
        {
            ref var value = ref Unsafe.As<byte, T>(
                ref Unsafe.AddByteOffset(ref origin, _records.Next(ref origin, ref at)));
            track.Observe(placed.FirstPlace + i, _time.Invoke(ref value).UtcTicks, placed.Batch.LogTime);
        }
    }

    private bool TryStage(RecordBatch batch, long maxAheadTicks)
    {
        var total = batch.Count;
        _chain.Begin(total);
        ref var origin = ref _records.Origin(batch);
        ref var items = ref MemoryMarshal.GetArrayDataReference(Shards[0].Items);
        ref var origins = ref MemoryMarshal.GetArrayDataReference(Shards[0].Origins);
        var latest = Math.Min(EventTimes.Latest, batch.LogTime + maxAheadTicks + 1);
        long highest = long.MinValue, first = long.MaxValue, last = long.MinValue;
        int at = 0, count = 0;
        for (var i = 0; i < total; i++)
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
                ref var item = ref Unsafe.Add(ref items, count);
                item.Tag = KeyTag.Of(key);
                item.At = valueAt;
                item.Key = key;
                Unsafe.Add(ref origins, count++) = new StagedOrigin(time, i);
            }
        }

        Shards[0].Count = count;
        (Kept, Highest, FirstKept, LastKept) = (count, highest, first, last);
        return true;
    }

    /// <summary>The same for several shards.</summary>
    private bool TryDeal(RecordBatch batch, long maxAheadTicks)
    {
        var total = batch.Count;
        _chain.Begin(total);
        ref var origin = ref _records.Origin(batch);
        var latest = Math.Min(EventTimes.Latest, batch.LogTime + maxAheadTicks + 1);
        long highest = long.MinValue, first = long.MaxValue, last = long.MinValue;
        int at = 0, kept = 0;
        for (var i = 0; i < total; i++)
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
                kept++;
                var tag = KeyTag.Of(key);
                var list = Shards[_machine.ShardOf(tag)];
                ref var item = ref list.Items[list.Count];
                item.Tag = tag;
                item.At = valueAt;
                item.Key = key;
                list.Origins[list.Count++] = new StagedOrigin(time, i);
            }
        }

        (Kept, Highest, FirstKept, LastKept) = (kept, highest, first, last);
        return true;
    }
}
