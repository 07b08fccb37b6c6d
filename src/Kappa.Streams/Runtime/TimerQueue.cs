namespace Kappa.Streams.Runtime;

/// <summary>A stage's timers of one shard, in the order of rule T7: due value, key bytes, number.</summary>
internal sealed class TimerQueue<TKey>
    where TKey : notnull
{
    private readonly PriorityQueue<TKey, Order> _queue = new();

    /// <summary>What decides when a timer fires.</summary>
    /// <param name="Due">Watermark value at which it falls due.</param>
    /// <param name="KeyBytes">Its key.</param>
    /// <param name="Number">Order of setting within the key.</param>
    /// <param name="Time">The time asked for, in ticks.</param>
    /// <param name="SetAt">The place of the run at which it was set.</param>
    internal readonly record struct Order(long Due, byte[] KeyBytes, long Number, long Time, long SetAt)
        : IComparable<Order>
    {
        public int CompareTo(Order other)
        {
            var order = Due.CompareTo(other.Due);
            order = order != 0 ? order : Moment.Compare(KeyBytes, other.KeyBytes);
            return order != 0 ? order : Number.CompareTo(other.Number);
        }
    }

    public int Count => _queue.Count;

    public void Add(TKey key, Order order) => _queue.Enqueue(key, order);

    public bool TryPeek(out TKey key, out Order order) => _queue.TryPeek(out key!, out order);

    public void RemoveFirst() => _queue.Dequeue();
}
