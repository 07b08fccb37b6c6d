using Kappa.Log.Archives;

namespace Kappa.Log;

/// <summary>Finds the place of a record by its offset.</summary>
internal static class OffsetSearch
{
    /// <exception cref="KappaException">There is no such offset, or the bytes on the way are damaged.</exception>
    public static Place Find(Partition partition, long offset, IFileSystem files)
    {
        var end = partition.EndOffset;
        if (offset < 0 || offset > end)
        {
            throw new KappaException(
                ErrorKind.Invalid,
                $"Offset {offset} is not in topic '{partition.Topic}', partition {partition.Number}:"
                    + $" it has 0 to {end}.",
                "Choose an offset in that range.");
        }

        if (offset == end)
        {
            var last = partition.LastStamp;
            return last == 0 ? Place.Start : Place.EndOf(last);
        }

        return Find(
            partition, Array.FindLast(partition.Segments, one => one.Header.BaseOffset <= offset)!, offset, files);
    }

    /// <summary>Finds the place of a record that the log has no more.</summary>
    /// <exception cref="KappaException">No archive has it, or none gives it.</exception>
    public static Place FindArchived(Partition partition, long offset, LogArchives archives, IFileSystem files)
    {
        var archived = archives.Of(partition);
        if (offset >= 0 && archived?.NumberOf(offset) is { } number)
        {
            using var lease = archived.TryTake(number);
            if (lease is not null)
            {
                return Find(partition, lease.Segment, offset, files);
            }
        }

        throw ArchivedPartition.Gap(partition, offset, partition.BeginOffset, archived?.Where ?? "an archive");
    }

    private static Place Find(Partition partition, Segment segment, long offset, IFileSystem files)
    {
        using var file = files.Open(segment.Path, FileIntent.Read);
        var walk = new SegmentWalk(file, segment, segment.BeforeOffset(offset), checkRecords: false);
        while (walk.TryNext(segment.End, out var damage))
        {
            if (walk.NextOffset > offset)
            {
                return new Place(walk.Header.LogTime, (int)(offset - walk.Header.BaseOffset) + 1);
            }

            if (damage is not null)
            {
                break;
            }
        }

        throw Damage.Error(
            segment.Path, partition.Topic, partition.Number, walk.NextOffset, walk.Position, "the offset is not found");
    }
}
