using System.Runtime.InteropServices;
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

/// <summary>
/// The waiting values of one side, in order of time, those of one time in order of arrival. Mostly bounds and expiry
/// rise with the time, and then what is asked for is found by halves, and what expires comes first; else all is looked
/// through.
/// </summary>
internal sealed class JoinSide<T>
{
    private const int GoneMax = 16;

    private readonly List<JoinRow<T>> _rows = [];
    private int _gone;
    private Dictionary<long, int>? _expiring;

    public int Count => _rows.Count - _gone;

    /// <summary>Do bounds and expiry rise with the time?</summary>
    private bool IsRising => _expiring is null;

    /// <summary>Adds a value; true where it is the first to expire at its time.</summary>
    public bool Add(JoinRow<T> row)
    {
        var at = FirstAfter(row.Time);
        var before = at > _gone ? _rows[at - 1] : null;
        var behind = at < _rows.Count ? _rows[at] : null;
        _rows.Insert(at, row);
        if (IsRising && (before is null || Rises(before, row)) && (behind is null || Rises(row, behind)))
        {
            return before?.Expires != row.Expires && behind?.Expires != row.Expires;
        }

        if (_expiring is null)
        {
            _expiring = [];
            for (var i = _gone; i < _rows.Count; i++)
            {
                CollectionsMarshal.GetValueRefOrAddDefault(_expiring, _rows[i].Expires, out _)++;
            }

            return _expiring[row.Expires] == 1;
        }

        return ++CollectionsMarshal.GetValueRefOrAddDefault(_expiring, row.Expires, out _) == 1;
    }

    /// <summary>The values with a time between two, both included.</summary>
    public void Between(long first, long last, List<JoinRow<T>> into)
    {
        var start = first == long.MinValue ? _gone : FirstAfter(first - 1);
        for (var i = start; i < _rows.Count && _rows[i].Time <= last; i++)
        {
            into.Add(_rows[i]);
        }
    }

    /// <summary>The values whose bounds hold a time.</summary>
    public void Around(long time, List<JoinRow<T>> into)
    {
        var start = IsRising ? FirstNot(static (row, time) => row.Last < time, time) : _gone;
        for (var i = start; i < _rows.Count && (!IsRising || _rows[i].First <= time); i++)
        {
            if (_rows[i].First <= time && time <= _rows[i].Last)
            {
                into.Add(_rows[i]);
            }
        }
    }

    /// <summary>Takes what expires at a time.</summary>
    public void TakeExpired(long time, List<JoinRow<T>> into)
    {
        into.Clear();
        if (IsRising)
        {
            var start = FirstNot(static (row, time) => row.Expires < time, time);
            for (var i = start; i < _rows.Count && _rows[i].Expires == time; i++)
            {
                into.Add(_rows[i]);
            }

            Remove(start, into.Count);
        }
        else if (_expiring!.Remove(time))
        {
            _rows.RemoveRange(0, _gone);
            _gone = 0;
            into.AddRange(_rows.Where(row => row.Expires == time));
            _rows.RemoveAll(row => row.Expires == time);
            _expiring = _rows.Count == 0 ? null : _expiring;
        }
    }

    public void Save(StateWriter into)
    {
        into.Write(Count);
        for (var i = _gone; i < _rows.Count; i++)
        {
            var row = _rows[i];
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

    private static bool Rises(JoinRow<T> left, JoinRow<T> right) =>
        left.First <= right.First && left.Last <= right.Last && left.Expires <= right.Expires;

    /// <summary>Those at the front go by moving a mark, and now and then for good.</summary>
    private void Remove(int start, int count)
    {
        if (start != _gone || _gone + count > Math.Max(GoneMax, _rows.Count / 2))
        {
            _rows.RemoveRange(start, count);
            if (start == _gone)
            {
                _rows.RemoveRange(0, _gone);
                _gone = 0;
            }

            return;
        }

        CollectionsMarshal.AsSpan(_rows).Slice(start, count).Clear();
        _gone += count;
    }

    private int FirstAfter(long time) => FirstNot(static (row, time) => row.Time <= time, time);

    /// <summary>The first row for which something does not hold that holds for all before it.</summary>
    private int FirstNot(Func<JoinRow<T>, long, bool> holds, long time)
    {
        int low = _gone, high = _rows.Count;
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (holds(_rows[middle], time))
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low;
    }
}
