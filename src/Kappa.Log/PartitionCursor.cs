using Kappa.Log.Archives;
using Kappa.Log.Projections;

namespace Kappa.Log;

/// <summary>
/// Reads one partition batch by batch, from a place on, beside the writer. What the log has no more comes out of the
/// archives of its topic, in the same way: a segment is a segment, wherever its file lies.
/// </summary>
internal sealed class PartitionCursor(
    Partition partition, Place after, IFileSystem files, ReadPieces pieces, Projection? projection, TwinStore? twins,
    LogArchives? archives, ArchivedTwins? archivedTwins) : IDisposable
{
    private readonly SegmentSource _source = new(partition, archives);
    private IFile? _file;
    private SegmentWalk? _walk;
    private Segment? _segment;
    private Twin? _twin;
    private TypedSegment? _typed;
    private SegmentCache.Lease? _lease;
    private long? _archivedEnd;
    private Segment[] _segments = [];
    private Place _passed = after;

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
        _lease?.Dispose();
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
            Enter(_segment?.Header.Number ?? FirstNumber(), null);
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

        var next = _segment.Header.Number + 1;
        if (next > _segments[^1].Header.Number)
        {
            return false;
        }

        if (_lease is null && _twin is null)
        {
            // What both the log and an archive have is compared as it passes by.
            archives?.Of(partition)?.Compare(_segment, _walk!.LastCrc);
        }

        Enter(next, _walk!.NextOffset);
        return true;
    }

    /// <summary>
    /// Segments were added, removed (rule L9) or written again (rule L10): it goes on where it is. A segment that was
    /// removed is read to its end, since it is open.
    /// </summary>
    private void Follow(Segment[] segments)
    {
        _segments = segments;
        if (_segment is not null && _lease is null && Local(_segment.Header.Number) is { } now && now != _segment)
        {
            Leave();
        }
    }

    /// <summary>
    /// The number of the last segment before which everything was stamped before the place it begins behind; of one in
    /// an archive, where the log has it no more.
    /// </summary>
    private int FirstNumber()
    {
        var (low, high) = (0, _segments.Length - 1);
        while (low < high)
        {
            var middle = (low + high + 1) / 2;
            if (_segments[middle].Header.PreviousStamp < _passed.LogTime)
            {
                low = middle;
            }
            else
            {
                high = middle - 1;
            }
        }

        var header = _segments[low].Header;
        if (low > 0 || header.BaseOffset == 0 || header.PreviousStamp < _passed.LogTime
            || archives?.Of(partition) is not { } archived)
        {
            return header.Number;
        }

        if (archived.NumberAfter(_passed) is { } older)
        {
            return Math.Min(header.Number, older);
        }

        return _passed >= Place.EndOf(header.PreviousStamp)
            ? header.Number
            : throw ArchivedPartition.Gap(partition, null, header.BaseOffset, archived.Where);
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
    private bool IsLeft(Twin twin, long end)
    {
        var isPartial = twin.Header.RawEnd < end;
        var next = _archivedEnd ?? Local(_segment!.Header.Number + 1)?.Header.BaseOffset;
        if (_walk!.Position != twin.Header.Length || (!isPartial && next is { } offset && offset != _walk.NextOffset))
        {
            twins!.RemoveDamaged(twin);
            return true;
        }

        return isPartial;
    }

    private Segment? Local(int number)
    {
        var at = _segments.Length == 0 ? -1 : number - _segments[0].Header.Number;
        return at >= 0 && at < _segments.Length ? _segments[at] : null;
    }

    /// <summary>Goes on with a segment: the log's own, or one of an archive where the log has it no more.</summary>
    private void Enter(int number, long? offset)
    {
        if (Local(number) is { } own)
        {
            CheckJoin(own, offset);
            try
            {
                EnterOwn(own);
                return;
            }
            catch (KappaException) when (partition.Segments is [var first, ..] && first.Header.Number > number)
            {
                // Removed a moment ago.
                _segments = partition.Segments;
            }
        }

        EnterArchived(number, offset);
    }

    private void EnterArchived(int number, long? offset)
    {
        var archived = archives?.Of(partition) ?? throw Retention.Removed(partition);
        if (projection is null || twins is null || !TryEnterTwin(archived, number, offset, projection))
        {
            EnterArchived(archived, number, offset);
        }
    }

    private void EnterArchived(ArchivedPartition archived, int number, long? offset)
    {
        if (projection is not null)
        {
            archivedTwins?.Want(partition, number, projection);
        }

        var lease = archived.TryTake(number) ?? throw ArchivedPartition.Gap(
            partition, offset, _segments[0].Header.BaseOffset, archived.Where);
        Leave();
        _lease = lease;
        CheckJoin(lease.Segment, offset);
        _segment = lease.Segment;
        Walk(lease.File);
    }

    /// <summary>Goes on with the twin of an archived segment, without which nothing of that is fetched.</summary>
    private bool TryEnterTwin(ArchivedPartition archived, int number, long? offset, Projection typed)
    {
        if (archived.EntryOf(number) is not { } entry
            || twins!.TryOpen(entry.SegmentId, entry.Length, typed.Key) is not { } opened)
        {
            return false;
        }

        var header = opened.Twin.Header.Segment with { SegmentId = entry.SegmentId };
        if (header.Number != number || header.BaseOffset != entry.BaseOffset)
        {
            opened.File.Dispose();
            twins.RemoveDamaged(opened.Twin);
            return false;
        }

        Leave();
        _segment = new Segment(entry.ObjectName, header, entry.Length);
        CheckJoin(_segment, offset);
        _archivedEnd = entry.EndOffset;
        Walk(opened.Twin, opened.File, typed);
        return true;
    }

    private void EnterOwn(Segment own)
    {
        if (projection is null || twins?.TryOpen(own.Header.SegmentId, own.End, projection.Key) is not { } opened)
        {
            var (segment, file) = partition.Open(own.Header.Number);
            Leave();
            _segment = segment;
            Walk(file);
            return;
        }

        Leave();
        _segment = own;
        Walk(opened.Twin, opened.File, projection);
    }

    private void EnterRaw()
    {
        var number = _segment!.Header.Number;
        if (_archivedEnd is not null && archives!.Of(partition) is { } archived)
        {
            EnterArchived(archived, number, null);
            return;
        }

        Leave();
        (_segment, var file) = partition.Open(number);
        Walk(file);
    }

    private void Walk(Twin twin, IFile file, Projection projected)
    {
        _twin = twin;
        _file = file;
        _typed = new TypedSegment(projected, _segment!, _source);
        _walk = new SegmentWalk(
            file, twin.Segment, twin.Segment.BeforeStamp(_passed.LogTime, file, files), pieces: pieces);
    }

    private void Walk(IFile file)
    {
        _file = file;
        _walk = new SegmentWalk(
            file, _segment!, _segment!.BeforeStamp(_passed.LogTime, file, files), pieces: pieces);
    }

    private void Leave()
    {
        _walk?.Close();
        _walk = null;
        _file?.Dispose();
        _file = null;
        _lease?.Dispose();
        _lease = null;
        _twin = null;
        _typed = null;
        _archivedEnd = null;
    }

    private void CheckJoin(Segment next, long? offset)
    {
        if (offset is { } expected && next.Header.BaseOffset != expected)
        {
            throw Damage.Error(
                next.Path, partition.Topic, partition.Number, expected, 0,
                $"it begins with offset {next.Header.BaseOffset}, not behind the segment before");
        }
    }

    private KappaException DamageAt(Segment segment, SegmentWalk walk, string what) =>
        Damage.Error(segment.Path, partition.Topic, partition.Number, walk.NextOffset, walk.Position, what);
}
