namespace Kappa.Log.Projections;

/// <summary>
/// What batches out of a twin have in common: how they are typed, and where their records are as they came.
/// </summary>
internal sealed class TypedSegment(Projection projection, Segment raw, SegmentSource source)
{
    public Projection Projection { get; } = projection;

    /// <summary>The encoded records of a batch as they were appended.</summary>
    /// <param name="at">Where the batch begins in the segment.</param>
    /// <param name="previousCrc">What its chain continues.</param>
    /// <param name="baseOffset">Offset of its first record.</param>
    /// <param name="logTime">Its stamp.</param>
    /// <exception cref="KappaException">The segment is damaged there.</exception>
    public byte[] Fetch(long at, uint previousCrc, long baseOffset, long logTime)
    {
        // The segment may have been written again since (rule L10): then the batch is elsewhere in it.
        using var opened = source.Open(raw.Header.Number);
        var (now, file) = (opened.Segment, opened.File);
        var mark = now.Header.SegmentId == raw.Header.SegmentId
            ? new Segment.Mark(at, baseOffset, logTime, previousCrc)
            : now.BeforeOffset(baseOffset, file, source.Partition.Files);
        var walk = new SegmentWalk(file, now, mark, isNoted: false);
        string? damage;
        while (walk.TryNext(now.End, out damage) && walk.Header.LogTime <= logTime)
        {
            if (walk.Header.LogTime == logTime)
            {
                return walk.Records.ToArray();
            }
        }

        throw Damage.Error(
            now.Path, source.Partition.Topic, source.Partition.Number, baseOffset, at,
            damage ?? "another batch is there");
    }
}
