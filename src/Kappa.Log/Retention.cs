namespace Kappa.Log;

/// <summary>
/// Which segments of a topic may go (rule L9): the oldest, in order, as the topic's settings say. Never one that is
/// still needed or not archived, never the one with a partition's last record, and never one that is not sealed.
/// </summary>
/// <param name="topic">The topic.</param>
/// <param name="now">Log time.</param>
/// <param name="needed">Everything behind this place is still needed.</param>
/// <param name="archivedTo">
/// Of each partition the offset up to which the archive has verified it; null: there is no archive.
/// </param>
internal sealed class Retention(LogTopic topic, long now, Place needed, Func<int, long>? archivedTo)
{
    private readonly TopicSettings _settings = topic.Settings;

    /// <summary>Where partitions would begin; only those that would move.</summary>
    public IReadOnlyList<PartitionStart> Starts()
    {
        if (!_settings.HasRetention || (archivedTo is null && !_settings.LoseHistory))
        {
            return [];
        }

        var rows = topic.Partitions.Where(partition => partition.Stopped is null)
            .Select(partition => new Row(partition, partition.Segments)).Where(row => row.All.Length > 1).ToList();
        var bytes = topic.Partitions.SelectMany(partition => partition.Segments).Sum(segment => segment.End);
        while (rows.Where(MayGo).MinBy(row => row.LastStamp) is { } oldest
            && (IsTooOld(oldest) || IsTooMuch(bytes - oldest.Bytes)))
        {
            bytes -= oldest.Bytes;
            oldest.First++;
        }

        return [.. rows.Where(row => row.First > 0).Select(row => row.Start)];
    }

    /// <summary>What was asked for is not there any more.</summary>
    public static KappaException Removed(Partition partition) => Removed(
        partition.Topic, partition.StartStamp is var stamp and > 0 ? Place.EndOf(stamp) : Place.Start);

    /// <summary>What was asked for is not there any more.</summary>
    /// <param name="topic">The topic.</param>
    /// <param name="start">Where it begins now.</param>
    public static KappaException Removed(string topic, Place start) => new(
        ErrorKind.NotFound,
        $"Topic '{topic}' begins behind {start}: retention removed what was before.",
        "Begin there, or at 'start'; a version of a job that needs what was before is to be reprocessed.");

    private bool IsTooOld(Row row) => _settings.RetainFor is { } time && now - row.LastStamp > time.Ticks;

    private bool IsTooMuch(long left) => _settings.RetainBytes is { } bytes && left >= bytes;

    // The place is compared by stamp alone: what is needed begins, at the latest, with the next batch.
    private bool MayGo(Row row) =>
        row.First + 1 < row.All.Length
        && row.LastStamp < needed.LogTime
        && row.All[row.First + 1].Header.BaseOffset < row.Partition.EndOffset
        && (archivedTo is null || row.All[row.First + 1].Header.BaseOffset <= archivedTo(row.Partition.Number));

    /// <summary>A partition, and how many of its segments go.</summary>
    private sealed class Row(Partition partition, Segment[] all)
    {
        public Partition Partition { get; } = partition;

        public Segment[] All { get; } = all;

        /// <summary>The first segment that stays, counted from 0.</summary>
        public int First { get; set; }

        /// <summary>Stamp of the last batch in the first segment that stays, which is not the last one.</summary>
        public long LastStamp => All[First + 1].Header.PreviousStamp;

        public long Bytes => All[First].End;

        public PartitionStart Start => new(
            Partition.Number, All[First].Header.Number, All[First].Header.BaseOffset, All[First].Header.PreviousStamp);
    }
}
