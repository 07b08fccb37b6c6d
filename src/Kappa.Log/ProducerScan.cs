namespace Kappa.Log;

/// <summary>Rebuilds what is known of producers from the headers of batches (rule L8).</summary>
internal static class ProducerScan
{
    public static void Run(
        IEnumerable<Partition> partitions, long lastStamp, LogId log, LogOptions options, Producers into)
    {
        var since = lastStamp - options.ProducerMemory.Ticks;
        var taken = ProducerFile.Read(options.Files, options.Folder, log);
        foreach (var partition in partitions)
        {
            // The journal's producer is remembered for ever: its numbers are its compare-and-set.
            Scan(partition, partition.Topic == Names.Lifecycle ? 0 : since, options.Files, taken);
        }

        // What is in the file and in the log as well is noted twice, which changes nothing.
        foreach (var known in taken.OrderBy(one => one.Batch.LogTime))
        {
            into.Note(known);
        }

        into.Forget(lastStamp);
    }

    private static void Scan(
        Partition partition, long since, IFileSystem files, List<KnownBatch> into)
    {
        var segments = partition.Segments;
        for (var i = 0; i < segments.Length; i++)
        {
            if (i + 1 < segments.Length && segments[i + 1].Header.PreviousStamp < since)
            {
                continue;
            }

            var segment = segments[i];
            using var file = files.Open(segment.Path, FileIntent.Read);
            var walk = new SegmentWalk(file, segment, segment.First, checkRecords: false);
            string? damage;
            while (walk.TryNext(segment.End, out damage))
            {
                var header = walk.Header;
                if (header.ProducerLength > 0)
                {
                    into.Add(new KnownBatch(
                        header.Producer!, header.Number, header.ContentHash, header.Part, header.Parts, header.CutBytes,
                        new AppendedBatch(partition.Number, header.BaseOffset, header.Count, header.LogTime)));
                }
            }

            if (damage is not null)
            {
                partition.StopDamaged(
                    Damage.Error(
                        segment.Path, partition.Topic, partition.Number, walk.NextOffset, walk.Position, damage),
                    walk.LastStamp);
                return;
            }
        }
    }
}
