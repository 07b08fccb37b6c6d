namespace Kappa.Log.Tests.Archives;

/// <summary>A log with small segments on a disk in memory, a store in memory, and a mirror between them.</summary>
internal sealed class House : IAsyncDisposable
{
    /// <summary>By what archives know its mirrors.</summary>
    public Guid Id { get; private init; } = Guid.NewGuid();

    public FaultyFileSystem Disk { get; private init; } = new();

    /// <summary>How the log sees the disk, from its next opening on.</summary>
    public Func<IFileSystem, IFileSystem> Through { get; set; } = disk => disk;

    public ImpatientTime Time { get; } = new();

    public MemoryStore Store { get; private set; } = null!;

    public EmbeddedLog Log { get; private set; } = null!;

    public IReadOnlyList<ArchiveHead> Remembered { get; set; } = [];

    public ArchivePatience Patience => new() { Time = Time, Attempts = 4 };

    public static async Task<House> OpenAsync(int partitions = 2, int requests = 60, int seed = 1)
    {
        var house = new House();
        house.Store = new MemoryStore("memory", house.Time);
        await house.OpenLogAsync();
        await house.Log.CreateAsync("t", partitions);
        await house.AppendAsync(requests, seed);
        return house;
    }

    /// <summary>The same store and mirror, with the log of another disk.</summary>
    public async Task<House> AgainOnAsync(FaultyFileSystem disk)
    {
        var again = new House { Disk = disk, Store = Store, Id = Id };
        await again.OpenLogAsync();
        return again;
    }

    public async Task OpenLogAsync(string? projections = null, long projectedMax = 1 << 30) =>
        Log = await Logs.OpenAsync("/log", options => options with
        {
            Files = Through(Disk),
            ProjectionFolder = projections,
            ArchivedProjectionBytesMax = projectedMax,
            SegmentBytesMax = 64 << 10,
            FetchFolder = "/fetched",
            FetchedBytesMax = 200 << 10,
        });

    public async Task AppendAsync(int requests, int seed = 1)
    {
        var random = new Random(seed);
        for (var request = 0; request < requests; request++)
        {
            var records = Enumerable.Range(0, random.Next(1, 6)).Select(n => Logs.Keyed(
                $"k{random.Next(20)}", new string((char)('a' + n), random.Next(100, 4_000))));
            await Log.AppendAsync(new AppendRequest("t", [.. records]), CancellationToken.None);
        }
    }

    /// <summary>The archive that is attached, where a test says so.</summary>
    public Archive? Attached { get; private set; }

    public void Attach(Archive archive)
    {
        Attached = archive;
        Log.Attach(archive);
    }

    public void Detach() => Log.Detach(Attached!);

    public Archive NewArchive(IArchiveStore? store = null) => new(store ?? Store, "t", Patience) { Known = Remembered };

    public Mirror NewMirror(IArchiveStore? store = null, Guid? id = null) =>
        new(Log, NewArchive(store), id ?? Id, heads => Remembered = heads);

    /// <summary>Removes everything from the log that a mirror has, but for some segments.</summary>
    public void RemoveMirrored(Mirror mirror, int but = 0) => RemoveArchived(mirror.Archive, but);

    public void RemoveArchived(Archive archive, int but = 0)
    {
        foreach (var (partition, number) in Log.PartitionsOf("t").Select((one, number) => (one, number)))
        {
            var there = archive.Manifests[number].Entries;
            if (there.Length > but)
            {
                Log.RemoveBefore("t", number, there[^(but + 1)].EndOffset);
            }
        }
    }

    public static string[] Text(IEnumerable<RecordBatch> batches) => [.. batches
        .Where(batch => batch.Topic == "t")
        .Select(batch => $"{batch.Partition} {batch.BaseOffset} {batch.LastPlace} "
            + $"{batch.Count} {Convert.ToBase64String(batch.EncodedRecords.Span)}")];

    public async Task<string[]> ReadAsync(Place? after = null) =>
        Text(await Log.ReadAsync(after ?? Place.Start, "t"));

    public async ValueTask DisposeAsync() => await Log.DisposeAsync();
}
