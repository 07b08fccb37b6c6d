namespace Kappa.Log;

/// <summary>
/// One partition of an open log. Readers see its segments and their ends; only the committer plans, writes and
/// publishes.
/// </summary>
internal sealed partial class Partition(
    LogId log, int topicId, string topic, int number, string folder, IFileSystem files)
{
    private readonly List<PlannedBatch> _planned = [];
    private volatile Stop? _stop;
    private long _endOffset;
    private long _lastStamp;
    private long _plannedOffset;
    private IFile? _file;
    private uint _lastCrc;
    private uint _plannedCrc;
    private long _plannedEnd;
    private bool _isPoisoned;

    public string Topic { get; } = topic;

    public int TopicId { get; } = topicId;

    public int Number { get; } = number;

    public string Folder { get; } = folder;

    /// <summary>Offset of the next record readers will see.</summary>
    public long EndOffset => Volatile.Read(ref _endOffset);

    /// <summary>Stamp of the last batch readers see; 0 when there is none.</summary>
    public long LastStamp => Volatile.Read(ref _lastStamp);

    /// <summary>Why and where it stands still; null while it goes on.</summary>
    public Stop? Stopped => _stop;

    /// <summary>What lies behind its end in its last segment was refused and is void (rule L2).</summary>
    public bool IsVoidBehind => _isPoisoned || _stop is { IsDamage: false };

    /// <summary>
    /// The end to note while it is damaged, so that the next opening finds the damage again; null: nothing is known.
    /// </summary>
    public DurableEnds.End? NotedEnd { get; private set; }

    /// <summary>Batches planned for the group being written.</summary>
    public IReadOnlyList<PlannedBatch> Planned => _planned;

    /// <summary>
    /// Takes over what recovery found. Nothing is added to a poisoned segment, also by the process after (rule L2): a
    /// note that says where it stopped would make what comes behind void at the next start.
    /// </summary>
    public void Load(
        Segment[] segments, long endOffset, long lastStamp, uint lastCrc, bool isPoisoned, KappaException? damage,
        DurableEnds.End? notedEnd)
    {
        NotedEnd = notedEnd;
        _isPoisoned = isPoisoned;
        _segments = segments;
        _endOffset = _plannedOffset = endOffset;
        _lastStamp = lastStamp;
        _lastCrc = lastCrc;
        if (damage is not null)
        {
            _stop = new Stop(damage, lastStamp, IsFinal: true, IsDamage: true);
        }
    }

    /// <summary>
    /// Damage was found in a sealed segment: the partition stands still behind the last stamp before it.
    /// </summary>
    public void StopDamaged(KappaException damage, long lastStamp) =>
        _stop = new Stop(damage, lastStamp, IsFinal: true, IsDamage: true);

    /// <summary>The topic was dropped: its files go, and readers are told.</summary>
    public void Drop(KappaException why, long lastStamp)
    {
        _stop = new Stop(why, lastStamp, IsFinal: true);
        Close();
        _file = null;
    }

    /// <summary>Adds records to the group being written; returns where they will be.</summary>
    public AppendedBatch Plan(in RequestPart part, in BatchHeader header, Func<long> stamp, int mergeBytesMax)
    {
        var last = _planned.Count == 0 ? null : _planned[^1];
        var offset = _plannedOffset;
        if (last is null || last.IsNumbered || header.ProducerLength > 0
            || part.Codec != 0 || last.Header.Codec != 0 || last.RecordBytes + part.Bytes.Length > mergeBytesMax)
        {
            last = new PlannedBatch
            {
                Header = header with
                {
                    TopicId = TopicId,
                    Partition = Number,
                    BaseOffset = offset,
                    LogTime = stamp(),
                    Count = 0,
                    Codec = part.Codec,
                },
            };
            _planned.Add(last);
        }

        last.Add(part);
        _plannedOffset += part.Count;
        return new AppendedBatch(Number, offset, part.Count, last.Header.LogTime);
    }

    /// <summary>Writes the planned batches behind the readable end.</summary>
    /// <param name="segmentBytesMax">The size a segment is closed at.</param>
    /// <param name="segmentTicksMax">How long after its first batch a segment is closed, in log time.</param>
    /// <param name="durableTo">The last stamp of the log that is durable.</param>
    /// <param name="buffer">Where the batches are put together.</param>
    public void Write(long segmentBytesMax, long segmentTicksMax, long durableTo, GroupBuffer buffer)
    {
        var bytes = _planned.Sum(batch => (long)batch.Header.RecordsAt + batch.RecordBytes);
        var segment = _segments.Length == 0 ? null : _segments[^1];
        if (segment is null || _isPoisoned || IsFull(segment, segmentBytesMax - bytes)
            || IsOld(segment, _planned[0].Header.LogTime, segmentTicksMax)
            || (segment.Header.Format < 2 && _planned.Exists(batch => batch.Header.Codec != 0)))
        {
            segment = StartSegment();
        }

        _file ??= files.Open(segment.Path, FileIntent.Write);
        var into = buffer.Of(bytes);
        Encode(segment, into, durableTo);
        _file.Write(into, segment.End);
        _plannedEnd = segment.End + bytes;
    }

    /// <summary>Makes what was written durable.</summary>
    public void Sync() => _file!.Sync();

    /// <summary>
    /// After a failed write or sync (rule L2): nothing is ever added to that segment again; the planned batches go to a
    /// new one. Throws when that fails too.
    /// </summary>
    public void Rescue(long durableTo, GroupBuffer buffer)
    {
        CutUndecided();
        Poison();
        Write(long.MaxValue, long.MaxValue, durableTo, buffer);
        Sync();
    }

    /// <summary>
    /// Drops the planned batches and stands still behind the last durable stamp of the log: until the disk takes a new
    /// segment when it only refused for now, else for good.
    /// </summary>
    public void GiveUp(KappaException why, long durableTo)
    {
        CutUndecided();
        Poison();
        _planned.Clear();
        _plannedOffset = EndOffset;
        _stop = new Stop(why, durableTo, IsFinal: why is not DiskRefusedException);
    }

    /// <summary>
    /// Tries to go on after a disk that was full, or refused: the new segment says that what failed is void.
    /// </summary>
    public bool TryGoOn()
    {
        if (_stop is not { } stop)
        {
            return true;
        }

        if (stop.IsFinal)
        {
            return false;
        }

        try
        {
            StartSegment();
        }
        catch (DiskRefusedException)
        {
            // The stop already says so to everyone who asks; the next group tries again.
            return false;
        }
        catch (KappaException worse)
        {
            // The stop carries it to everyone who asks from now on.
            _stop = stop with { Why = worse, IsFinal = true };
            return false;
        }

        _stop = null;
        return true;
    }

    /// <summary>Shows the planned batches to readers; they are durable.</summary>
    public void Publish()
    {
        var segment = _segments[^1];
        var at = segment.End;
        foreach (var batch in _planned)
        {
            ref readonly var header = ref batch.Header;
            segment.Note(new Segment.Mark(at, header.BaseOffset, header.LogTime, header.PreviousCrc));
            at += header.Length;
        }

        _lastCrc = _plannedCrc;
        Volatile.Write(ref _lastStamp, _planned[^1].Header.LogTime);
        Volatile.Write(ref _endOffset, _plannedOffset);
        segment.End = _plannedEnd;
        _planned.Clear();
    }

    public void Close() => _file?.Dispose();

    private void CutUndecided()
    {
        if (_file is null || _segments.Length == 0)
        {
            return;
        }

        try
        {
            _file.Truncate(_segments[^1].End);
            _file.Sync();
        }
        catch (KappaException)
        {
            // A courtesy only: the error that stopped the partition is told, and the next segment makes the rest void.
        }
    }

    private void Poison()
    {
        _isPoisoned = _segments.Length > 0;
        _file?.Dispose();
        _file = null;
    }

    private void Encode(Segment segment, Span<byte> into, long durableTo)
    {
        _plannedCrc = segment.End == SegmentHeader.Size ? segment.Seed : _lastCrc;
        var at = 0;
        foreach (var batch in _planned)
        {
            batch.Header.PreviousCrc = _plannedCrc;
            batch.Header.GroupStart = segment.End;
            batch.Header.DurableTo = durableTo;
            at += batch.Write(into[at..], segment.Seed);
            _plannedCrc = batch.Header.Crc;
        }
    }

    /// <summary>
    /// Why a partition stands still, behind which stamp, whether for good, and whether it was found damaged.
    /// </summary>
    internal sealed record Stop(KappaException Why, long After, bool IsFinal, bool IsDamage = false);
}
