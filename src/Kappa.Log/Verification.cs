namespace Kappa.Log;

/// <summary>Something in a log's folder that is not what was written.</summary>
/// <param name="File">The file's path.</param>
/// <param name="Topic">The topic; null when the file belongs to none.</param>
/// <param name="Partition">The partition; −1 when the file belongs to none.</param>
/// <param name="Offset">The offset from which on records are affected.</param>
/// <param name="Position">Where in the file, in bytes.</param>
/// <param name="What">What is wrong.</param>
public sealed record Finding(string File, string? Topic, int Partition, long Offset, long Position, string What);

/// <summary>What a verification saw.</summary>
/// <param name="Findings">Everything wrong; empty when all is well.</param>
/// <param name="Segments">How many segments were walked.</param>
/// <param name="Batches">How many batches were verified.</param>
/// <param name="Records">How many records these hold.</param>
/// <param name="Bytes">How many bytes were read.</param>
public sealed record Verification(
    IReadOnlyList<Finding> Findings, long Segments, long Batches, long Records, long Bytes);

/// <summary>Walks everything in the folder of a closed log and changes nothing.</summary>
internal sealed class Verifier(string folder, IFileSystem files, CancellationToken cancel)
{
    private readonly List<Finding> _findings = [];
    private long _segments;
    private long _batches;
    private long _records;
    private long _bytes;

    /// <summary>The highest stamp that any valid batch has or calls durable.</summary>
    public long LastStamp { get; private set; }

    public Verification Run()
    {
        Manifest? manifest = null;
        var manifestPath = Path.Combine(folder, Manifest.FileName);
        try
        {
            manifest = Manifest.Read(files, folder);
        }
        catch (KappaException damaged) when (damaged.Kind == ErrorKind.Corrupt)
        {
            _findings.Add(new Finding(manifestPath, null, -1, 0, 0, damaged.Message));
        }

        if (manifest is null)
        {
            if (_findings.Count == 0)
            {
                throw new KappaException(
                    ErrorKind.NotFound, $"There is no log in '{folder}': {Manifest.FileName} is missing.",
                    "Name the folder of a log.");
            }
        }
        else
        {
            if (DurableEnds.IsDamaged(files, folder))
            {
                _findings.Add(new Finding(
                    Path.Combine(folder, DurableEnds.FileName), null, -1, 0, 0, "the note of the ends is damaged"));
            }

            var ends = DurableEnds.Read(files, folder, manifest.Id);
            foreach (var topic in manifest.Topics.Where(topic => topic.Ending != TopicEnding.Dropped))
            {
                for (var number = 0; number < topic.Partitions; number++)
                {
                    WalkPartition(
                        topic, manifest.StartOf(topic.Id, number), manifest.Id, ends.Of(topic.Id, number));
                }
            }
        }

        return new Verification(_findings, _segments, _batches, _records, _bytes);
    }

    private void WalkPartition(ManifestTopic topic, PartitionStart start, LogId log, DurableEnds.End? known)
    {
        var number = start.Partition;
        var home = Manifest.PartitionFolder(folder, topic.Id, number);
        var names = files.List(home).Where(name => Segment.NumberOf(name) >= start.Segment).ToList();
        var next = start.Offset;
        var expected = start.Segment;
        foreach (var name in names)
        {
            cancel.ThrowIfCancellationRequested();
            var path = Path.Combine(home, name);
            using var file = files.Open(path, FileIntent.Read);
            var bytes = new byte[SegmentHeader.Size];
            var wrong = SegmentHeader.TryRead(bytes.AsSpan(0, file.Read(bytes, 0)), out var header);
            if (wrong is null && (header.LogId != log.Value || header.TopicId != topic.Id || header.Partition != number
                || name != Segment.NameOf(header.Number) || header.Number != expected || header.BaseOffset != next))
            {
                wrong = $"it is segment {header.Number} from offset {header.BaseOffset} of topic {header.TopicId},"
                    + $" partition {header.Partition}; segment {expected} from offset {next} is due here";
            }

            if (wrong is not null)
            {
                _findings.Add(new Finding(path, topic.Name, number, next, 0, wrong));
                return;
            }

            var voidFrom = known is { IsStopped: true } stopped && stopped.Segment == expected
                ? stopped.Offset
                : long.MaxValue;
            if (WalkSegment(topic, number, path, file, header, EndOf(home, names, header, file), voidFrom)
                is not { } end)
            {
                return;
            }

            next = end;
            expected++;
        }

        if (names.Count == 0 && start.Segment > 1)
        {
            // Retention never takes a partition's last record, so there was a file (rule L9).
            _findings.Add(new Finding(
                Path.Combine(home, Segment.NameOf(start.Segment)), topic.Name, number, next, 0,
                "the partition's files are missing"));
        }
        else if (known is { } noted && expected <= noted.Segment)
        {
            _findings.Add(new Finding(
                Path.Combine(home, Segment.NameOf(noted.Segment)), topic.Name, number, next, 0,
                "the file is missing"));
        }
        else if (known is { } durable && next < durable.Offset)
        {
            _findings.Add(new Finding(
                Path.Combine(home, Segment.NameOf(durable.Segment)), topic.Name, number, next, 0,
                $"records are missing: offset {durable.Offset} was durable"));
        }
    }

    /// <summary>
    /// Where a segment's valid bytes end: where itself or the next one says, else at the end of the file.
    /// </summary>
    private long EndOf(string home, List<string> names, in SegmentHeader of, IFile file)
    {
        if (of.OwnEnd > 0)
        {
            return of.OwnEnd;
        }

        var at = names.IndexOf(Segment.NameOf(of.Number));
        if (at + 1 == names.Count)
        {
            return file.Length;
        }

        using var next = files.Open(Path.Combine(home, names[at + 1]), FileIntent.Read);
        var bytes = new byte[SegmentHeader.Size];
        return SegmentHeader.TryRead(bytes.AsSpan(0, next.Read(bytes, 0)), out var header) is null
            ? header.PreviousEnd
            : file.Length;
    }

    private long? WalkSegment(
        ManifestTopic topic, int number, string path, IFile file, in SegmentHeader header, long end, long voidFrom)
    {
        _segments++;
        var segment = new Segment(path, header, end);
        var walk = new SegmentWalk(file, segment, segment.First);
        string? wrong = null;
        while (walk.NextOffset < voidFrom && walk.TryNext(end, out wrong))
        {
            cancel.ThrowIfCancellationRequested();
            LastStamp = Math.Max(LastStamp, Math.Max(walk.Header.LogTime, walk.Header.DurableTo));
            _batches++;
            _records += walk.Header.Count;
        }

        _bytes += walk.Position;
        if (wrong is null)
        {
            return walk.NextOffset;
        }

        _findings.Add(new Finding(path, topic.Name, number, walk.NextOffset, walk.Position, wrong));
        return null;
    }
}
