using System.Runtime.CompilerServices;
using Kappa.Log;

namespace Kappa.Streams.Runtime.Fused;

/// <summary>
/// Events straight into the states of their windows, one window for each; nothing is staged. It stops in front of the
/// first event that is not plain, falls into a closed window, may move the watermark past the end of one, or on which
/// the user's code fails, and has done nothing with it.
/// </summary>
internal abstract class DirectFold
{
    /// <summary>The highest event time of what it went through; the least there is for none.</summary>
    public long Highest { get; protected set; }

    /// <summary>Folds what it can from the beginning of a batch.</summary>
    /// <returns>How many events it went through: the rest is for others.</returns>
    public abstract int Fold(RecordBatch batch);
}

/// <inheritdoc/>
internal sealed class DirectFold<T, TKey, TValue, TState, TRecords, TTime, TChain, TFold, TDeal>(
    FusedShard<TKey, TValue, TState, TFold> shard, DirectPanes<TKey, TState> panes, TRecords records, TTime time,
    TChain chain, TDeal deal) : DirectFold
    where TKey : notnull
    where TRecords : struct, IRecords<T>
    where TTime : struct, IFunction<T, DateTimeOffset>
    where TChain : struct, IChain<T, TKey>
    where TFold : struct, IFold<TState, TValue>
    where TDeal : struct, IDeal
{
    private TRecords _records = records;
    private TTime _time = time;
    private TChain _chain = chain;
    private int _next;
    private int _at;

    /// <inheritdoc/>
    public override int Fold(RecordBatch batch)
    {
        (_next, _at, Highest) = (0, 0, long.MinValue);
        try
        {
            if (_records.Begin(batch))
            {
                _chain.Begin(batch.Count);
                ref var origin = ref _records.Origin(batch);
                for (var end = 0; _next == end && end < batch.Count;)
                {
                    end = Math.Min(end + FusedRoom.Keys, batch.Count);
                    panes.Reserve(end - _next);
                    while (Fold(ref origin, ref _chain.Origin(ref origin), end) && panes.Turn(Turned))
                    {
                        // The values made so far are folded: their room is free.
                        _chain.Begin(batch.Count);
                    }
                }
            }
        }
        catch (Exception error) when (UserCode.MayFail(error))
        {
            // What it means is for the general segment to say.
            Highest = HighestOf(batch);
        }

        return _next;
    }

    /// <summary>The time of the event that falls into another pane.</summary>
    private long Turned { get; set; }

    /// <summary>True where the next event falls into another pane.</summary>
    private bool Fold(ref byte origin, ref byte values, int end)
    {
        var (at, highest, turns) = (_at, Highest, false);
        var (table, last, low, length) = (panes.Table, panes.LastTable, panes.Low, panes.Length);
        for (; _next < end; _next++)
        {
            var start = at;
            var valueAt = _records.Next(ref origin, ref at);
            if (valueAt < 0)
            {
                break;
            }

            ref var value = ref Unsafe.As<byte, T>(ref Unsafe.AddByteOffset(ref origin, valueAt));
            var time = _time.Invoke(ref value).UtcTicks;
            if ((ulong)(time - low) >= length)
            {
                if (!panes.Allow(time))
                {
                    break;
                }

                if (_chain.Next(ref value, ref valueAt, out _))
                {
                    (at, Turned, turns) = (start, time, true);
                    break;
                }
            }
            else if (_chain.Next(ref value, ref valueAt, out var key))
            {
                ref var kept = ref Unsafe.As<byte, TValue>(ref Unsafe.AddByteOffset(ref values, valueAt));
                var tag = KeyTag.Of(key);
                if (!shard.TryFold(tag, key, ref kept, deal.IsFirst(tag) ? table! : last!))
                {
                    break;
                }
            }

            highest = Math.Max(highest, time);
        }

        (_at, Highest) = (at, highest);
        return turns;
    }

    /// <summary>The same, of what it went through before the user's code failed.</summary>
    private long HighestOf(RecordBatch batch)
    {
        ref var origin = ref _records.Origin(batch);
        var (at, highest) = (0, long.MinValue);
        for (var i = 0; i < _next; i++)
        {
            ref var value = ref Unsafe.As<byte, T>(
                ref Unsafe.AddByteOffset(ref origin, _records.Next(ref origin, ref at)));
            highest = Math.Max(highest, _time.Invoke(ref value).UtcTicks);
        }

        return highest;
    }
}
