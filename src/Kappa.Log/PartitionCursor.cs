using Kappa.Log.Projections;

namespace Kappa.Log;

/// <summary>Reads one partition batch by batch, from a place on, beside the writer.</summary>
internal sealed class PartitionCursor(
    Partition partition, Place after, IFileSystem files, ReadPieces pieces, Projection? projection, TwinStore? twins)
    : IDisposable
{
    private IFile? _file;
    private SegmentWalk? _walk;
    private Segment? _segment;
    private Twin? _twin;
    private TypedSegment? _typed;
    private Segment[] _segments = [];
    private Place _passed = after;
    private int _at = -1;

    public Partition Partition => partition;

    /// <summary>The next batch, once <see cref="TryLoad"/> said there is one.</summary>
    public RecordBatch? Head { get; private set; }

    /// <summary>Loads the next readable batch, unless one is loaded; false when there is none yet.</summary>
    /// <exception cref="KappaException">The stored bytes are damaged.</exception>
    public bool TryLoad()
    {
        while (Head is null)
        {
            if (!TryReadNext())
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Takes the loaded batch.</summary>
    public RecordBatch Take()
    {
        var batch = Head!;
        Head = null;
        return batch;
    }

    public void Dispose()
    {
        _walk?.Close();
        _file?.Dispose();
    }

    private bool TryReadNext()
    {
        // The list is read before the end: when it has a later segment, the end read then is this one's last.
        var segments = partition.Segments;
        if (!ReferenceEquals(segments, _segments))
        {
            Follow(segments);
        }

        if (_walk is null)
        {
            if (segments.Length == 0)
            {
                return false;
            }

            // Also where the disk did not open the segment the last time.
            Enter(_at < 0 ? IndexFor(_passed.LogTime) : _at);
        }

        var end = _segment!.End;
        if (_twin is not null ? TryNextTyped(_twin) : TryNext(end))
        {
            var header = _walk!.Header;
            if (new Place(header.LogTime, header.Count) > _passed)
            {
                _passed = new Place(header.LogTime, header.Count);
                Head = _walk.Lend(partition, pieces.NewBatch(), _typed);
            }

            return true;
        }

        if (_twin is not null && IsLeft(_twin, end))
        {
            EnterRaw();
            return true;
        }

        if (_at + 1 >= segments.Length)
        {
            return false;
        }

        CheckJoin(segments[_at + 1]);
        Enter(_at + 1);
        return true;
    }

    /// <summary>
    /// Segments were added, removed (rule L9) or written again (rule L10): it goes on where it is. A segment that was
    /// removed is read to its end, since it is open.
    /// </summary>
    private void Follow(Segment[] segments)
    {
        if (_segment is not null)
        {
            var at = _segment.Header.Number - segments[0].Header.Number;
            if (at < -1 || (at == -1 && _walk is null))
            {
                throw Retention.Removed(partition);
            }

            _at = at;
            if (at >= 0 && _segment != segments[at])
            {
                Leave();
            }
        }

        _segments = segments;
    }

    /// <summary>The last segment before which everything was stamped before a time.</summary>
    private int IndexFor(long logTime)
    {
        var (low, high) = (0, _segments.Length - 1);
        while (low < high)
        {
            var middle = (low + high + 1) / 2;
            if (_segments[middle].Header.PreviousStamp < logTime)
            {
                low = middle;
            }
            else
            {
                high = middle - 1;
            }
        }

        return low;
    }

    private bool TryNext(long end) => _walk!.TryNext(end, out var damage)
        || (damage is null ? false : throw DamageAt(_segment!, _walk, damage));

    /// <summary>What is wrong with a twin is nobody's concern but its own (rule L11).</summary>
    private bool TryNextTyped(Twin twin)
    {
        try
        {
            return _walk!.TryNext(twin.Header.Length, out _);
        }
        catch (KappaException)
        {
            return false;
        }
    }

    /// <summary>
    /// Is the segment to be read itself from here on? A twin that ended before its end, or not where the next segment
    /// begins, is damaged; a segment may also have grown behind its twin.
    /// </summary>
    private bool IsLeft(Twin twin, long end)
    {
        var isPartial = twin.Header.RawEnd < end;
        if (_walk!.Position != twin.Header.Length
            || (!isPartial && _at + 1 < _segments.Length && _segments[_at + 1].Header.BaseOffset != _walk.NextOffset))
        {
            twins!.RemoveDamaged(twin);
            return true;
        }

        return isPartial;
    }

    private void Enter(int at)
    {
        Leave();
        _at = at;
        _segment = _segments[at];
        if (projection is null || twins?.TryOpen(_segment, projection.Key) is not { } opened)
        {
            EnterRaw();
            return;
        }

        _twin = opened.Twin;
        _file = opened.File;
        _typed = new TypedSegment(projection, _segment, partition);
        _walk = new SegmentWalk(
            _file, _twin.Segment, _twin.Segment.BeforeStamp(_passed.LogTime, _file, files), pieces: pieces);
    }

    private void EnterRaw()
    {
        Leave();
        (_segment, _file) = partition.Open(_segment!.Header.Number);
        _walk = new SegmentWalk(
            _file, _segment, _segment.BeforeStamp(_passed.LogTime, _file, files), pieces: pieces);
    }

    private void Leave()
    {
        _walk?.Close();
        _file?.Dispose();
        _walk = null;
        _file = null;
        _twin = null;
        _typed = null;
    }

    private void CheckJoin(Segment next)
    {
        if (next.Header.BaseOffset != _walk!.NextOffset)
        {
            throw DamageAt(_segment!, _walk, $"the next segment begins with offset {next.Header.BaseOffset}");
        }
    }

    private KappaException DamageAt(Segment segment, SegmentWalk walk, string what) =>
        Damage.Error(segment.Path, partition.Topic, partition.Number, walk.NextOffset, walk.Position, what);
}
