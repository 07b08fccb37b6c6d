using Kappa.Log.Archives;
using Kappa.Log.Projections;

namespace Kappa.Log;

/// <summary>
/// Typed twins (rule L11) of segments that only archives have. One is made after a reader had to read the segment
/// itself, and is kept as long as an archive has the segment as it was; all together within a bound.
/// </summary>
/// <param name="options">Where, and the bound.</param>
/// <param name="twins">All twins.</param>
/// <param name="archives">The archives.</param>
internal sealed class ArchivedTwins(LogOptions options, TwinStore twins, LogArchives archives)
{
    private readonly Lock _lock = new();
    private readonly HashSet<(Partition Partition, int Number, string Key)> _wanted = [];

    /// <summary>A reader reads a segment that has no twin.</summary>
    public void Want(Partition partition, int number, Projection projection)
    {
        lock (_lock)
        {
            _wanted.Add((partition, number, projection.Key));
        }
    }

    /// <summary>
    /// Is a twin, of a segment that the log has not, one of a segment that an archive has?
    /// </summary>
    /// <param name="twin">The twin.</param>
    /// <param name="partitions">The partitions of the log, by topic id and number.</param>
    public bool IsKept(Twin twin, IReadOnlyDictionary<(int TopicId, int Number), Partition> partitions)
    {
        var of = twin.Header.Segment;
        return partitions.TryGetValue((of.TopicId, of.Partition), out var partition)
            && partition.Segments is [var first, ..] && of.Number < first.Header.Number
            && archives.Of(partition) is { } archived && archived.MayHave(of.Number, twin.Header.RawId);
    }

    /// <summary>Deletes the oldest twins of archived segments that are beyond the bound.</summary>
    /// <param name="archived">The twins of archived segments.</param>
    public void Trim(IEnumerable<Twin> archived)
    {
        var bytes = 0L;
        var beyond = archived.OrderByDescending(twin => twin.Header.Segment.PreviousStamp)
            .Where(twin => (bytes += twin.Header.Length) > options.ArchivedProjectionBytesMax).ToHashSet();
        if (beyond.Count > 0)
        {
            twins.Remove(beyond.Contains);
        }
    }

    /// <summary>The segments that readers had to do without a twin for since this was asked last.</summary>
    public IReadOnlyList<(Partition Partition, int Number)> TakeWanted(Projection projection)
    {
        lock (_lock)
        {
            var own = _wanted.Where(one => one.Key == projection.Key && one.Partition.Topic == projection.Topic)
                .OrderBy(one => one.Number).ToList();
            _wanted.ExceptWith(own);
            return [.. own.Select(one => (one.Partition, one.Number))];
        }
    }

    /// <summary>Writes a twin that readers had to do without, as long as there is room for it.</summary>
    /// <param name="partition">The partition.</param>
    /// <param name="number">The segment.</param>
    /// <param name="projection">How the topic's values are typed.</param>
    /// <param name="held">The bytes of twins of archived segments there are.</param>
    /// <param name="rest">Awaited now and then.</param>
    /// <param name="cancel">Gives up.</param>
    /// <returns>Was it written?</returns>
    /// <exception cref="KappaException">The disk did not take it.</exception>
    public async ValueTask<bool> WriteAsync(
        Partition partition, int number, Projection projection, long held, Func<CancellationToken, ValueTask> rest,
        CancellationToken cancel)
    {
        if (held >= options.ArchivedProjectionBytesMax)
        {
            return false;
        }

        using var lease = await Task.Run(() => TryTake(partition, number), cancel);
        if (lease is null || twins.Covers(lease.Segment, projection.Key))
        {
            return false;
        }

        var writer = new TwinWriter(options.Files, twins.Folder, lease.Segment, projection, lease.File);
        if (await writer.WriteAsync(lease.Segment.End, rest, cancel) is not { } twin)
        {
            return false;
        }

        twins.Add(twin);
        return true;
    }

    private SegmentCache.Lease? TryTake(Partition partition, int number)
    {
        try
        {
            var lease = archives.Of(partition)?.TryTake(number);
            if (lease is not null && !archives.Of(partition)!.MayHave(number, lease.Segment.Header.SegmentId))
            {
                // Something in it is to be erased first.
                lease.Dispose();
                return null;
            }

            return lease;
        }
        catch (KappaException)
        {
            // Whoever reads the segment is told why, and asks for the twin again.
            return null;
        }
    }
}
