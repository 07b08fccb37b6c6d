namespace Kappa.Streams.Runtime;

/// <summary>What decides when a timer fires, in the order of rule T7: due value, key bytes, number.</summary>
/// <param name="Due">Value at which it falls due: of the stream's watermark, or of log time.</param>
/// <param name="KeyBytes">Its key.</param>
/// <param name="Number">Order of setting within the key.</param>
/// <param name="Time">The time asked for, in ticks.</param>
/// <param name="SetAt">The place of the run at which it was set.</param>
internal readonly record struct TimerOrder(long Due, byte[] KeyBytes, long Number, long Time, long SetAt)
    : IComparable<TimerOrder>
{
    public int CompareTo(TimerOrder other)
    {
        var order = Due.CompareTo(other.Due);
        order = order != 0 ? order : Moment.Compare(KeyBytes, other.KeyBytes);
        return order != 0 ? order : Number.CompareTo(other.Number);
    }
}

/// <summary>A stage's timers of one shard. One taken back stays until it comes first.</summary>
internal sealed class KeyTimers<TKey>
    where TKey : notnull
{
    private readonly PriorityQueue<TKey, TimerOrder> _queue = new();

    public delegate bool IsSet(TKey key, in TimerOrder order);

    public int Count => _queue.Count;

    public void Add(TKey key, in TimerOrder order) => _queue.Enqueue(key, order);

    /// <summary>The first timer that is still set; null for none.</summary>
    public TimerOrder? Peek(IsSet isSet)
    {
        while (_queue.TryPeek(out var key, out var order))
        {
            if (isSet(key, order))
            {
                return order;
            }

            _queue.Dequeue();
        }

        return null;
    }

    /// <summary>Takes the timer <see cref="Peek"/> found.</summary>
    public (TKey Key, TimerOrder Order) Take() =>
        _queue.TryDequeue(out var key, out var order)
            ? (key, order)
            : throw new InvalidOperationException("No timer is set.");
}
