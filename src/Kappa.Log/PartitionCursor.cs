namespace Kappa.Log;

/// <summary>Reads one partition batch by batch, from a place on, beside the writer.</summary>
internal sealed class PartitionCursor(
    Partition partition, Place after, IFileSystem files, ReadPieces pieces) : IDisposable
{
    private IFile? _file;
    private SegmentWalk? _walk;
    private Segment? _segment;
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
            while (first > 0 && segments[first].Header.PreviousStamp >= after.LogTime)
            {
                first--;
            }

            Enter(segments, first);
        }

        var end = _segment!.End;
        if (_walk!.TryNext(end, out var damage))
        {
            var header = _walk.Header;
            if (new Place(header.LogTime, header.Count) > after)
            {
                Head = _walk.Lend(partition, pieces.NewBatch());
            }

            return true;
        }

        if (damage is not null)
        {
            throw DamageAt(_segment, _walk, damage);
        }

        if (_at + 1 >= segments.Length)
        {
            return false;
        }

        CheckJoin(segments[_at + 1]);
        Enter(segments, _at + 1);
        return true;
    }

    private void Enter(Segment[] segments, int at)
    {
        _walk?.Close();
        _file?.Dispose();
        _at = at;
        _segment = segments[at];
        _file = files.Open(_segment.Path, FileIntent.Read);
        _walk = new SegmentWalk(_file, _segment, _segment.BeforeStamp(after.LogTime), pieces: pieces);
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
