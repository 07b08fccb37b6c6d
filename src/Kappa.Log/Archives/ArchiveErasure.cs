using Kappa.Log.Erasures;

namespace Kappa.Log.Archives;

/// <summary>
/// Brings an archive up to date with what was erased (rule L10). A segment is written again under the name of its new
/// revision, then the manifest names it, then what it replaces is deleted: a reader finds the one or the other. Cut at
/// any step, it is run again. For the one mirror of the archive.
/// </summary>
/// <param name="log">The log.</param>
/// <param name="archive">The archive.</param>
/// <param name="put">Writes a segment and then the manifest that names it.</param>
internal sealed class ArchiveErasure(
    EmbeddedLog log, Archive archive, Func<ArchiveEntry, IFile, CancellationToken, ValueTask> put)
{
    private bool _isSwept;

    /// <summary>How many segments have something left that was erased, as far as it is known.</summary>
    public int Waiting
    {
        get
        {
            var partitions = log.PartitionsOf(archive.Topic);
            return archive.Manifests.Where(manifest => manifest.Partition < partitions.Length).Sum(
                manifest => manifest.Entries.Count(entry =>
                    (!_isSwept && entry.Revision > 0 && archive.Inherited is null)
                        || IsDue(partitions[manifest.Partition], entry)));
        }
    }

    /// <summary>Deletes, once, what an earlier process replaced and did not delete.</summary>
    public async ValueTask SweepAsync(CancellationToken cancel)
    {
        if (_isSwept)
        {
            return;
        }

        foreach (var manifest in archive.Manifests)
        {
            foreach (var entry in manifest.Entries.Where(entry => entry.Revision > 0))
            {
                await DeleteSupersededAsync(manifest, entry, cancel);
            }
        }

        _isSwept = true;
    }

    /// <summary>The manifest is about to name an entry: from here on what it replaces is to be deleted.</summary>
    public void Begin(ArchiveEntry entry) => _isSwept &= entry.Revision == 0;

    /// <summary>Deletes what an entry replaced; cut short, the next run begins with that.</summary>
    public async ValueTask FinishAsync(ArchiveManifest manifest, ArchiveEntry entry, CancellationToken cancel)
    {
        await DeleteSupersededAsync(manifest, entry, cancel);
        _isSwept = true;
    }

    private async ValueTask DeleteSupersededAsync(
        ArchiveManifest manifest, ArchiveEntry entry, CancellationToken cancel)
    {
        foreach (var name in manifest.Superseded(entry))
        {
            await archive.Store.DeleteAsync(name, cancel);
            log.Drop(archive, name);
        }
    }

    /// <summary>Writes again what has values that were erased since, of one partition.</summary>
    /// <exception cref="KappaException">
    /// A segment was erased more often than this log knows; log and archive differ; or one of them does not answer.
    /// </exception>
    public async ValueTask RunAsync(Partition partition, CancellationToken cancel)
    {
        foreach (var entry in archive.Manifests[partition.Number].Entries)
        {
            var note = log.Erasures.Of(partition, entry.Number);
            if ((note?.Revision ?? 0) < entry.Revision)
            {
                throw new KappaException(
                    ErrorKind.Conflict,
                    $"'{archive.ObjectName(entry)}' of the archive '{archive.StoreName}' went through"
                        + $" {entry.Revision} erasures, and this log knows of {note?.Revision ?? 0}: its notes of what"
                        + " was erased are of an older copy of the data folder.",
                    "Bring the folder 'erased' of the log back, or mirror the topic to an empty place.");
            }

            if (note is not null && note.Revision > entry.Revision)
            {
                cancel.ThrowIfCancellationRequested();
                await RunAsync(partition, entry, note, cancel);
            }
        }
    }

    /// <summary>A segment of the log as a line of a manifest, once it is one of those its note knows.</summary>
    /// <exception cref="KappaException">It is damaged, or another.</exception>
    public static ArchiveEntry Checked(
        Partition partition, Segment segment, IFile source, ErasureNote note, CancellationToken cancel)
    {
        var revision = note.RevisionOf(segment.Header.SegmentId);
        var entry = SegmentDigest.Of(partition, segment, source, Math.Max(0, revision), cancel);
        return note.StateOf(revision) == new SegmentState(entry.SegmentId, entry.Length, entry.Chain)
            ? entry
            : throw Damage.Error(
                segment.Path, partition.Topic, partition.Number, entry.BaseOffset, 0,
                "it is neither what it was before values in it were erased nor what was written then");
    }

    private bool IsDue(Partition partition, ArchiveEntry entry)
    {
        try
        {
            return log.Erasures.Of(partition, entry.Number) is { } note && note.Revision > entry.Revision;
        }
        catch (KappaException)
        {
            // What is wrong with the note the next run says; until then it is not done.
            return true;
        }
    }

    private async ValueTask RunAsync(
        Partition partition, ArchiveEntry entry, ErasureNote note, CancellationToken cancel)
    {
        if (partition.Segments is [var first, ..] && entry.Number >= first.Header.Number)
        {
            var (segment, file) = partition.Open(entry.Number);
            using var source = file;
            ArchivedPartition.Compare(archive, entry, segment, partition, log.Erasures, lastCrc: null);

            // An erasure that was noted and did not get further is finished in the log first.
            if (note.RevisionOf(segment.Header.SegmentId) > entry.Revision)
            {
                await put(Checked(partition, segment, source, note, cancel), source, cancel);
            }

            return;
        }

        await RewriteAsync(partition, entry, note, cancel);
    }

    // The log has it no more: what is to go is known by offset.
    private async ValueTask RewriteAsync(
        Partition partition, ArchiveEntry entry, ErasureNote note, CancellationToken cancel)
    {
        using var lease = await Task.Run(() => log.Fetch(archive, entry), cancel);
        await RewriteAsync(partition, lease, note, cancel);
    }

    /// <summary>Writes a segment of an archive without what was erased since it was written there.</summary>
    public async ValueTask RewriteAsync(
        Partition partition, SegmentCache.Lease lease, ErasureNote note, CancellationToken cancel)
    {
        log.Files.CreateFolder(log.FetchFolder);
        var rewrite = new SegmentRewrite(
            log.Files, archive.Topic, lease.Segment, lease.File,
            Path.Combine(log.FetchFolder, Guid.NewGuid().ToString("N") + ".new"),
            (in record) => note.Of(record.Offset, lease.Revision));
        try
        {
            var header = rewrite.Write(isNeeded: true, cancel)!.Value;
            using var source = log.Files.Open(rewrite.Aside, FileIntent.Read);
            var segment = new Segment(rewrite.Aside, header, header.OwnEnd);
            await put(
                SegmentDigest.Of(partition, segment, source, note.Revision, cancel), source, cancel);
        }
        finally
        {
            rewrite.Forget();
        }
    }
}
