namespace Kappa.Crash;

/// <summary>All planted mistakes; each must be found.</summary>
internal static class Plants
{
    public static IReadOnlyList<Plant> All =>
    [
        new Writing(WriteMistake.SegmentNotSynced)
        {
            Name = "acknowledged-before-sync", Says = "requests are acknowledged before their segment is synced",
        },
        new Writing(WriteMistake.FolderNotSynced)
        {
            Name = "folder-not-synced", Says = "names of new files and folders are not made durable",
        },
        new Writing(WriteMistake.AsideNotSynced)
        {
            Name = "renamed-before-sync", Says = "the manifest is renamed before its bytes are durable",
        },
        new Writing(WriteMistake.FailureIgnored)
        {
            Name = "failed-sync-ignored", Says = "a failed sync is not told",
        },
        new Writing(WriteMistake.FailureRetried)
        {
            Seed = 3,
            Name = "failed-sync-retried",
            Says = "a failed sync is made again, which succeeds and keeps nothing",
        },
        new Writing(WriteMistake.FullIgnored)
        {
            Seed = 2,
            Name = "full-disk-acknowledged",
            Says = "a write that a full disk refused counts as written",
        },
        new Writing(WriteMistake.CutToSector)
        {
            Name = "cut-too-far", Says = "a torn tail is cut at the sector, not behind the last whole batch",
        },
        new Writing(WriteMistake.OpeningNotSynced)
        {
            Name = "tail-served-before-sync", Says = "readers see what recovery kept before it is synced",
        },
        new Writing(WriteMistake.LockIgnored)
        {
            Name = "second-writer-let-in", Says = "the folder is not held by one process alone",
        },
        new Writing(WriteMistake.EndsTooFar)
        {
            Name = "ends-noted-too-far", Says = "the note of ends claims a record that does not exist",
        },
        new Reading(ReadMistake.HeadersNotChecked)
        {
            IsOfDamage = true,
            Name = "checksum-over-records-only",
            Says = "checksums cover the records and not the headers of batches",
        },
        new Reading(ReadMistake.RecordsNotChecked)
        {
            IsOfDamage = true,
            Name = "checksum-over-headers-only",
            Says = "checksums cover the headers of batches and not the records",
        },
        new Reading(ReadMistake.VoidIsRead)
        {
            Seed = 22,
            Name = "void-resurrected",
            Says = "what lies behind a poisoned end is taken for records again",
        },
        new PublishedTooSoon
        {
            Name = "published-before-decided", Says = "readers see a group before it is synced",
        },
        new CutInTheMiddle
        {
            IsOfDamage = true,
            Name = "cut-in-the-middle",
            Says = "recovery cuts at the first damage, whatever was acknowledged behind it",
        },
        new NewestStampRemoved
        {
            Name = "newest-stamp-removed", Says = "the segment that holds the highest stamp is removed",
        },
        new StampsGoBack
        {
            Name = "stamps-go-back", Says = "batches are stamped by the wall clock alone",
        },
        new ProducersForgotten
        {
            Name = "producers-forgotten", Says = "what producers had sent is not known after a restart",
        },
        new RetryAppendsAgain
        {
            Name = "retry-appends-again", Says = "a repeated or half-written request is appended anew",
        },
    ];

    private sealed class Writing(WriteMistake mistake) : Plant
    {
        private PlantedWrites? _last;

        public override IFileSystem Files(IFileSystem files) => _last = new PlantedWrites(files, mistake);

        public override void AfterOpening(IFileSystem files) => _last?.Opened();
    }

    private sealed class Reading(ReadMistake mistake) : Plant
    {
        public override IFileSystem Files(IFileSystem files) => new PlantedReads(files, mistake);
    }

    private sealed class PublishedTooSoon : Plant
    {
        public override long EndOf(EmbeddedLog log, FaultyFileSystem disk, string topic, int partition)
        {
            var id = Manifest.Read(disk, Workload.Folder)!.Topics.First(one => one.Name == topic).Id;
            var folder = Manifest.PartitionFolder(Workload.Folder, id, partition);
            var end = base.EndOf(log, disk, topic, partition);
            if (disk.List(folder) is [.., var last])
            {
                var path = Path.Combine(folder, last);
                using var file = disk.Open(path, FileIntent.Read);
                var bytes = new byte[file.Length];
                _ = file.Read(bytes, 0);
                if (SegmentHeader.TryRead(bytes, out var header) is null)
                {
                    var segment = new Segment(path, header, file.Length);
                    var walk = new SegmentWalk(file, segment, segment.First);
                    while (walk.TryNext(file.Length, out _))
                    {
                        end = Math.Max(end, walk.NextOffset);
                    }
                }
            }

            return end;
        }
    }

    private sealed class CutInTheMiddle : Plant
    {
        public override void BeforeOpening(FaultyFileSystem disk)
        {
            foreach (var (path, bytes) in disk.Files())
            {
                if (!path.EndsWith(".segment", StringComparison.Ordinal)
                    || SegmentHeader.TryRead(bytes, out var header) is not null)
                {
                    continue;
                }

                using var file = disk.Open(path, FileIntent.Read);
                var segment = new Segment(path, header, bytes.Length);
                var walk = new SegmentWalk(file, segment, segment.First);
                while (walk.TryNext(bytes.Length, out _))
                {
                }

                if (walk.Position < bytes.Length)
                {
                    disk.Put(path, bytes[..(int)walk.Position]);
                    disk.Put(Path.Combine(Workload.Folder, DurableEnds.FileName), null);
                }
            }
        }
    }

    private sealed class NewestStampRemoved : Plant
    {
        public override void BeforeOpening(FaultyFileSystem disk)
        {
            disk.Put(Path.Combine(Workload.Folder, DurableEnds.FileName), null);
            disk.Put(Path.Combine(Manifest.PartitionFolder(Workload.Folder, 1, 0), Segment.NameOf(1)), null);
        }
    }

    private sealed class StampsGoBack : Plant
    {
        public override LogOptions Options(LogOptions options) =>
            options with { Files = new StampedByWall(options.Files, options.Time) };
    }

    private sealed class ProducersForgotten : Plant
    {
        public override LogOptions Options(LogOptions options) =>
            options with { ProducerMemory = TimeSpan.FromSeconds(1) };
    }

    private sealed class RetryAppendsAgain : Plant
    {
        public override AppendRequest Taken(AppendRequest request) => request with { Producer = null, Number = 0 };
    }
}
