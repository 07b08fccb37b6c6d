using Kappa.Streams.Runtime;

namespace Kappa.Streams.Operators;

/// <summary>The values of one key that may still find another.</summary>
internal sealed class JoinSides<TLeft, TRight> : IKeyedState
{
    public JoinSide<TLeft> Left { get; } = new();

    public JoinSide<TRight> Right { get; } = new();

    public bool IsEmpty => Left.Count == 0 && Right.Count == 0;

    public void Save(StateWriter into)
    {
        Left.Save(into);
        Right.Save(into);
    }

    public void Load(StateReader from)
    {
        Left.Load(from);
        Right.Load(from);
    }
}

/// <summary>A value that waits in a join.</summary>
/// <param name="Value">The value.</param>
/// <param name="Time">Its event time in ticks.</param>
/// <param name="First">The first time of the other side that joins it.</param>
/// <param name="Last">The last one.</param>
/// <param name="Expires">It leaves when the watermark has passed this; <see cref="long.MaxValue"/> for never.</param>
internal sealed record JoinRow<T>(T Value, long Time, long First, long Last, long Expires)
{
    /// <summary>It found another.</summary>
    public bool IsMatched { get; set; }
}

/// <summary>The waiting values of one side, in order of time, those of one time in order of arrival.</summary>
internal sealed class JoinSide<T>
{
    private readonly List<JoinRow<T>> _rows = [];
    private readonly Dictionary<long, int> _expiring = [];

    public int Count => _rows.Count;

    /// <summary>Adds a value; true where it is the first to expire at its time.</summary>
    public bool Add(JoinRow<T> row)
    {
        _rows.Insert(FirstAfter(row.Time), row);
        ref var count = ref System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(
            _expiring, row.Expires, out _);
        return ++count == 1;
    }

    /// <summary>The values with a time between two, both included.</summary>
    public void Between(long first, long last, List<JoinRow<T>> into)
    {
        for (var i = first == long.MinValue ? 0 : FirstAfter(first - 1); i < _rows.Count && _rows[i].Time <= last; i++)
        {
            into.Add(_rows[i]);
        }
    }

    /// <summary>The values whose bounds hold a time.</summary>
    public void Around(long time, List<JoinRow<T>> into)
    {
        foreach (var row in _rows)
        {
            if (row.First <= time && time <= row.Last)
            {
                into.Add(row);
            }
        }
    }

    /// <summary>Takes what expires at a time.</summary>
    public void TakeExpired(long time, List<JoinRow<T>> into)
    {
        into.Clear();
        if (_expiring.Remove(time))
        {
            into.AddRange(_rows.Where(row => row.Expires == time));
            _rows.RemoveAll(row => row.Expires == time);
        }
    }

    public void Save(StateWriter into)
    {
        into.Write(_rows.Count);
        foreach (var row in _rows)
        {
            StateCodec<T>.Write(into, row.Value);
            into.Write(row.Time);
            into.Write(row.First);
            into.Write(row.Last);
            into.Write(row.Expires);
            into.Write(row.IsMatched ? 1 : 0);
        }
    }

    public void Load(StateReader from)
    {
        for (var left = from.ReadInt32(); left > 0; left--)
        {
            var row = new JoinRow<T>(
                StateCodec<T>.Read(from), from.ReadInt64(), from.ReadInt64(), from.ReadInt64(), from.ReadInt64());
            row.IsMatched = from.ReadInt32() == 1;
            Add(row);
        }
    }

    private int FirstAfter(long time)
    {
        int low = 0, high = _rows.Count;
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (_rows[middle].Time > time)
            {
                high = middle;
            }
            else
            {
                low = middle + 1;
            }
        }

        return low;
    }
}
