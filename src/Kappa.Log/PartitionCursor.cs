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
        if (_walk is null)
        {
            if (segments.Length == 0)
            {
                return false;
            }

            var first = segments.Length - 1;
            while (first > 0 && segments[first].Header.PreviousStamp >= _passed.LogTime)
            {
                first--;
            }

            Enter(segments, first);
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

        if (_twin is not null && IsLeft(_twin, segments, end))
        {
            EnterRaw();
            return true;
        }

        if (_at + 1 >= segments.Length)
        {
            return false;
        }

        CheckJoin(segments[_at + 1]);
        Enter(segments, _at + 1);
        return true;
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
            // The segment itself is read from here on; what is wrong with that is told.
            return false;
        }
    }

    /// <summary>
    /// Is the segment to be read itself from here on? A twin that ended before its end, or not where the next segment
    /// begins, is damaged; a segment may also have grown behind its twin.
    /// </summary>
    private bool IsLeft(Twin twin, Segment[] segments, long end)
    {
        var isPartial = twin.Header.RawEnd < end;
        if (_walk!.Position != twin.Header.Length
            || (!isPartial && _at + 1 < segments.Length && segments[_at + 1].Header.BaseOffset != _walk.NextOffset))
        {
            twins!.RemoveDamaged(twin);
            return true;
        }

        return isPartial;
    }

    private void Enter(Segment[] segments, int at)
    {
        _at = at;
        _segment = segments[at];
        if (projection is null || twins?.TryOpen(_segment, projection.Key) is not { } opened)
        {
            EnterRaw();
            return;
        }

        Leave();
        _twin = opened.Twin;
        _file = opened.File;
        _typed = new TypedSegment(projection, _segment, partition, files);
        _walk = new SegmentWalk(_file, _twin.Segment, _twin.Segment.BeforeStamp(_passed.LogTime), pieces: pieces);
    }

    private void EnterRaw()
    {
        Leave();
        _file = files.Open(_segment!.Path, FileIntent.Read);
        _walk = new SegmentWalk(_file, _segment, _segment.BeforeStamp(_passed.LogTime), pieces: pieces);
    }

    private void Leave()
    {
        _walk?.Close();
        _file?.Dispose();
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
