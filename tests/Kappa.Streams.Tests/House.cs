using System.Text.Json;
using Kappa.Log;
using Kappa.Streams.Runtime;
using Kappa.Streams.Tests.Outputs;
using Kappa.Tables;
using Kappa.Tables.Loop;
using Kappa.Tables.Sqlite;
using Xunit;

namespace Kappa.Streams.Tests;

/// <summary>
/// A whole platform in one folder, without a server: log, store, journal, running versions and the verbs.
/// </summary>
internal sealed class House : IAsyncDisposable, IJobSource
{
    private readonly Dictionary<JobVersion, Job> _code;

    private House(Dictionary<JobVersion, Job> code) => _code = code;

    public EmbeddedLog Log { get; private init; } = null!;

    /// <summary>The log as the versions see it.</summary>
    public ILog Seen { get; private init; } = null!;

    public ITableStore Store { get; private init; } = null!;

    public Journal Journal { get; private set; } = null!;

    public Versions Versions { get; private set; } = null!;

    public List<string> Reports { get; } = [];

    public static async Task<House> OpenAsync(
        string folder, Dictionary<JobVersion, Job>? code = null, int workers = 2, int stepRecords = 500,
        long stateEveryBytes = 20_000,
        Func<ITableStore, ITableStore>? store = null, Func<ILog, ILog>? log = null,
        Func<VersionsOptions, VersionsOptions>? options = null, bool isProjecting = false)
    {
        var files = DiskFileSystem.ForThisPlatform();
        var embedded = await EmbeddedLog.OpenAsync(
            new LogOptions
            {
                Folder = Path.Combine(folder, "log"),
                ProjectionFolder = isProjecting ? Path.Combine(folder, "projections") : null,
                SegmentBytesMax = isProjecting ? 64 << 10 : 256 << 20,
            }, CancellationToken.None);
        var house = new House(code ?? [])
        {
            Log = embedded,
            Seen = (log ?? (same => same))(embedded),
            Store = (store ?? (same => same))(new SqliteStore(Path.Combine(folder, "tables"), files)),
        };
        house.Journal = await Journal.OpenAsync(house.Log, CancellationToken.None);
        var plain = new VersionsOptions
        {
            StateFolder = Path.Combine(folder, "state"),
            Files = files,
            Workers = workers,
            StepRecordsMax = stepRecords,
            StateEveryBytes = stateEveryBytes,
            RetryAfter = TimeSpan.FromMilliseconds(1),
            Report = text =>
            {
                lock (house.Reports)
                {
                    house.Reports.Add(text);
                }
            },
        };
        house.Versions = new Versions(
            house.Seen, house.Journal, house.Store, house, options is null ? plain : options(plain));
        await new Reconciliation(house.Journal, house.Versions, house.Store, TimeProvider.System)
            .RunAsync(CancellationToken.None);
        return house;
    }

    /// <summary>Cancelled when the version that was loaded last shall stop.</summary>
    public CancellationToken Stopping { get; private set; }

    public ValueTask<Topology> LoadAsync(CatalogVersion version, CancellationToken cancel)
    {
        Stopping = cancel;
        return new(_code[version.Version].Build());
    }

    public void Release(JobVersion version)
    {
    }

    /// <summary>Makes the next version of a job and returns it.</summary>
    public async Task<JobVersion> MakeAsync(Job job, bool publishHistory = false)
    {
        var version = new JobVersion(job.Name, Journal.Catalog.NextNumber(job.Name));
        _code[version] = job;
        var topology = job.Build();
        var upstreams = topology.Topics.Where(topic => Journal.Catalog.OutputOwner(topic) is not null)
            .Select(topic => VersionMade.UpstreamSetting(topic, Journal.Catalog.Versions.Last(made =>
                made.Made.Outputs.Any(output => output.Topic == topic) && made.Runs).Version))
            .ToDictionary();
        await TopicsAsync(job);

        // As a deploy does, and a reprocess of the same code (rule O3): the place once taken stays.
        var preloads = Journal.Catalog.Versions.FirstOrDefault(made => made.Version.Job == job.Name)?.Made.Preloads
            ?? topology.PreloadsTo(Place.EndOf(Log.CompleteTo));
        foreach (var (topic, place) in preloads)
        {
            upstreams.Add(VersionMade.PreloadSetting(topic, place).Key, place.ToString());
        }

        await new Reprocess(Journal, Versions, Store, TimeProvider.System).RunAsync(
            new VersionMade(
                version, "test", "fingerprint " + version.Number, topology.Tables, topology.Topics,
                upstreams, Place.EndOf(Log.CompleteTo))
            {
                Outputs = topology.Outputs,
                PublishHistory = publishHistory,
            },
            CancellationToken.None);
        return version;
    }

    public async Task AppendAsync(IEnumerable<Reading> readings)
    {
        foreach (var chunk in readings.Chunk(37))
        {
            await Log.AppendAsync(
                new AppendRequest("readings", [.. chunk.Select(reading => new NewRecord(
                    System.Text.Encoding.UTF8.GetBytes(reading.Device),
                    JsonSerializer.SerializeToUtf8Bytes(reading, JsonSerializerOptions.Web)))]),
                CancellationToken.None);
            if (Log.Topics.Any(topic => topic.Name == "rows")
                && Sequence.RowsOf(chunk).ToList() is { Count: > 0 } rows)
            {
                await Log.AppendAsync(
                    new AppendRequest("rows", [.. rows.Select(row => Sequence.RowRecord(row.Device, row.Row))]),
                    CancellationToken.None);
            }
        }
    }

    /// <summary>Creates what a job reads, with two partitions each.</summary>
    public async Task TopicsAsync(Job job)
    {
        foreach (var topic in job.Build().Topics.Where(topic => Journal.Catalog.OutputOwner(topic) is null))
        {
            await Log.ChangeAsync(new CreateTopic(topic, 2), CancellationToken.None);
        }
    }

    /// <summary>Writes the twins that the running versions could read.</summary>
    public async Task ProjectAsync()
    {
        foreach (var projection in Versions.Projections().Projections)
        {
            await Log.ProjectAsync(projection, null, CancellationToken.None);
        }
    }

    public async Task StateAsync(JobVersion version, VersionState state)
    {
        var catalog = Journal.Catalog;
        while (catalog.Find(version)?.State != state)
        {
            catalog = await Journal.ChangedAsync(catalog, new CancellationTokenSource(TimeSpan.FromSeconds(60)).Token);
        }
    }

    /// <summary>Waits until a version has committed everything in the log.</summary>
    public Task CaughtUpAsync(JobVersion version)
    {
        // The last record may be of a topic it does not read; the clock's record is one of every sequence.
        var next = Log.CompleteTo + 1;
        Log.ClockAt(next);
        return Versions.CommittedAsync(
            version, new Place(next, 0), new CancellationTokenSource(TimeSpan.FromSeconds(60)).Token);
    }

    /// <summary>The checksums of all tables of a version.</summary>
    public async Task<string> DigestAsync(JobVersion version)
    {
        await using var snapshot = await Store.ReadAsync(version, CancellationToken.None);
        var sums = new List<string>();
        foreach (var table in snapshot.Tables)
        {
            var sum = await CanonicalExport.ChecksumAsync(snapshot, table.Name, CancellationToken.None);
            sums.Add(table.Name + " " + sum);
        }

        return string.Join('\n', sums);
    }

    public Task<DiffResult> DiffAsync(JobVersion left, JobVersion right) =>
        new Diff(Journal, Versions, Store, TimeProvider.System).RunAsync(left, right, 3, CancellationToken.None)
            .AsTask();

    /// <summary>Waits until an output carries what its owners said of everything in the log.</summary>
    public async Task RelayedAsync(string topic)
    {
        var end = new Place(Log.CompleteTo, 0);
        var patience = System.Diagnostics.Stopwatch.StartNew();
        while (Versions.RelayedTo(topic) is not { } reached || reached < end)
        {
            Assert.True(patience.Elapsed < TimeSpan.FromSeconds(60), $"The relay of {topic} stands still.");
            await Polling.NextAsync();
        }
    }

    public async Task<SwitchOutcome> SwitchAsync(JobVersion version, bool publishHistory = false)
    {
        var outcome = await new Switch(Journal, Versions, Store, TimeProvider.System).RunAsync(
            [version], DateTimeOffset.UtcNow.AddMinutes(1), "test", CancellationToken.None, publishHistory);
        Assert.True(outcome.Happened, outcome.Reason);
        return outcome;
    }

    /// <summary>The records of a topic as "id key value", in order of offset.</summary>
    public async Task<List<string>> SaidAsync(string topic)
    {
        var lines = new List<string>();
        await using var sequence = Log.Read([topic], Place.Start);
        while (sequence.TryRead(out var batch))
        {
            foreach (var record in batch)
            {
                if (batch.Topic == topic)
                {
                    Assert.True(OutputId.TryRead(record, out var id));
                    lines.Add($"{id} {System.Text.Encoding.UTF8.GetString(record.Key)} "
                        + System.Text.Encoding.UTF8.GetString(record.Value));
                }
            }
        }

        return lines;
    }

    public async ValueTask DisposeAsync()
    {
        await Versions.DisposeAsync();
        Journal.Dispose();
        await Store.DisposeAsync();
        await Log.DisposeAsync();
    }
}
