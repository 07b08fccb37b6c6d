using Kappa.Log.Projections;

namespace Kappa.Log;

/// <content>Typed twins of sealed segments (rule L11).</content>
public sealed partial class EmbeddedLog
{
    private readonly TwinStore? _twins;
    private readonly ArchivedTwins? _archivedTwins;

    // Held while a twin is written: an erasure waits for it, so that nothing it erased is left half written.
    private readonly SemaphoreSlim _projecting = new(1, 1);

    /// <summary>How many twins were found damaged, and removed, since the log was opened.</summary>
    public long ProjectionsDamaged => _twins?.Damaged ?? 0;

    /// <inheritdoc/>
    public ISequence Read(IReadOnlyList<string> topics, Place after, IReadOnlyList<Projection> projections)
    {
        ArgumentNullException.ThrowIfNull(topics);
        ArgumentNullException.ThrowIfNull(projections);
        ThrowIfClosed();
        var table = _topics;
        var typed = _twins is null ? [] : projections.ToDictionary(one => one.Topic);
        var all = topics.Append(Names.Clock).Append(Names.Lifecycle).Distinct().Select(name => table[name]);
        RefuseForeign(after, topics.Distinct().Select(name => table[name]));
        return new MergedSequence(
            this,
            all.SelectMany(topic => topic.Partitions.Select(partition =>
                (partition, typed.GetValueOrDefault(topic.Name)))),
            after, _options.Files, _twins, _archives, _archivedTwins);
    }

    /// <summary>A place that this log cannot have given, or that retention has removed (rule L9).</summary>
    private void RefuseForeign(Place after, IEnumerable<LogTopic> topics)
    {
        if (after.Index > 0 && after > Place.EndOf(_committer.CompleteTo))
        {
            throw new KappaException(
                ErrorKind.Conflict,
                $"The place {after} is beyond the end of the log, {Place.EndOf(_committer.CompleteTo)}.",
                "It is of another log, or of this one before it was restored: begin from a time, or from the start.");
        }

        foreach (var topic in after == Place.Start ? [] : topics)
        {
            // Whether archives have it is seen where they are read.
            if (after < topic.Start && !_archives.Has(topic.Name))
            {
                throw Retention.Removed(topic.Name, topic.Start);
            }
        }
    }

    /// <summary>
    /// Writes the twins that are missing of the segments of a topic to which nothing is added any more, and of those
    /// out of archives that somebody read without. Does nothing where the log keeps none.
    /// </summary>
    /// <param name="projection">How the topic's values are typed.</param>
    /// <param name="rest">Awaited now and then, about every few milliseconds of work, so that others come
    /// first.</param>
    /// <param name="cancel">Gives up.</param>
    /// <returns>How many were written.</returns>
    /// <exception cref="KappaException">The disk did not take one. Nothing is left of it, and the log goes
    /// on.</exception>
    public async ValueTask<int> ProjectAsync(
        Projection projection, Func<CancellationToken, ValueTask>? rest, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(projection);
        ThrowIfClosed();
        var written = 0;
        if (_twins is not { } twins || _topics.All.FirstOrDefault(one => one.Name == projection.Topic) is not { } topic)
        {
            return written;
        }

        foreach (var partition in topic.Partitions)
        {
            var segments = partition.Segments;
            for (var i = 0; i < segments.Length; i++)
            {
                var raw = segments[i];
                if ((i + 1 < segments.Length || topic.IsComplete) && raw.End > SegmentHeader.Size
                    && partition.Stopped is null && !twins.Covers(raw, projection.Key)
                    && await ProjectAsync(partition, raw, projection, rest ?? (_ => default), cancel))
                {
                    written++;
                }
            }
        }

        foreach (var (partition, number) in _archivedTwins!.TakeWanted(projection))
        {
            written += await ProjectArchivedAsync(partition, number, projection, rest ?? (_ => default), cancel)
                ? 1 : 0;
        }

        // A topic that was dropped meanwhile has taken its twins along, but for the one written last.
        DeleteOrphans();
        return written;
    }

    private async ValueTask<bool> ProjectAsync(
        Partition partition, Segment raw, Projection projection, Func<CancellationToken, ValueTask> rest,
        CancellationToken cancel)
    {
        await _projecting.WaitAsync(cancel);
        try
        {
            // It may have been written again, or removed, a moment ago.
            if (!partition.Segments.Contains(raw))
            {
                return false;
            }

            var writer = new TwinWriter(_options.Files, _twins!.Folder, raw, projection);
            if (await writer.WriteAsync(raw.End, rest, cancel) is not { } twin)
            {
                return false;
            }

            _twins.Add(twin);
            return true;
        }
        finally
        {
            _projecting.Release();
        }
    }

    private async ValueTask<bool> ProjectArchivedAsync(
        Partition partition, int number, Projection projection, Func<CancellationToken, ValueTask> rest,
        CancellationToken cancel)
    {
        await _projecting.WaitAsync(cancel);
        try
        {
            return await _archivedTwins!.WriteAsync(
                partition, number, projection, Archived().Sum(twin => twin.Header.Length), rest, cancel);
        }
        finally
        {
            _projecting.Release();
        }
    }

    /// <summary>Deletes every twin whose key is none of these, or whose segment is gone.</summary>
    /// <param name="keys">The keys that are used.</param>
    public void KeepProjections(IReadOnlyCollection<string> keys)
    {
        ArgumentNullException.ThrowIfNull(keys);
        _twins?.Remove(twin => !keys.Contains(twin.Header.Key));
        DeleteOrphans();
    }

    /// <summary>How many twins a topic has, and their bytes.</summary>
    public (int Count, long Bytes) ProjectionsOf(string topic) =>
        _topics.All.FirstOrDefault(one => one.Name == topic) is { } found && _twins is not null
            ? _twins.Of(found.Id)
            : default;

    /// <summary>Deletes the twins of segments that are no more: the one place for whoever deletes segments.</summary>
    private void DeleteOrphans()
    {
        if (_twins is null)
        {
            return;
        }

        var there = SegmentIds();
        var partitions = Partitions.ToDictionary(one => (one.TopicId, one.Number));
        _twins.Remove(twin => !there.Contains(twin.Header.RawId) && !_archivedTwins!.IsKept(twin, partitions));
        _archivedTwins!.Trim(Archived());
    }

    /// <summary>Twins of segments that the log has not.</summary>
    private IEnumerable<Twin> Archived()
    {
        var there = SegmentIds();
        return _twins!.All.Where(twin => !there.Contains(twin.Header.RawId));
    }

    private HashSet<Guid> SegmentIds() => Partitions.SelectMany(partition => partition.Segments)
        .Select(segment => segment.Header.SegmentId).ToHashSet();
}
