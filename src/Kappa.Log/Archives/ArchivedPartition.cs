using Kappa.Log.Erasures;

namespace Kappa.Log.Archives;

/// <summary>
/// What the archives of a topic have of one partition. Several are asked in turn: one that does not answer, or is
/// damaged, costs nothing while another has the segment.
/// </summary>
internal sealed class ArchivedPartition(
    Partition partition, IReadOnlyList<Archive> archives, SegmentCache cache, ErasureNotes erasures)
{
    /// <summary>The number of the first archived segment with a record behind a place; null for none.</summary>
    /// <exception cref="KappaException">
    /// None is known to be the first, and an archive that may have an earlier one does not give its manifest.
    /// </exception>
    public int? NumberAfter(Place place)
    {
        var (found, trouble) = Ask(archive => archive.Manifests[partition.Number].After(place));
        return trouble is null || found.Any(one => one.Entry.BaseOffset == 0
            || one.Archive.Find(partition.Number, one.Entry.Number - 1) is not null)
            ? found.Min(one => (int?)one.Entry.Number) : throw trouble;
    }

    /// <summary>The number of the archived segment with an offset; null for none.</summary>
    /// <exception cref="KappaException">None is known, and an archive does not give its manifest.</exception>
    public int? NumberOf(long offset)
    {
        var (found, trouble) = Ask(archive => archive.Manifests[partition.Number].FindOffset(offset));
        return found.Count > 0 || trouble is null ? found.Min(one => (int?)one.Entry.Number) : throw trouble;
    }

    /// <summary>Is an archive known, without asking the store, to have a segment?</summary>
    public bool Knows(int number) => archives.Any(archive => archive.Find(partition.Number, number) is not null);

    /// <summary>What the first archive that has a segment says of it; null where none has it.</summary>
    /// <exception cref="KappaException">No archive that may have it gives its manifest.</exception>
    public ArchiveEntry? EntryOf(int number)
    {
        KappaException? trouble = null;
        foreach (var archive in archives)
        {
            try
            {
                if (Find(archive, number) is { } entry)
                {
                    return entry;
                }
            }
            catch (KappaException failed)
            {
                // One of another topic or log has nothing of this one.
                trouble ??= archive.MayBeOf(partition.TopicId) ? failed : null;
            }
        }

        return trouble is null ? null : throw trouble;
    }

    /// <summary>
    /// May an archive, as far as it is known without asking the store, have a segment by this id, of which nothing is
    /// to be erased any more (rule L10)?
    /// </summary>
    public bool MayHave(int number, Guid segmentId)
    {
        try
        {
            var revision = erasures.Of(partition, number)?.Revision ?? 0;
            return archives.Any(archive => archive.Manifests.Length == 0
                ? revision == 0
                : archive.Find(partition.Number, number) is { } entry && entry.SegmentId == segmentId
                    && (archive.Inherited is null ? entry.Revision >= revision : revision == 0));
        }
        catch (KappaException)
        {
            // A note that cannot be read: whether there is something to be erased is not known.
            return false;
        }
    }

    /// <summary>A segment out of the first archive that gives it, and the next one begun to be fetched.</summary>
    /// <returns>Null where no archive has it.</returns>
    /// <exception cref="KappaException">Archives have it, and none gives it; or they contradict each
    /// other.</exception>
    public SegmentCache.Lease? TryTake(int number)
    {
        KappaException? trouble = null;
        (Archive Archive, ArchiveEntry Entry)? other = null;
        foreach (var archive in archives)
        {
            try
            {
                if (Find(archive, number) is not { } entry)
                {
                    continue;
                }

                if (other is { } first && !(first.Archive.Inherited?.Log == archive.Inherited?.Log
                    ? first.Entry.Agrees(entry) : first.Entry.HasRecordsOf(entry)))
                {
                    throw entry.Damage(
                        archive.StoreName, archive.ObjectName(entry), "another archive of the topic has another");
                }

                other = (archive, entry);
                var lease = Take(archive, entry);
                if (archive.Find(partition.Number, number + 1) is { } next && number + 1 < FirstOfLog)
                {
                    cache.Prefetch(archive, next);
                }

                return lease;
            }
            catch (KappaException failed)
            {
                trouble ??= failed;
            }
        }

        return trouble is null ? null : throw trouble;
    }

    /// <summary>
    /// A segment of the log that was read to its end is the one the archives have, as far as they are known; but for
    /// values that were erased in one and not yet in the other (rule L10).
    /// </summary>
    /// <exception cref="KappaException">They differ: both are named.</exception>
    public void Compare(Segment segment, uint lastCrc)
    {
        foreach (var archive in archives)
        {
            if (archive.Find(partition.Number, segment.Header.Number) is { } entry)
            {
                Compare(archive, entry, segment, partition, erasures, lastCrc);
            }
        }
    }

    /// <summary>Compares what both have of a segment.</summary>
    /// <param name="archive">The archive.</param>
    /// <param name="entry">What it has.</param>
    /// <param name="segment">What the log has.</param>
    /// <param name="partition">The partition.</param>
    /// <param name="erasures">What was erased: it says what a segment was before and became.</param>
    /// <param name="lastCrc">Where the chain of the log's ends; null: it was not read.</param>
    /// <exception cref="KappaException">They differ: both are named.</exception>
    public static void Compare(
        Archive archive, ArchiveEntry entry, Segment segment, Partition partition, ErasureNotes erasures,
        uint? lastCrc)
    {
        var header = segment.Header;
        var own = new SegmentState(header.SegmentId, segment.End, lastCrc ?? entry.Chain);
        var theirs = new SegmentState(entry.SegmentId, entry.Length, entry.Chain);
        if (own == theirs && entry.BaseOffset == header.BaseOffset)
        {
            return;
        }

        if (own.Id == theirs.Id || erasures.Of(partition, header.Number) is not { } note
            || note.StateOf(note.RevisionOf(own.Id)) is not { } noted || note.StateOf(entry.Revision) != theirs)
        {
            throw Differs(
                archive, entry, segment, partition, own.Id == theirs.Id && own.Length == theirs.Length
                    ? "their batches differ" : "their ids, offsets or lengths differ");
        }

        // Both are what this segment was, once: what it is now must be it to the last byte.
        if (noted.Length != own.Length || (lastCrc is { } crc && noted.Chain != crc))
        {
            throw Differs(archive, entry, segment, partition, "more than what was erased differs");
        }
    }

    /// <summary>
    /// More of a segment is noted to be erased (rule L10): where it comes out of an archive that nobody of this log
    /// writes again, it is fetched anew, without that.
    /// </summary>
    public void Forget(int number)
    {
        foreach (var archive in archives.Where(archive => archive.Inherited is not null))
        {
            if (archive.Find(partition.Number, number) is { } entry)
            {
                cache.Drop(archive, archive.ObjectName(entry));
            }
        }
    }

    /// <summary>The error for records that neither the log nor an archive has.</summary>
    public static KappaException Gap(Partition partition, long? from, long to, string where) => new(
        ErrorKind.NotFound,
        $"Topic '{partition.Topic}', partition {partition.Number}: offsets "
            + (from is { } first && first < to ? $"{first} to {to - 1}" : $"up to {to - 1}")
            + $" are neither in the log, which begins with {to}, nor in {where}.",
        "Attach an archive that has them ('kappa mirror'), or begin behind them.");

    public string Where => string.Join(" or ", archives.Select(archive => $"the archive '{archive.StoreName}'"));

    private int FirstOfLog => partition.Segments is { Length: > 0 } segments ? segments[0].Header.Number : int.MaxValue;

    private static KappaException Differs(
        Archive archive, ArchiveEntry entry, Segment segment, Partition partition, string what) => new(
        ErrorKind.Corrupt,
        $"'{segment.Path}' (topic '{partition.Topic}', partition {partition.Number}, offsets {entry.Range}) is not"
            + $" what '{archive.ObjectName(entry)}' of the archive '{archive.StoreName}' is: {what}.",
        "Run 'kappa verify' on the log and 'kappa verify --archive' on the archive to see which was changed.");

    private SegmentCache.Lease Take(Archive archive, ArchiveEntry entry)
    {
        while (true)
        {
            KappaException damage;
            try
            {
                return cache.Take(archive, entry);
            }
            catch (KappaException found) when (found.Kind is ErrorKind.Corrupt or ErrorKind.NotFound)
            {
                damage = found;
            }

            // The manifest may have been read before the segment was written again.
            entry = Wait(archive, archive.RenewedAsync(entry, cache.Stopping).AsTask()) ?? throw damage;
        }
    }

    // Known without the store, or read now; what a mirror elsewhere added since may be missing, so it is read again.
    private ArchiveEntry? Find(Archive archive, int number)
    {
        if (archive.Inherited is { } inherited && !inherited.Has(partition.Number, number))
        {
            return null;
        }

        Load(archive, again: false);
        if (archive.Find(partition.Number, number) is null && number < FirstOfLog)
        {
            Load(archive, again: true);
        }

        return archive.Find(partition.Number, number);
    }

    private (List<(Archive Archive, ArchiveEntry Entry)> Found, KappaException? Trouble) Ask(
        Func<Archive, ArchiveEntry?> ask)
    {
        KappaException? trouble = null;
        KappaException? other = null;
        var found = new List<(Archive, ArchiveEntry)>();
        foreach (var archive in archives)
        {
            try
            {
                Load(archive, again: false);
                if (partition.Number < archive.Manifests.Length && ask(archive) is { } entry)
                {
                    found.Add((archive, entry));
                }
            }
            catch (KappaException failed) when (archive.MayBeOf(partition.TopicId))
            {
                trouble ??= failed;
            }
            catch (KappaException failed)
            {
                other ??= failed;
            }
        }

        // One of another topic or log has nothing of this one; it is named where nothing else is found.
        return (found, trouble ?? (found.Count == 0 ? other : null));
    }

    private void Load(Archive archive, bool again) => Wait(archive, LoadAsync(archive, again));

    private async Task<bool> LoadAsync(Archive archive, bool again)
    {
        await archive.LoadAsync(again, cache.Stopping).ConfigureAwait(false);
        return true;
    }

    // A reader waits here for a store that is far away; when the log closes, it is told.
    private static T Wait<T>(Archive archive, Task<T> step)
    {
        try
        {
            return step.GetAwaiter().GetResult();
        }
        catch (OperationCanceledException closing)
        {
            throw SegmentCache.Closing(archive, closing);
        }
    }
}
