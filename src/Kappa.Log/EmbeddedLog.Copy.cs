using System.Globalization;

namespace Kappa.Log;

/// <content>Copies of the whole log, taken while it runs.</content>
public sealed partial class EmbeddedLog
{
    private int _copies;

    /// <summary>
    /// Copies every batch of every topic up to one place, and nothing behind it. Appends and readers go on meanwhile;
    /// the files of topics that are dropped meanwhile stay until the copy is done. Every byte that was copied is
    /// verified and synced, every folder too.
    /// </summary>
    /// <param name="folder">Where to; it must hold no log.</param>
    /// <param name="mark">
    /// Asked, while no topic can be created, completed or dropped, for the place; null: the end of the log then. It may
    /// append. The place must be the end of a batch that is durable.
    /// </param>
    /// <param name="cancel">Gives up; what was copied so far stays.</param>
    /// <exception cref="KappaException">
    /// Corrupt: something is damaged; file and position are named. Else the disk did not read or keep a file.
    /// </exception>
    public async ValueTask<LogCopy> CopyAsync(
        string folder, Func<CancellationToken, ValueTask<Place?>> mark, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(mark);
        ThrowIfClosed();
        Interlocked.Increment(ref _copies);
        try
        {
            TopicTable topics;
            Place place;
            await _changing.WaitAsync(cancel);
            try
            {
                place = await mark(cancel) ?? Place.EndOf(CompleteTo);
                if (place.LogTime > CompleteTo || place != Place.EndOf(place.LogTime))
                {
                    throw new KappaException(
                        ErrorKind.Invalid, $"A log cannot be copied up to {place}: its end is {CompleteTo}.",
                        "Name the end of a batch that was acknowledged.");
                }

                topics = _topics;
            }
            finally
            {
                _changing.Release();
            }

            return await Task.Run(() => Copy(Path.GetFullPath(folder), topics, place, cancel), cancel);
        }
        finally
        {
            await EndCopyAsync();
        }
    }

    /// <summary>
    /// What a dropped topic leaves is deleted when no copy reads it: the manifest says that it is dropped until then.
    /// </summary>
    private TopicTable WithoutDropped() =>
        Volatile.Read(ref _copies) > 0 ? _topics : _topics.DeleteDropped(_options);

    private async ValueTask EndCopyAsync()
    {
        if (Interlocked.Decrement(ref _copies) > 0 || Volatile.Read(ref _isClosed) == 1)
        {
            return;
        }

        await _changing.WaitAsync(CancellationToken.None);
        try
        {
            _topics = WithoutDropped();
        }
        catch (KappaException)
        {
            // A courtesy: the next drop, or the next opening, deletes what this disk does not delete now.
        }
        finally
        {
            _changing.Release();
        }
    }

    private LogCopy Copy(string folder, TopicTable topics, Place place, CancellationToken cancel)
    {
        var disk = _options.Files;
        var copied = new List<CopiedFile>();
        var ends = new List<(int Topic, int Partition, DurableEnds.End End)>();
        disk.CreateFolder(Path.Combine(folder, "topics"));
        foreach (var topic in topics.All)
        {
            foreach (var partition in topic.Partitions)
            {
                CopyPartition(partition, folder, place, copied, ends, cancel);
            }

            var home = Path.Combine(folder, "topics", topic.Id.ToString("D6", CultureInfo.InvariantCulture));
            if (disk.Exists(home))
            {
                disk.SyncFolder(home);
            }
        }

        topics.Kept.Write(disk, folder);
        DurableEnds.Write(disk, folder, Id, place.LogTime, ends);
        copied.Add(Hashed(folder, Manifest.FileName));
        copied.Add(Hashed(folder, DurableEnds.FileName));

        // Written when records were removed, which nobody does during a copy: it speaks of nothing behind the place.
        if (AtomicFile.Read(disk, Path.Combine(_options.Folder, ProducerFile.FileName)) is { } producers)
        {
            AtomicFile.Write(disk, Path.Combine(folder, ProducerFile.FileName), producers);
            copied.Add(Hashed(folder, ProducerFile.FileName));
        }

        CopyErasures(folder, topics, ends, copied);
        disk.SyncFolder(Path.Combine(folder, "topics"));
        disk.SyncFolder(folder);
        return new LogCopy(Id, place, copied, [.. topics.All.Select(topic => new CopiedTopic(
            topic.Id, topic.Name,
            [.. topic.Partitions.Select(one => topics.StartOf(topic.Id, one.Number).Segment)]))]);
    }

    /// <summary>What was erased of segments that are in the copy, or that only archives have.</summary>
    private void CopyErasures(
        string folder, TopicTable topics, IReadOnlyList<(int Topic, int Partition, DurableEnds.End End)> ends,
        List<CopiedFile> copied)
    {
        var last = ends.ToDictionary(end => (end.Topic, end.Partition), end => end.End.Segment);
        var names = _erasures.CopyTo(folder, one => topics.All.Any(topic => topic.Id == one.TopicId)
            && (one.Number <= last.GetValueOrDefault((one.TopicId, one.Partition))
                || one.Number < topics.StartOf(one.TopicId, one.Partition).Segment));
        copied.AddRange(names.Select(name => Hashed(folder, name)));
    }

    private void CopyPartition(
        Partition partition, string folder, Place place, List<CopiedFile> copied,
        List<(int Topic, int Partition, DurableEnds.End End)> ends, CancellationToken cancel)
    {
        if (partition.Stopped is { IsDamage: true } stop)
        {
            throw stop.Why;
        }

        var disk = _options.Files;
        var home = Manifest.PartitionFolder(folder, partition.TopicId, partition.Number);
        var copy = new SegmentCopy(disk, partition, place, cancel);
        var last = 0;
        foreach (var raw in partition.Segments)
        {
            var name = Segment.NameOf(raw.Header.Number);
            disk.CreateFolder(home);
            var isFirst = last == 0 && raw.Header.BaseOffset > 0;
            if (copy.Run(raw, Path.Combine(home, name), isFirst) is not { } done)
            {
                break;
            }

            last = raw.Header.Number;
            var path = Path.GetRelativePath(folder, Path.Combine(home, name)).Replace(
                Path.DirectorySeparatorChar, '/');
            copied.Add(new CopiedFile(path, done.Bytes, done.Sha256));
        }

        if (last > 0)
        {
            ends.Add((
                partition.TopicId, partition.Number, new DurableEnds.End(last, copy.NextOffset, IsStopped: false)));
            disk.SyncFolder(home);
        }
    }

    private CopiedFile Hashed(string folder, string name)
    {
        var bytes = AtomicFile.Read(_options.Files, Path.Combine(folder, name))!;
        return new CopiedFile(
            name, bytes.Length,
            Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(bytes)));
    }
}
