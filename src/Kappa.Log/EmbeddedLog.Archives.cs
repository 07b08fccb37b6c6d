using Kappa.Log.Archives;

namespace Kappa.Log;

/// <content>Archives of topics: read in front of what the log has (docs/formats/archive.md).</content>
public sealed partial class EmbeddedLog
{
    private readonly LogArchives _archives;

    internal IFileSystem Files => _options.Files;

    /// <summary>Where segments of archives lie while they are worked on.</summary>
    internal string FetchFolder => _archives.Cache.Folder;

    /// <summary>
    /// From now on readers of the archive's topic get what the log has no more out of it: one sequence with the same
    /// offsets and places. Nothing is read from its store before somebody needs it.
    /// </summary>
    /// <exception cref="KappaException">
    /// There is no such topic, or it is known that the archive is of an earlier one of its name; where that is found
    /// later, whoever reads it is told.
    /// </exception>
    public void Attach(Archive archive)
    {
        ArgumentNullException.ThrowIfNull(archive);
        archive.BelongTo(Id, _topics[archive.Topic].Id);
        _archives.Attach(archive);
    }

    /// <summary>Readers find no more in it.</summary>
    public void Detach(Archive archive)
    {
        ArgumentNullException.ThrowIfNull(archive);
        _archives.Detach(archive);
    }

    /// <summary>Ends what is being fetched from archives: who waits for it is told. Before the log is closed.</summary>
    public void StopFetching() => _archives.Cache.Stop();

    /// <summary>The first offset of each partition that the log itself still has.</summary>
    public IReadOnlyList<long> BeginOffsets(string topic) =>
        [.. _topics[topic].Partitions.Select(partition => partition.StartOffset)];

    /// <summary>
    /// Of each partition the offset up to which every archive of the topic has been read back and found equal: nothing
    /// behind it may leave the log (rule L9). Null where the topic has no archive. Archives of the log this one was
    /// restored from count where there is no other.
    /// </summary>
    public IReadOnlyList<long>? ArchiveEndsOf(string topic) =>
        _archives.Has(topic) ? _archives.EndOffsets(topic, _topics[topic].Partitions.Length) : null;

    /// <summary>
    /// Returns when it is known where a topic begins: archives that may have what the log has no more are asked, once.
    /// </summary>
    /// <exception cref="KappaException">There is no such topic; or an archive of it cannot be read.</exception>
    public async ValueTask AskArchivesAsync(string topic, CancellationToken cancel)
    {
        ThrowIfClosed();
        var starts = BeginOffsets(topic);
        if (starts.Any(start => start > 0))
        {
            await _archives.AskAsync(topic, starts, cancel);
        }
    }

    /// <summary>Would, without an archive, records be out of reach that may be in it?</summary>
    /// <param name="topic">The topic.</param>
    /// <param name="archive">The archive; null: one that could not be opened, which may have everything.</param>
    public bool IsNeeded(string topic, Archive? archive)
    {
        var starts = BeginOffsets(topic);
        return starts.Any(start => start > 0) && !_archives.HaveAllBefore(topic, starts, archive)
            && (archive is null || (archive.MayBeOf(_topics[topic].Id)
                && LogArchives.MayHaveBefore(archive, starts)));
    }

    /// <summary>A topic begins where its readers can: archives count (rule L9).</summary>
    private Topic WithArchives(Topic topic) =>
        topic.Start > Place.Start && _archives.HaveAllBefore(topic.Name, topic.StartOffsets)
            ? topic with { Start = Place.Start, StartOffsets = [.. topic.EndOffsets.Select(_ => 0L)] }
            : topic;

    /// <summary>What the archives of a topic but one have of a partition; null where there is no other.</summary>
    internal ArchivedPartition? OthersOf(Archive archive, Partition partition) => _archives.Of(partition, archive);

    /// <summary>A segment of an archive, to be given back; waits until it is fetched.</summary>
    internal SegmentCache.Lease Fetch(Archive archive, ArchiveEntry entry) => _archives.Cache.Take(archive, entry);

    /// <summary>An object of an archive was deleted because its values were erased (rule L10).</summary>
    internal void Drop(Archive archive, string name) => _archives.Cache.Drop(archive, name);

    internal Partition[] PartitionsOf(string topic) => _topics[topic].Partitions;

    /// <summary>The segments of a partition to which nothing is added any more.</summary>
    internal IReadOnlyList<Segment> Sealed(Partition partition)
    {
        var segments = partition.Segments;
        var isComplete = _topics.All.FirstOrDefault(topic => topic.Id == partition.TopicId) is { IsComplete: true }
            && segments.Length > 0 && segments[^1].End > SegmentHeader.Size;
        return isComplete ? segments : segments[..Math.Max(0, segments.Length - 1)];
    }

    /// <summary>
    /// Removes the sealed segments of a partition whose records all lie before an offset, as retention does (rule L9);
    /// whether it may be done is the caller's to know.
    /// </summary>
    internal void RemoveBefore(string topic, int partition, long offset)
    {
        var segment = _topics[topic].Partitions[partition].SegmentOf(offset).Header;
        RemoveAsync(
            topic, _ => [new PartitionStart(partition, segment.Number, segment.BaseOffset, segment.PreviousStamp)],
            CancellationToken.None).AsTask().GetAwaiter().GetResult();
    }
}
