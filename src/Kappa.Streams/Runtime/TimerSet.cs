namespace Kappa.Streams.Runtime;

/// <summary>
/// The timers set for a key, by time, with the number of each: a few in a row of memory that is kept, many by hash.
/// </summary>
internal struct TimerSet
{
    private const int FewMax = 16;

    private (long Time, long Number)[]? _few;
    private int _count;
    private Dictionary<long, long>? _many;

    public readonly int Count => _many?.Count ?? _count;

    /// <summary>Adds a timer; false where one is set for that time.</summary>
    public bool TryAdd(long time, long number)
    {
        if (_many is not null)
        {
            return _many.TryAdd(time, number);
        }

        if (IndexOf(time) >= 0)
        {
            return false;
        }

        if (_count == FewMax)
        {
            _many = new Dictionary<long, long>(FewMax * 2) { [time] = number };
            foreach (var (other, its) in _few!)
            {
                _many.Add(other, its);
            }

            (_few, _count) = (null, 0);
            return true;
        }

        if (_few is null || _count == _few.Length)
        {
            Array.Resize(ref _few, Math.Max(2, _count * 2));
        }

        _few[_count++] = (time, number);
        return true;
    }

    /// <summary>Takes the timer of a time away, if there is one.</summary>
    public void Remove(long time)
    {
        if (_many is not null)
        {
            _many.Remove(time);
        }
        else if (IndexOf(time) is >= 0 and var at)
        {
            _few![at] = _few[--_count];
        }
    }

    /// <summary>Is the timer of a time the one with this number?</summary>
    public readonly bool Has(long time, long number) => _many is not null
        ? _many.TryGetValue(time, out var its) && its == number
        : IndexOf(time) is >= 0 and var at && _few![at].Number == number;

    /// <summary>All of them, in no order.</summary>
    public readonly (long Time, long Number)[] ToArray() => _many is not null
        ? [.. _many.Select(timer => (timer.Key, timer.Value))]
        : _few.AsSpan(0, _count).ToArray();

    private readonly int IndexOf(long time)
    {
        for (var i = 0; i < _count; i++)
        {
            if (_few![i].Time == time)
            {
                return i;
            }
        }

        return -1;
    }
}
