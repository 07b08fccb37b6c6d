namespace Kappa.Log;

/// <content>What is kept (rule L9).</content>
public sealed partial class EmbeddedLog
{
    private readonly RetentionClock _ages;

    /// <summary>
    /// The log time by which ages are judged: behind <see cref="LogTime"/> while a leap of the clock is not believed.
    /// </summary>
    public long AgesAt => _ages.Now(_clock.Now);

    /// <summary>The log time that would be given now, in ticks.</summary>
    public long LogTime => _clock.Now;

    /// <summary>What retention would remove of a topic, without doing it.</summary>
    /// <param name="topic">The topic.</param>
    /// <param name="needed">Everything behind this place is still needed.</param>
    /// <param name="ahead">By how much later than now; default now.</param>
    /// <exception cref="KappaException">There is no such topic.</exception>
    public RetentionStep PlanRetention(string topic, Place needed, TimeSpan ahead = default)
    {
        ThrowIfClosed();
        var found = _topics[topic];
        return Step(found, StartsOf(found, needed, ahead));
    }

    /// <summary>
    /// Removes the segments of a topic that its settings let go (rule L9): its start moves, durably, and then they are
    /// deleted. A crash in between leaves files that the next opening deletes.
    /// </summary>
    /// <param name="topic">The topic.</param>
    /// <param name="needed">Everything behind this place is still needed: nothing of it goes.</param>
    /// <param name="cancel">Gives up waiting for other changes.</param>
    /// <returns>What was removed.</returns>
    /// <exception cref="KappaException">
    /// There is no such topic, or the disk did not keep the new start: then nothing has moved.
    /// </exception>
    public async ValueTask<RetentionStep> RetainAsync(string topic, Place needed, CancellationToken cancel)
    {
        var step = await RemoveAsync(topic, found => StartsOf(found, needed, default), cancel);
        if (_topics[topic].Settings.RetainFor is not null)
        {
            _ages.Note(isClosing: false);
        }

        return step;
    }

    private async ValueTask<RetentionStep> RemoveAsync(
        string topic, Func<LogTopic, IReadOnlyList<PartitionStart>> startsOf, CancellationToken cancel)
    {
        ThrowIfClosed();
        await _changing.WaitAsync(cancel);
        try
        {
            var found = _topics[topic];
            // What is being copied stays until the copy is done.
            var starts = Volatile.Read(ref _copies) > 0 ? [] : startsOf(found);
            var step = Step(found, starts);
            if (starts.Count == 0)
            {
                return step;
            }

            if (starts.Max(start => start.Stamp) >= _clock.Now - _options.ProducerMemory.Ticks)
            {
                await KeepProducersAsync();
            }

            _topics = _topics.With(found, starts, _options);
            await _committer.RunAsync(() =>
            {
                foreach (var start in starts)
                {
                    found.Partitions[start.Partition].Forget(start.Segment);
                }
            });
            foreach (var start in starts)
            {
                RemovedFiles.Delete(_options.Files, found.Partitions[start.Partition].Folder, start.Segment);
            }

            DeleteOrphans();
            return step;
        }
        finally
        {
            _changing.Release();
        }
    }

    /// <summary>
    /// Closes the last segments of a topic that have records, so that all of these may be archived. Later records go to
    /// new ones.
    /// </summary>
    /// <param name="topic">The topic.</param>
    /// <param name="cancel">Gives up waiting.</param>
    /// <exception cref="KappaException">There is no such topic, or the disk did not take a new segment.</exception>
    public Task SealAsync(string topic, CancellationToken cancel)
    {
        ThrowIfClosed();
        var found = _topics[topic];
        return _committer.RunAsync(() => Array.ForEach(found.Partitions, one => one.Roll())).WaitAsync(cancel);
    }

    private IReadOnlyList<PartitionStart> StartsOf(LogTopic topic, Place needed, TimeSpan ahead) => new Retention(
        topic, _ages.Now(_clock.Now) + ahead.Ticks, needed,
        ArchiveEndsOf(topic.Name) is { } ends ? partition => ends[partition] : null).Starts();

    private static RetentionStep Step(LogTopic topic, IReadOnlyList<PartitionStart> starts)
    {
        var (records, bytes) = (0L, 0L);
        foreach (var start in starts)
        {
            var partition = topic.Partitions[start.Partition];
            records += start.Offset - partition.StartOffset;
            bytes += partition.Segments.Where(one => one.Header.Number < start.Segment).Sum(one => one.End);
        }

        var stamp = starts.Select(start => start.Stamp).DefaultIfEmpty(0).Max();
        var to = stamp > 0 && Place.EndOf(stamp) > topic.Start ? Place.EndOf(stamp) : topic.Start;
        return new RetentionStep(topic.Name, topic.Start, to, records, bytes);
    }

    private void RefuseToLose(string topic, TopicSettings? settings)
    {
        if (settings is { HasRetention: true, LoseHistory: false } && ArchiveEndsOf(topic) is null)
        {
            throw new KappaException(
                ErrorKind.Conflict,
                $"Topic '{topic}' would lose history: with retention and no archive, no replay begins before what is"
                    + " left.",
                "Say that this is meant with --lose-history (loseHistory), once; or mirror the log first.");
        }
    }

    // For the committer's thread: it has just written.
    private void RollOld(long now)
    {
        foreach (var partition in Partitions)
        {
            try
            {
                partition.RollOld(now, _options.SegmentAgeMax.Ticks);
            }
            catch (KappaException)
            {
                // The next record begins a new segment, and says what is wrong if that fails.
            }
        }
    }

    /// <summary>What is known of producers lies in segments: before some go, it is written down (rule L8).</summary>
    private Task KeepProducersAsync() => _committer.RunAsync(() => ProducerFile.Write(
        _options.Files, _options.Folder, Id, _committer.Producers.All()));
}
