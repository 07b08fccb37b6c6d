namespace Kappa.Streams.Runtime;

/// <summary>
/// A watermark that events themselves move: only its rises are kept, so the place at which a value is reached is found
/// by binary search.
/// </summary>
internal abstract class OriginTrack(int level) : WatermarkTrack
{
    private readonly List<(int Place, long Value)> _rises = [];
    private long _current = None;
    private int _cursor;

    public override int Level => level;

    public override long Current => _current;

    /// <summary>The value before the step's first place.</summary>
    public long AtStart { get; private set; } = None;

    /// <summary>The last value before it was completed.</summary>
    public long Finite { get; private set; } = None;

    public virtual void BeginStep()
    {
        AtStart = _current;
        _rises.Clear();
        _cursor = 0;
    }

    public virtual void Save(StateWriter into)
    {
        into.Write(_current);
        into.Write(Finite);
    }

    public virtual void Load(StateReader from)
    {
        AtStart = _current = from.ReadInt64();
        Finite = from.ReadInt64();
    }

    public override long Before(int place)
    {
        var index = IndexAtOrAfter(place);
        return index == 0 ? AtStart : _rises[index - 1].Value;
    }

    public override int PlaceOf(long value)
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

    public override long ScaleOf(long value, int place) => value;

    public override long At(int place, long scale) => Math.Max(Before(place), Math.Min(Before(place + 1), scale));

    /// <summary>Raises the watermark behind a place; places come in order.</summary>
    protected void RaiseTo(int place, long value)
    {
        if (value <= _current)
        {
            return;
        }

        _current = value;
        Finite = value == Infinite ? Finite : value;
        if (_rises.Count > 0 && _rises[^1].Place == place)
        {
            _rises[^1] = (place, value);
        }
        else
        {
            _rises.Add((place, value));
        }
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
