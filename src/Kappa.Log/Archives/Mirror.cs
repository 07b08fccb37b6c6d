using Kappa.Log.Archives;

namespace Kappa.Log;

/// <summary>
/// Copies the sealed segments of a topic into an archive: the segment, then the manifest that names it, each read back;
/// what the log has no more, out of the other archives that are attached.
/// It may be stopped at any moment and goes on where the manifest ends. What was erased since (rule L10) it writes
/// again under another name, and deletes what was there. One mirror writes an archive; another is refused. Not for two
/// callers at once.
/// </summary>
public sealed class Mirror
{
    private readonly EmbeddedLog _log;
    private readonly Guid _id;
    private readonly Action<IReadOnlyList<ArchiveHead>> _remember;
    private readonly ArchiveErasure _erasure;
    private readonly OlderSegments _older;
    private bool _isClaimed;

    /// <summary>A mirror. Nothing is read or written yet.</summary>
    /// <param name="log">The log.</param>
    /// <param name="archive">The archive of the topic.</param>
    /// <param name="id">Its identity: the archive is this mirror's alone.</param>
    /// <param name="remember">Keeps what was written, so that a store that shows less later is waited for.</param>
    public Mirror(EmbeddedLog log, Archive archive, Guid id, Action<IReadOnlyList<ArchiveHead>> remember)
    {
        ArgumentNullException.ThrowIfNull(log);
        ArgumentNullException.ThrowIfNull(archive);
        _log = log;
        Archive = archive;
        _id = id;
        _remember = remember;
        _erasure = new ArchiveErasure(log, archive, PutAsync);
        _older = new OlderSegments(log, archive, _erasure, PutAsync);
    }

    /// <summary>Its archive.</summary>
    public Archive Archive { get; }

    /// <summary>How far it is, by what is known without asking the store.</summary>
    public MirrorProgress Progress
    {
        get
        {
            var manifests = Archive.Manifests;
            var waiting = Archive.Inherited is not null ? 0 : _log.PartitionsOf(Archive.Topic).Sum(
                partition => Waiting(partition, manifests.ElementAtOrDefault(partition.Number)));
            return new MirrorProgress(
                manifests.Sum(one => one.Entries.Length), manifests.Sum(one => one.Entries.Sum(entry => entry.Length)),
                [.. manifests.Select(one => one.EndOffset)], waiting, _erasure.Waiting);
        }
    }

    /// <summary>Takes the archive over from another mirror of the same log, which must be stopped for good.</summary>
    /// <exception cref="KappaException">It is of another log.</exception>
    public async ValueTask TakeOverAsync(CancellationToken cancel)
    {
        if (await Archive.ReadOwnerAsync(cancel) is { } there && there.Mirror != _id)
        {
            RefuseOther(there, mayTake: true);
            await Archive.Store.WriteAsync(
                ArchiveOwner.ObjectName(Archive.Topic), (there with { Mirror = _id }).ToBytes(), cancel);
        }
    }

    /// <summary>Makes the archive this mirror's, once, and compares what both it and the log have.</summary>
    /// <exception cref="KappaException">It is another mirror's, is damaged, or does not answer.</exception>
    public async ValueTask ClaimAsync(CancellationToken cancel)
    {
        if (_isClaimed)
        {
            return;
        }

        await Archive.LoadAsOwnerAsync(await ClaimOnceAsync(cancel), cancel);
        foreach (var partition in _log.PartitionsOf(Archive.Topic))
        {
            Compare(partition);
        }

        _isClaimed = true;
    }

    /// <summary>
    /// Writes again what was erased, and copies every sealed segment that the archive does not have.
    /// </summary>
    /// <returns>How many were copied.</returns>
    /// <exception cref="KappaException">
    /// The store does not answer for longer than patience (again later); the archive is another mirror's, is damaged,
    /// or ends before the log begins (never by itself).
    /// </exception>
    public async ValueTask<int> CopyAsync(CancellationToken cancel)
    {
        await ClaimAsync(cancel);
        await _erasure.SweepAsync(cancel);
        var copied = 0;
        foreach (var partition in _log.PartitionsOf(Archive.Topic))
        {
            await _erasure.RunAsync(partition, cancel);
            while (await DueAsync(partition, cancel) is { } number)
            {
                cancel.ThrowIfCancellationRequested();
                await CopyAsync(partition, number, cancel);
                copied++;
            }
        }

        return copied;
    }

    private int Waiting(Partition partition, ArchiveManifest? manifest) => _older.Waiting(partition, manifest)
        + _log.Sealed(partition).Count(segment => segment.Header.BaseOffset >= (manifest?.EndOffset ?? 0));

    private async ValueTask CopyAsync(Partition partition, int number, CancellationToken cancel)
    {
        if (OpenOwn(partition, number) is not { } own)
        {
            await _older.CopyAsync(partition, number, cancel);
            return;
        }

        var (segment, file) = own;
        using var source = file;
        var note = _log.Erasures.Of(partition, segment.Header.Number);
        var entry = note is null
            ? SegmentDigest.Of(partition, segment, source, revision: 0, cancel)
            : ArchiveErasure.Checked(partition, segment, source, note, cancel);
        await PutAsync(entry, source, cancel);
    }

    private static (Segment Segment, IFile File)? OpenOwn(Partition partition, int number)
    {
        try
        {
            return number < partition.Segments[0].Header.Number ? null : partition.Open(number);
        }
        catch (KappaException) when (partition.Segments is [var first, ..] && first.Header.Number > number)
        {
            // Removed a moment ago.
            return null;
        }
    }

    /// <summary>Writes a segment and then the manifest that names it.</summary>
    private async ValueTask PutAsync(ArchiveEntry entry, IFile source, CancellationToken cancel)
    {
        await Archive.Store.WriteAsync(
            Archive.ObjectName(entry), () => new FileBytes(source, entry.Length, leaveOpen: true), entry, cancel);

        // Looked at each time: a store that let two mirrors claim it lets only one of them go on.
        var owner = await CheckOwnerAsync(cancel);
        if (entry.Revision > 0 && owner.Format < ArchiveOwner.FormatVersion)
        {
            // Before anything is written that an older program would take for damage: it refuses this number.
            owner = owner with { Format = ArchiveOwner.FormatVersion };
            await Archive.Store.WriteAsync(ArchiveOwner.ObjectName(Archive.Topic), owner.ToBytes(), cancel);
        }

        if (owner != Archive.Owner)
        {
            Archive.Change(owner);
        }

        _erasure.Begin(entry);
        var longer = Archive.Manifests[entry.Partition].With(entry);
        var (name, bytes) = longer.Page;
        await Archive.Store.WriteAsync(name, bytes, cancel);
        Archive.Add(longer);
        _remember([.. Archive.Manifests.Select(one => one.Head)]);
        await _erasure.FinishAsync(longer, entry, cancel);
    }

    /// <summary>The number of the next segment to be copied; null where there is none yet.</summary>
    private async ValueTask<int?> DueAsync(Partition partition, CancellationToken cancel)
    {
        if (partition.Segments is not [var first, ..])
        {
            return null;
        }

        var next = Archive.Manifests[partition.Number].Entries is [.., var last] ? last.Number + 1
            : first.Header.Number == 1 ? 1
            : await Task.Run(() => _older.FirstNumber(partition), cancel);
        return next < first.Header.Number || _log.Sealed(partition).Any(one => one.Header.Number == next) ? next : null;
    }

    /// <summary>What both have is the same, as far as headers and the chain's ends can tell.</summary>
    private void Compare(Partition partition)
    {
        foreach (var segment in _log.Sealed(partition))
        {
            if (Archive.Find(partition.Number, segment.Header.Number) is { } entry)
            {
                ArchivedPartition.Compare(Archive, entry, segment, partition, _log.Erasures, lastCrc: null);
            }
        }
    }

    private ArchiveOwner Owner()
    {
        var topic = _log.PartitionsOf(Archive.Topic);
        return new ArchiveOwner(_log.Id, Archive.Topic, topic[0].TopicId, topic.Length, _id);
    }

    private async ValueTask<ArchiveOwner> ClaimOnceAsync(CancellationToken cancel)
    {
        var own = Owner();
        if (await Archive.ReadOwnerAsync(cancel) is null)
        {
            await Archive.Store.CreateAsync(ArchiveOwner.ObjectName(Archive.Topic), own.ToBytes(), cancel);
        }

        return await CheckOwnerAsync(cancel);
    }

    // What was just created may not show at once: then it is asked again, with patience.
    private async ValueTask<ArchiveOwner> CheckOwnerAsync(CancellationToken cancel)
    {
        var name = ArchiveOwner.ObjectName(Archive.Topic);
        var there = await Archive.Store.TryAsync(
            "be read", name, 0,
            async limit => await Archive.ReadOwnerAsync(limit) ?? throw new KappaException(
                ErrorKind.Unavailable, $"'{name}' of the archive '{Archive.StoreName}' is gone.",
                "Look after the archive's store."),
            cancel);
        RefuseOther(there, mayTake: false);
        return there;
    }

    private void RefuseOther(ArchiveOwner there, bool mayTake)
    {
        var own = Owner() with { Format = there.Format };
        if (there == own || (mayTake && there with { Mirror = _id } == own))
        {
            return;
        }

        throw new KappaException(
            ErrorKind.Conflict,
            $"'{Archive.StoreName}' is the archive of topic '{Archive.Topic}' of "
                + (there.Log == own.Log ? $"another mirror ({there.Mirror:N}) of this log"
                    : $"another log ({there.Log})") + ": two mirrors never write one archive.",
            there.Log == own.Log
                ? "Mirror to another place; or, where that mirror is gone for good, take its archive over with"
                    + " --take-over."
                : "Mirror to another place.");
    }
}
