namespace Kappa.Log.Archives;

/// <summary>
/// What a mirror lacks and the log has no more: the other archives of the topic have it (rule L9). So a mirror that is
/// made later, or was away, is whole all the same. For one mirror.
/// </summary>
/// <param name="log">The log.</param>
/// <param name="own">The mirror's archive.</param>
/// <param name="erasure">Writes a segment without what was erased.</param>
/// <param name="put">Writes a segment and then the manifest that names it.</param>
internal sealed class OlderSegments(
    EmbeddedLog log, Archive own, ArchiveErasure erasure,
    Func<ArchiveEntry, IFile, CancellationToken, ValueTask> put)
{
    /// <summary>With which segment an empty archive begins: before the log's, others have all from there on.</summary>
    /// <exception cref="KappaException">An archive that may have an earlier one does not answer.</exception>
    public int FirstNumber(Partition partition)
    {
        var number = FirstOfLog(partition);
        if (log.OthersOf(own, partition) is { } others)
        {
            while (number > 1 && others.EntryOf(number - 1) is not null)
            {
                number--;
            }
        }

        return number;
    }

    /// <summary>How many there are to be copied, by what is known without asking a store.</summary>
    public int Waiting(Partition partition, ArchiveManifest? manifest)
    {
        if (partition.Segments.Length == 0 || log.OthersOf(own, partition) is not { } others)
        {
            return 0;
        }

        var number = FirstOfLog(partition);
        var end = manifest is { Entries: [.., var last] } ? last.Number + 1 : 1;
        var count = 0;
        for (; number > end && others.Knows(number - 1); number--)
        {
            count++;
        }

        return count;
    }

    /// <summary>
    /// Copies one that the log has no more, without what was erased since (rule L10): of that nothing is to be written
    /// anywhere again.
    /// </summary>
    /// <exception cref="KappaException">No other archive has it, or none gives it.</exception>
    public async ValueTask CopyAsync(Partition partition, int number, CancellationToken cancel)
    {
        var others = log.OthersOf(own, partition);
        using var lease = await Task.Run(() => others?.TryTake(number), cancel) ?? throw Missing(partition);
        var note = log.Erasures.Of(partition, number);
        if (lease.Archive.Inherited is not null)
        {
            await AdoptAsync(partition, lease, cancel);
        }
        else if (note is not null && note.Revision > lease.Revision)
        {
            await erasure.RewriteAsync(partition, lease, note, cancel);
        }
        else
        {
            await put(lease.Entry, lease.File, cancel);
        }
    }

    private static int FirstOfLog(Partition partition) => partition.Segments[0].Header.Number;

    /// <summary>
    /// A segment of the log this one was restored from becomes one of this log. It was fetched without what was erased.
    /// </summary>
    private async ValueTask AdoptAsync(Partition partition, SegmentCache.Lease lease, CancellationToken cancel)
    {
        log.Files.CreateFolder(log.FetchFolder);
        var path = Path.Combine(log.FetchFolder, Guid.NewGuid().ToString("N") + ".new");
        try
        {
            var segment = await Task.Run(() => Adopt(lease, path, cancel), cancel);
            using var source = log.Files.Open(path, FileIntent.Read);
            await put(SegmentDigest.Of(partition, segment, source, lease.Revision, cancel), source, cancel);
        }
        finally
        {
            log.Files.Delete(path);
        }
    }

    // The batches do not hold the log's id, and stay as they are.
    private Segment Adopt(SegmentCache.Lease lease, string path, CancellationToken cancel)
    {
        var header = lease.Segment.Header with { LogId = log.Id.Value };
        using var into = log.Files.Open(path, FileIntent.Create);
        FileCopy.Run(lease.File, into, lease.Segment.End, cancel);
        var bytes = new byte[SegmentHeader.Size];
        header.Write(bytes);
        into.Write(bytes, 0);
        into.Sync();
        return new Segment(path, header, lease.Segment.End);
    }

    private KappaException Missing(Partition partition)
    {
        var end = own.Manifests[partition.Number].EndOffset;
        var begin = partition.StartOffset;
        return new KappaException(
            ErrorKind.Conflict,
            $"The archive '{own.StoreName}' of topic '{own.Topic}', partition {partition.Number}, ends"
                + $" before offset {end}, and the log begins with {begin}: offsets {end} to {begin - 1} can be copied"
                + " no more, and no other archive has them.",
            "Mirror the topic to an empty place; keep this archive for what it has.");
    }
}
