namespace Kappa.Log.Projections;

/// <summary>
/// What batches out of a twin have in common: how they are typed, and where their records are as they came.
/// </summary>
internal sealed class TypedSegment(Projection projection, Segment raw, Partition partition, IFileSystem files)
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
        using var file = files.Open(raw.Path, FileIntent.Read);
        var walk = new SegmentWalk(file, raw, new Segment.Mark(at, baseOffset, logTime, previousCrc), isNoted: false);
        if (walk.TryNext(raw.End, out var damage) && walk.Header.LogTime == logTime)
        {
            return walk.Records.ToArray();
        }

        throw Damage.Error(
            raw.Path, partition.Topic, partition.Number, baseOffset, at, damage ?? "another batch is there");
    }
}
