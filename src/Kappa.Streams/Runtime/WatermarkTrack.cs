namespace Kappa.Streams.Runtime;

/// <summary>
/// A stream's watermark over the places of a step (rule T1): the running maximum of min(event time, log time), less the
/// lateness. Only its rises are kept, so the place at which a value is reached is found by binary search.
/// </summary>
internal sealed class WatermarkTrack(long lateness)
{
    private readonly List<(int Place, long Value)> _rises = [];
    private int _cursor;

    /// <summary>The value before the step's first place.</summary>
    public long AtStart { get; private set; } = SegmentClock.NoWatermark;

    /// <summary>The value behind the last place so far.</summary>
    public long Current { get; private set; } = SegmentClock.NoWatermark;

    /// <summary>The source was completed: every window closes (rule L6).</summary>
    public const long Infinite = long.MaxValue;

    public void BeginStep()
    {
        AtStart = Current;
        _rises.Clear();
        _cursor = 0;
    }

    /// <summary>An accepted event at a place.</summary>
    public void Observe(int place, long eventTime, long logTime)
    {
        var value = Math.Min(eventTime, logTime) - lateness;
        if (value > Current)
        {
            RaiseTo(place, value);
        }
    }

    public void RaiseTo(int place, long value)
    {
        if (value > Current)
        {
            Current = value;
            if (_rises.Count > 0 && _rises[^1].Place == place)
            {
                _rises[^1] = (place, value);
            }
            else
            {
                _rises.Add((place, value));
            }
        }
    }

    public void Restore(long value) => AtStart = Current = value;

    /// <summary>The value before a place.</summary>
    public long Before(int place)
    {
        var index = IndexAtOrAfter(place);
        return index == 0 ? AtStart : _rises[index - 1].Value;
    }

    /// <summary>
    /// The first place behind which the watermark is at or above a value; −1 where it was before the step.
    /// </summary>
    public int PlaceOf(long value)
    {
        if (AtStart >= value)
        {
            return -1;
        }

        int low = 0, high = _rises.Count - 1;
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (_rises[middle].Value >= value)
            {
                high = middle;
            }
            else
            {
                low = middle + 1;
            }
        }

        return _rises[low].Place;
    }

    private int IndexAtOrAfter(int place)
    {
        // Shards ask in order of place but share the track: the cursor is only a hint.
        var at = Volatile.Read(ref _cursor);
        if ((at == 0 || _rises[at - 1].Place < place) && (at == _rises.Count || _rises[at].Place >= place))
        {
            return at;
        }

        int low = 0, high = _rises.Count;
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (_rises[middle].Place >= place)
            {
                high = middle;
            }
            else
            {
                low = middle + 1;
            }
        }

        Volatile.Write(ref _cursor, low);
        return low;
    }
}
