namespace Kappa.Log;

/// <summary>One partition while it is recovered: its segments, how far they are valid, and what lies behind.</summary>
internal sealed class PartitionTail
{
    private readonly List<Segment> _segments = [];
    private readonly LogId _log;
    private readonly DurableEnds.End? _known;
    private readonly PartitionStart _start;
    private readonly bool _isNoteUnreadable;
    private KappaException? _damage;
    private long _endOffset;
    private uint _lastCrc;
    private long _fileLength;
    private long _validEnd;
    private long _lastGroup;
    private int _lastFile;
    private string? _torn;

    private PartitionTail(Partition partition, LogId log, PartitionStart start, DurableEnds ends)
    {
        Partition = partition;
        _log = log;
        _start = start;
        _known = ends.Of(partition.TopicId, partition.Number);
        _isNoteUnreadable = ends.IsUnreadable;
    }

    public Partition Partition { get; }

    /// <summary>The last segment that is known to have been whole; 0 for none.</summary>
    private int LastKnown => Math.Max(_known?.Segment ?? 0, _start.Segment > 1 ? _start.Segment : 0);

    /// <summary>The last valid stamp.</summary>
    public long LastStamp { get; private set; }

    /// <summary>The highest stamp that batches of this partition say was durable before them.</summary>
    public long DurableTo { get; private set; }

    public static PartitionTail Read(
        Partition partition, LogId log, PartitionStart start, DurableEnds ends, IFileSystem files)
    {
        var tail = new PartitionTail(partition, log, start, ends);
        try
        {
            tail.ReadHeaders(files);
            tail.WalkLast(files);
        }
        catch (KappaException trouble) when (trouble.Kind != ErrorKind.Corrupt && trouble is not DiskRefusedException)
        {
            // A disk that cannot read one file stops that partition, not the log. One that only refuses for now would
            // stop it until the next opening: that is refused instead.
            tail._damage ??= trouble;
        }

        return tail;
    }

    /// <summary>
    /// Decides what is behind the valid end, knowing what was durable in the whole log; syncs what is kept.
    /// </summary>
    public void Settle(long durableTo, IFileSystem files)
    {
        if (_segments.Count > 0 && _damage is null)
        {
            var last = _segments[^1];
            using var file = files.Open(last.Path, FileIntent.Write);
            CheckKnownEnd(last);
            if (_fileLength > _validEnd && _damage is null)
            {
                _damage = IsVoid(last) ? null : DamageBehind(file, last, durableTo);
                if (_damage is null)
                {
                    file.Truncate(_validEnd);
                }
            }

            Rewrite(file);
            file.Sync();
            files.SyncFolder(Partition.Folder);
        }
        else if (_damage is null && (_known is not null || _start.Segment > 1))
        {
            _damage = DamageIn(Segment.NameOf(_start.Segment), 0, "the partition's files are missing");
        }

        Partition.Load(
            [.. _segments], _endOffset, LastStamp, _lastCrc, _segments.Count > 0 && IsVoid(_segments[^1]), _damage,
            NotedEnd());
    }

    // Damage lies behind the end, so at least one record more was there; a disk that did not read proves nothing new.
    private DurableEnds.End? NotedEnd()
    {
        var isProven = _damage is { Kind: ErrorKind.Corrupt };
        var atLeast = new DurableEnds.End(Math.Max(1, _lastFile), _endOffset + 1, IsStopped: false);
        if (_known is not { } known)
        {
            return isProven ? atLeast : null;
        }

        return isProven && !known.IsStopped
            ? known with { Offset = Math.Max(known.Offset, atLeast.Offset) }
            : known;
    }

    private void ReadHeaders(IFileSystem files)
    {
        // What is before the start was removed (rule L9), and a crash may have left its files.
        RemovedFiles.Delete(files, Partition.Folder, _start.Segment);
        var names = files.List(Partition.Folder).Where(name => Segment.NumberOf(name) >= _start.Segment).ToList();
        _lastFile = names.Count == 0 ? 0 : Segment.NumberOf(names[^1]);
        for (var i = 0; i < names.Count; i++)
        {
            var path = Path.Combine(Partition.Folder, names[i]);
            using var file = files.Open(path, FileIntent.Read);
            var bytes = new byte[SegmentHeader.Size];
            var wrong = SegmentHeader.TryRead(bytes.AsSpan(0, file.Read(bytes, 0)), out var header);
            wrong ??= Contradiction(header, names[i]);
            if (wrong is null)
            {
                Add(new Segment(path, header, file.Length));
            }
            else if (i == names.Count - 1 && Segment.NumberOf(names[i]) > LastKnown && !_isNoteUnreadable
                && !TailEvidence.HasMagic(file))
            {
                // Its creation was not finished, so nothing in it was ever acknowledged.
                file.Dispose();
                files.Delete(path);
                files.SyncFolder(Partition.Folder);
            }
            else
            {
                _damage = DamageIn(names[i], 0, wrong);
                return;
            }
        }

        var last = _segments.Count == 0 ? 0 : _segments[^1].Header.Number;
        if (_known is { } known && last < known.Segment)
        {
            _damage = DamageIn(Segment.NameOf(known.Segment), 0, "the file is missing");
        }
    }

    private void Add(Segment segment)
    {
        if (_segments.Count > 0)
        {
            // Everything behind the end the next segment states is void for ever (rule L2), but one that was written
            // again states its own.
            var before = _segments[^1];
            CutAt(before, before.Header.OwnEnd > 0 ? before.Header.OwnEnd : segment.Header.PreviousEnd);
            before.Seal();
        }

        _segments.Add(segment);
    }

    private void CutAt(Segment before, long end)
    {
        if (before.End < end)
        {
            _damage ??= Kappa.Log.Damage.Error(
                before.Path, Partition.Topic, Partition.Number, before.Header.BaseOffset, before.End,
                $"the file has {before.End} bytes, {end} were written");
        }

        before.End = Math.Min(before.End, end);
    }

    private string? Contradiction(in SegmentHeader header, string name)
    {
        if (header.LogId != _log.Value)
        {
            return "it belongs to another log";
        }

        if (header.TopicId != Partition.TopicId || header.Partition != Partition.Number)
        {
            return $"it belongs to topic {header.TopicId}, partition {header.Partition}";
        }

        var expected = _segments.Count == 0 ? _start.Segment : _segments[^1].Header.Number + 1;
        if (header.Number != expected || name != Segment.NameOf(expected))
        {
            return $"segment {expected} is missing before it";
        }

        return _segments.Count == 0 && (header.BaseOffset != _start.Offset || header.PreviousStamp != _start.Stamp)
            ? $"it does not begin with offset {_start.Offset}"
            : null;
    }

    private void WalkLast(IFileSystem files)
    {
        if (_segments.Count == 0)
        {
            return;
        }

        var last = _segments[^1];
        _fileLength = last.End;
        using var file = files.Open(last.Path, FileIntent.Read);
        var walk = new SegmentWalk(file, last, last.First);
        while (!(IsVoid(last) && walk.NextOffset >= _known!.Value.Offset) && walk.TryNext(_fileLength, out _torn))
        {
            DurableTo = Math.Max(DurableTo, walk.Header.DurableTo);
            _lastGroup = walk.Header.GroupStart;
        }

        last.End = _validEnd = walk.Position;
        _endOffset = walk.NextOffset;
        _lastCrc = walk.LastCrc;
        LastStamp = walk.LastStamp;
        if (_fileLength > _validEnd && !IsVoid(last))
        {
            DurableTo = Math.Max(DurableTo, TailEvidence.DurableTo(file, last, _validEnd, _endOffset));
        }
    }

    // A sync that failed before a restart marked its pages clean: only what is written again is synced again. What lies
    // before the last group was synced before that; where nothing does, that is not even sure of the header.
    private void Rewrite(IFile file)
    {
        var from = _lastGroup > SegmentHeader.Size ? _lastGroup : 0;
        if (_damage is null && from < _validEnd)
        {
            var bytes = new byte[_validEnd - from];
            if (file.Read(bytes, from) == bytes.Length)
            {
                file.Write(bytes, from);
            }
        }
    }

    // The partition had stopped there: what lies behind was refused, and everybody was told so.
    private bool IsVoid(Segment last) =>
        _known is { IsStopped: true } known && known.Segment == last.Header.Number;

    private KappaException? DamageBehind(IFile file, Segment last, long durableTo) =>
        _isNoteUnreadable || TailEvidence.IsAcknowledged(file, last, _validEnd, _endOffset, LastStamp, durableTo)
            ? DamageIn(Path.GetFileName(last.Path), _validEnd, _torn ?? "the batch is damaged")
            : null;

    private void CheckKnownEnd(Segment last)
    {
        if (_damage is null && _known is { } known && _endOffset < known.Offset)
        {
            _damage = DamageIn(
                Path.GetFileName(last.Path), _validEnd,
                _torn ?? $"the file ends early, offset {known.Offset} was durable");
        }
    }

    private KappaException DamageIn(string name, long position, string what) => Damage.Error(
        Path.Combine(Partition.Folder, name), Partition.Topic, Partition.Number, _endOffset, position, what);
}
