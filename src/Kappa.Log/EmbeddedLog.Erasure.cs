using Kappa.Log.Archives;
using Kappa.Log.Erasures;

namespace Kappa.Log;

/// <content>Values that are erased (rule L10), in the log and in the archives of a topic.</content>
public sealed partial class EmbeddedLog
{
    private readonly ErasureNotes _erasures;
    private readonly SemaphoreSlim _erasing = new(1, 1);

    /// <summary>What was erased, for mirrors to bring archives up to date.</summary>
    internal ErasureNotes Erasures => _erasures;

    /// <summary>
    /// Erases the values and headers of records for ever: the segments that hold them are written again. Offsets,
    /// stamps and places stay; twins go. Of segments that only attached archives have it is noted, durably, what goes;
    /// mirrors then write every archive again, whenever they run. A crash leaves each segment as it was or as it is to
    /// be; doing it again finishes it.
    /// </summary>
    /// <param name="topic">The topic.</param>
    /// <param name="isErased">
    /// Which records; called from one thread at a time. With keys it is asked again of records whose value went before.
    /// </param>
    /// <param name="withKeys">Do the keys of these records go, too?</param>
    /// <param name="cancel">Gives up; what was done stays so.</param>
    /// <returns>How many records were erased, or noted to be, now.</returns>
    /// <exception cref="KappaException">
    /// There is no such topic, a segment is damaged, the disk did not take one (that segment is as it was), or archives
    /// have segments that the log has no more, and none gives them: do it again.
    /// </exception>
    internal async ValueTask<long> EraseAsync(
        string topic, Erased isErased, bool withKeys, CancellationToken cancel)
    {
        ThrowIfClosed();
        await _erasing.WaitAsync(cancel);
        try
        {
            var count = await EraseInLogAsync(topic, isErased, withKeys, cancel);
            foreach (var partition in _topics[topic].Partitions)
            {
                count += await Task.Run(() => NoteArchived(partition, isErased, withKeys, cancel), cancel);
            }

            return count;
        }
        finally
        {
            await DeleteErasedTwinsAsync();
            _erasing.Release();
        }
    }

    // One that is being written of a segment as it was is waited for: after that there are only new ones.
    private async Task DeleteErasedTwinsAsync()
    {
        await _projecting.WaitAsync(CancellationToken.None);
        try
        {
            DeleteOrphans();
        }
        finally
        {
            _projecting.Release();
        }
    }

    private async ValueTask<long> EraseInLogAsync(
        string topic, Erased isErased, bool withKeys, CancellationToken cancel)
    {
        await _changing.WaitAsync(cancel);
        try
        {
            if (Volatile.Read(ref _copies) > 0)
            {
                throw new KappaException(
                    ErrorKind.Unavailable, "A copy of the log is being taken: nothing is written again meanwhile.",
                    "Erase when the backup is done.");
            }

            var count = 0L;
            var found = _topics[topic];

            // The last segments are closed first: nothing is written again that is still written.
            await _committer.RunAsync(() => Array.ForEach(found.Partitions, one => one.Roll()));
            foreach (var partition in found.Partitions)
            {
                if (partition.Stopped is { } stop)
                {
                    throw stop.Why;
                }

                foreach (var segment in partition.Segments.Where(one => one.IsSealed))
                {
                    count += await Task.Run(() => EraseInAsync(partition, segment, isErased, withKeys, cancel), cancel);
                }

                // Also for what an earlier try renamed and could not sync.
                if (partition.Segments.Length > 0)
                {
                    _options.Files.SyncFolder(partition.Folder);
                }
            }

            return count;
        }
        finally
        {
            _changing.Release();
        }
    }

    // The note comes first: when the segment is another one, mirrors must know what became of it, also after a crash
    // and when it has left the log. An erasure that was noted and cut short is finished with the next.
    private async Task<long> EraseInAsync(
        Partition partition, Segment segment, Erased isErased, bool withKeys, CancellationToken cancel)
    {
        var (old, file) = partition.Open(segment.Header.Number);
        using var source = file;
        var note = _erasures.Of(partition, old.Header.Number);
        var revision = Math.Max(0, note?.RevisionOf(old.Header.SegmentId) ?? 0);
        var asked = withKeys ? Erasing.ValueAndKey : Erasing.Value;
        var offsets = new OffsetRanges();
        var rewrite = new SegmentRewrite(
            _options.Files, partition.Topic, old, source, old.Path + ".new", (in record) =>
            {
                var noted = note?.Of(record.Offset, revision) ?? Erasing.Nothing;
                if (Erasings.Of(record) >= asked || !isErased(record))
                {
                    return noted;
                }

                offsets.Add(record.Offset);
                return (Erasing)Math.Max((int)asked, (int)noted);
            });
        if (rewrite.Write(isNeeded: false, cancel) is not { } header)
        {
            return 0;
        }

        try
        {
            note ??= new ErasureNote(
                new SegmentName(partition.TopicId, partition.Number, header.Number), rewrite.Before, []);
            _erasures.Put(note.With(new Erasure(withKeys, offsets, rewrite.After)));
            await _committer.RunAsync(() => partition.Replace(rewrite.Aside, header));
        }
        catch (KappaException)
        {
            rewrite.Forget();
            throw;
        }

        return rewrite.Offsets.Count;
    }

    // What only archives have is looked at here and written again by their mirrors.
    private long NoteArchived(Partition partition, Erased isErased, bool withKeys, CancellationToken cancel)
    {
        if (partition.Segments is not [var first, ..] || _archives.Of(partition) is not { } archived
            || archived.NumberAfter(Place.Start) is not { } number)
        {
            return 0;
        }

        var asked = withKeys ? Erasing.ValueAndKey : Erasing.Value;
        var count = 0L;
        for (; number < first.Header.Number; number++)
        {
            using var lease = archived.TryTake(number) ?? throw ArchivedPartition.Gap(
                partition, null, first.Header.BaseOffset, archived.Where);
            var note = _erasures.Of(partition, number);
            var offsets = OffsetsOf(
                partition, lease, (in record) => Erasings.Of(record) < asked
                    && (note?.Of(record.Offset, 0) ?? Erasing.Nothing) < asked && isErased(record), cancel);
            if (offsets.Count > 0)
            {
                note ??= new ErasureNote(new SegmentName(partition.TopicId, partition.Number, number), null, []);
                _erasures.Put(note.With(new Erasure(withKeys, offsets, null)));
                archived.Forget(number);
                count += offsets.Count;
            }
        }

        return count;
    }

    private static OffsetRanges OffsetsOf(
        Partition partition, SegmentCache.Lease lease, Erased isErased, CancellationToken cancel)
    {
        var offsets = new OffsetRanges();
        var segment = lease.Segment;
        var walk = new SegmentWalk(lease.File, segment, segment.First, isNoted: false);
        string? damage;
        while (walk.TryNext(segment.End, out damage))
        {
            cancel.ThrowIfCancellationRequested();
            var batch = new RecordBatch(
                partition.Topic, partition.Number, walk.Header.BaseOffset, walk.Header.LogTime, walk.Header.Count,
                default);
            var from = new RecordEnumerator(batch, walk.Records);
            while (from.MoveNext())
            {
                if (isErased(from.Current))
                {
                    offsets.Add(from.Current.Offset);
                }
            }
        }

        return damage is null ? offsets : throw Damage.Error(
            segment.Path, partition.Topic, partition.Number, walk.NextOffset, walk.Position, damage);
    }
}
