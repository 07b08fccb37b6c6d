namespace Kappa.Log;

/// <content>Its segments: opened, begun, removed, replaced.</content>
internal sealed partial class Partition
{
    private readonly Lock _replacing = new();
    private volatile Segment[] _segments = [];

    public IFileSystem Files => files;

    /// <summary>
    /// The segments in order: grows at its end, is cut at its beginning (rule L9), and has others in place of those
    /// that were written again (rule L10). Their numbers have no gap.
    /// </summary>
    public Segment[] Segments => _segments;

    /// <summary>Offset of the first record there is, or will be.</summary>
    public long StartOffset => _segments is { Length: > 0 } all ? all[0].Header.BaseOffset : 0;

    /// <summary>Stamp of the last batch that was removed; 0 when none was.</summary>
    public long StartStamp => _segments is { Length: > 0 } all ? all[0].Header.PreviousStamp : 0;

    /// <summary>The segment an offset is in, or was.</summary>
    public Segment SegmentOf(long offset)
    {
        var all = _segments;
        return Array.FindLast(all, one => one.Header.BaseOffset <= offset) ?? all[0];
    }

    /// <summary>
    /// Opens a segment as it is now: one that is written again is never seen with another one's bytes.
    /// </summary>
    /// <exception cref="KappaException">NotFound: it was removed.</exception>
    public (Segment Segment, IFile File) Open(int number)
    {
        lock (_replacing)
        {
            var all = _segments;
            var at = number - all[0].Header.Number;
            return at >= 0
                ? (all[at], Files.Open(all[at].Path, FileIntent.Read))
                : throw Retention.Removed(this);
        }
    }

    /// <summary>
    /// Closes the last segment when it is old (log time), so that it may be archived and removed in time. For the
    /// committer; where the disk refuses, the next record tries again.
    /// </summary>
    public void RollOld(long now, long segmentTicksMax)
    {
        if (_stop is null && _segments is { Length: > 0 } all && IsOld(all[^1], now, segmentTicksMax))
        {
            Roll();
        }
    }

    /// <summary>Closes the last segment, unless it is empty. For the committer.</summary>
    /// <exception cref="KappaException">The disk did not take a new one; the partition goes on as it was.</exception>
    public void Roll()
    {
        if (_stop is not null || _segments is not { Length: > 0 } all || all[^1].End == SegmentHeader.Size)
        {
            return;
        }

        try
        {
            StartSegment();
        }
        catch (KappaException)
        {
            // The file may be there after a crash, and says where this segment ends: nothing is added to it any more.
            _isPoisoned = true;
            throw;
        }
    }

    /// <summary>Forgets the segments before a number (rule L9). For the committer.</summary>
    public void Forget(int number) => _segments = [.. _segments.Where(one => one.Header.Number >= number)];

    /// <summary>
    /// Puts a segment that was written again aside in the place of its older self (rule L10). For the committer.
    /// </summary>
    /// <param name="aside">Its file, synced.</param>
    /// <param name="header">Its header.</param>
    public void Replace(string aside, in SegmentHeader header)
    {
        var number = header.Number;
        var (id, end) = (header, header.OwnEnd);
        lock (_replacing)
        {
            var all = _segments;
            var at = number - all[0].Header.Number;
            files.Rename(aside, all[at].Path);

            // From here on the file is the new one, whatever the folder's sync says.
            var replaced = new Segment(all[at].Path, id, end);
            replaced.Seal();
            _segments = [.. all.Select((one, i) => i == at ? replaced : one)];
        }

        files.SyncFolder(Folder);
    }

    private static bool IsFull(Segment segment, long room) =>
        segment.End > SegmentHeader.Size && segment.End > room;

    private static bool IsOld(Segment segment, long now, long ticksMax) =>
        segment.End > SegmentHeader.Size && segment.FirstStamp > 0 && now - segment.FirstStamp > ticksMax;

    // Order matters: header durable, then name durable, and only then anything in it may be acknowledged.
    private Segment StartSegment()
    {
        _file?.Dispose();
        _file = null;
        var old = _segments.Length == 0 ? null : _segments[^1];
        var header = new SegmentHeader(
            log.Value, TopicId, Number, (old?.Header.Number ?? 0) + 1, EndOffset, Guid.NewGuid(), old?.End ?? 0,
            LastStamp);
        var path = Path.Combine(Folder, Segment.NameOf(header.Number));
        if (old is null)
        {
            files.CreateFolder(Folder);
            files.SyncFolder(Path.GetDirectoryName(Folder)!);
            files.SyncFolder(Path.GetDirectoryName(Path.GetDirectoryName(Folder)!)!);
        }

        // A file left by an attempt that failed was never part of the log.
        files.Delete(path);
        var file = files.Open(path, FileIntent.Create);
        try
        {
            Span<byte> bytes = stackalloc byte[SegmentHeader.Size];
            header.Write(bytes);
            file.Write(bytes, 0);
            file.Sync();
            files.SyncFolder(Folder);
        }
        catch (KappaException)
        {
            file.Dispose();
            throw;
        }

        _file = file;
        _isPoisoned = false;
        var segment = new Segment(path, header, SegmentHeader.Size);
        _segments = [.. _segments, segment];
        old?.Seal(files);
        return segment;
    }
}
