namespace Kappa.Log;

/// <content>Values that are erased (rule L10).</content>
public sealed partial class EmbeddedLog
{
    /// <summary>
    /// Erases the values and headers of records for ever: the segments that hold them are written again. Offsets,
    /// stamps and places stay; twins go. A crash leaves each segment as it was or as it is to be; doing it again
    /// finishes it.
    /// </summary>
    /// <param name="topic">The topic.</param>
    /// <param name="isErased">Which records; called from one thread.</param>
    /// <param name="withKeys">Do the keys of these records go, too?</param>
    /// <param name="cancel">Gives up; segments that are written again stay so.</param>
    /// <returns>How many records were erased now.</returns>
    /// <exception cref="KappaException">
    /// There is no such topic, a segment is damaged, or the disk did not take one: that segment is as it was.
    /// </exception>
    internal async ValueTask<long> EraseAsync(
        string topic, Erased isErased, bool withKeys, CancellationToken cancel)
    {
        ThrowIfClosed();
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
            DeleteOrphans();
            _changing.Release();
        }
    }

    private async Task<long> EraseInAsync(
        Partition partition, Segment segment, Erased isErased, bool withKeys, CancellationToken cancel)
    {
        var rewrite = new SegmentRewrite(_options.Files, partition, segment, isErased, withKeys);
        if (rewrite.Write(cancel) is not { } header)
        {
            return 0;
        }

        try
        {
            await _committer.RunAsync(() => partition.Replace(rewrite.Aside, header));
        }
        catch (KappaException)
        {
            rewrite.Forget();
            throw;
        }

        return rewrite.Count;
    }
}
