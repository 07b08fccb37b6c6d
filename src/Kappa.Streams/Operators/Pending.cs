using System.Diagnostics.CodeAnalysis;
using Kappa.Streams.Runtime;

namespace Kappa.Streams.Operators;

/// <summary>
/// Values waiting for the watermark: a heap in order of event time, then, arrival, which is the order of their places
/// (rule T9). Values that come in order cost nothing but their place in it.
/// </summary>
internal sealed class Pending<T, TThen> : IKeyedState
    where TThen : IComparable<TThen>
{
    // Texts compare ordinally: the order of a culture differs from one machine's tables to another's.
    private static readonly IComparer<TThen>? Order = StringComparer.Ordinal as IComparer<TThen>;

    private Heaped[] _heap = [];
    private int _count;
    private long _arrived;

    public bool IsEmpty => _count == 0;

    /// <summary>Adds a value.</summary>
    public void Add(long time, TThen then, T value)
    {
        if (_count == _heap.Length)
        {
            Array.Resize(ref _heap, Math.Max(4, _count * 2));
        }

        var item = new Heaped(time, then, _arrived++, value);
        var at = _count++;
        while (at > 0 && IsBefore(item, _heap[(at - 1) / 2]))
        {
            _heap[at] = _heap[(at - 1) / 2];
            at = (at - 1) / 2;
        }

        _heap[at] = item;
    }

    /// <summary>Takes the next value of a time, which is the first there is.</summary>
    public bool TryTake(long time, [MaybeNullWhen(false)] out T value)
    {
        if (_count == 0 || _heap[0].Time != time)
        {
            value = default;
            return false;
        }

        value = _heap[0].Value;
        var last = _heap[--_count];
        _heap[_count] = default;
        if (_count > 0)
        {
            Sink(last);
        }
        else
        {
            _arrived = 0;
        }

        return true;
    }

    public void Save(StateWriter into)
    {
        into.Write(_count);
        foreach (var item in _heap.AsSpan(0, _count).ToArray().OrderBy(item => item.Arrived))
        {
            into.Write(item.Time);
            StateCodec<TThen>.Write(into, item.Then);
            StateCodec<T>.Write(into, item.Value);
        }
    }

    public void Load(StateReader from)
    {
        for (var left = from.ReadInt32(); left > 0; left--)
        {
            Add(from.ReadInt64(), StateCodec<TThen>.Read(from), StateCodec<T>.Read(from));
        }
    }

    private static bool IsBefore(in Heaped left, in Heaped right)
    {
        if (left.Time != right.Time)
        {
            return left.Time < right.Time;
        }

        var order = Order is null ? Compare(left.Then, right.Then) : Order.Compare(left.Then, right.Then);
        return order != 0 ? order < 0 : left.Arrived < right.Arrived;
    }

    private static int Compare(TThen left, TThen right) =>
        left is null ? (right is null ? 0 : -1) : left.CompareTo(right);

    private void Sink(in Heaped item)
    {
        var at = 0;
        while (true)
        {
            var child = (at * 2) + 1;
            if (child >= _count)
            {
                break;
            }

            if (child + 1 < _count && IsBefore(_heap[child + 1], _heap[child]))
            {
                child++;
            }

            if (!IsBefore(_heap[child], item))
            {
                break;
            }

            _heap[at] = _heap[child];
            at = child;
        }

        _heap[at] = item;
    }

    private readonly record struct Heaped(long Time, TThen Then, long Arrived, T Value);
}
