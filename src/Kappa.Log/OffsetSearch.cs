using Kappa.Log.Archives;

namespace Kappa.Log;

/// <summary>Finds the place of a record by its offset.</summary>
internal static class OffsetSearch
{
    /// <exception cref="KappaException">There is no such offset, or the bytes on the way are damaged.</exception>
    public static Place Find(Partition partition, long offset, IFileSystem files)
    {
        var end = partition.EndOffset;
        var start = partition.StartOffset;
        if (offset >= 0 && offset < start)
        {
            throw new KappaException(
                ErrorKind.NotFound,
                $"Offset {offset} of topic '{partition.Topic}', partition {partition.Number}, is before its start:"
                    + $" retention removed everything before {start}.",
                $"Begin at offset {start}, or at 'start'.");
        }

        if (offset < 0 || offset > end)
        {
            throw new KappaException(
                ErrorKind.Invalid,
                $"Offset {offset} is not in topic '{partition.Topic}', partition {partition.Number}:"
                    + $" it has {start} to {end}.",
                "Choose an offset in that range.");
        }

        if (offset == end)
        {
            var last = partition.LastStamp;
            return last == 0 ? Place.Start : Place.EndOf(last);
        }

        var (segment, file) = partition.Open(partition.SegmentOf(offset).Header.Number);
        using var owned = file;
        return Find(partition, segment, offset, file, files);
    }

    /// <summary>Finds the place of a record that the log has no more.</summary>
    /// <exception cref="KappaException">No archive has it, or none gives it.</exception>
    public static Place FindArchived(Partition partition, long offset, ArchivedPartition archived, IFileSystem files)
    {
        if (archived.NumberOf(offset) is { } number)
        {
            using var lease = archived.TryTake(number);
            if (lease is not null)
            {
                return Find(partition, lease.Segment, offset, lease.File, files);
            }
        }

        throw ArchivedPartition.Gap(partition, offset, partition.StartOffset, archived.Where);
    }

    private static Place Find(Partition partition, Segment segment, long offset, IFile file, IFileSystem files)
    {
        var walk = new SegmentWalk(file, segment, segment.BeforeOffset(offset, file, files), checkRecords: false);
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
