using System.Text;
using Kappa.Log;
using Kappa.Streams;
using Kappa.Streams.Runtime;
using Kappa.Tables;
using Kappa.Tables.Loop;
using Kappa.Tables.Sqlite;

namespace Kappa.Golden.Tests;

/// <summary>The versions of a house running into one store.</summary>
internal sealed class Run : IAsyncDisposable
{
    private readonly House _house;
    private readonly Versions _versions;

    private Run(House house, SqliteStore store, string name, VersionsOptions options)
    {
        _house = house;
        Store = store;
        StateFolder = Path.Combine(house.Folder, name, "state");
        _versions = new Versions(house.Log, house.Journal, store, house, options with
        {
            Report = text =>
            {
                lock (Reports)
                {
                    Reports.Add(text);
                }
            },
        });
    }

    public SqliteStore Store { get; }

    public string StateFolder { get; }

    /// <summary>Alarms, failures and retries.</summary>
    public List<string> Reports { get; } = [];

    public static async Task<Run> StartAsync(
        House house, string name, int workers, int stepRecords, TimeSpan stateEvery)
    {
        var files = DiskFileSystem.ForThisPlatform();
        var store = new SqliteStore(Path.Combine(house.Folder, name, "tables"), files);
        var run = new Run(house, store, name, new VersionsOptions
        {
            StateFolder = Path.Combine(house.Folder, name, "state"),
            Files = files,
            Workers = workers,
            StepRecordsMax = stepRecords,
            RetryAfter = TimeSpan.FromMilliseconds(1),
            StateEvery = stateEvery,
        });
        await new Reconciliation(house.Journal, run._versions, store, TimeProvider.System)
            .RunAsync(CancellationToken.None);
        return run;
    }

    /// <summary>
    /// Makes the next version of a job. What it preloads it reads up to where the first one did, as a reprocess does
    /// (rule O3).
    /// </summary>
    public async Task<JobVersion> MakeAsync(Job job)
    {
        var topology = job.Build();
        var preloads = _house.Journal.Catalog.Versions.FirstOrDefault(made => made.Version.Job == job.Name)
            ?.Made.Preloads
            ?? topology.PreloadedTopics.ToDictionary(topic => topic, _ => Place.EndOf(_house.Log.CompleteTo));
        var version = new JobVersion(job.Name, _house.Journal.Catalog.NextNumber(job.Name));
        await new Reprocess(_house.Journal, _versions, Store, TimeProvider.System).RunAsync(
            new VersionMade(
                version, "test", "fingerprint " + version.Number, topology.Tables, topology.Topics,
                preloads.Select(one => VersionMade.PreloadSetting(one.Key, one.Value)).ToDictionary(),
                Place.EndOf(_house.Log.CompleteTo)),
            CancellationToken.None);
        return version;
    }

    public async Task StateAsync(JobVersion version, VersionState state)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        var catalog = _house.Journal.Catalog;
        while (catalog.Find(version)?.State != state)
        {
            catalog = await _house.Journal.ChangedAsync(catalog, patience.Token);
        }
    }

    /// <summary>Waits until a version has committed everything in the log.</summary>
    public async Task CaughtUpAsync(JobVersion version)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        await _versions.CommittedAsync(version, new Place(_house.Log.CompleteTo, 1), patience.Token);
    }

    public VersionProgress? ProgressOf(JobVersion version) => _versions.ProgressOf(version);

    public async Task SwitchAsync(JobVersion to) =>
        await new Switch(_house.Journal, _versions, Store, TimeProvider.System).RunAsync(
            [to], TimeProvider.System.GetUtcNow().AddMinutes(1), "test", CancellationToken.None);

    public async Task<DiffResult> DiffAsync(JobVersion left, JobVersion right) =>
        await new Diff(_house.Journal, _versions, Store, TimeProvider.System).RunAsync(
            left, right, 3, CancellationToken.None);

    /// <summary>A line per table: its name and the checksum of its canonical export.</summary>
    public async Task<string> DigestAsync(JobVersion version)
    {
        await using var snapshot = await Store.ReadAsync(version, CancellationToken.None);
        var lines = new List<string>();
        foreach (var table in snapshot.Tables)
        {
            lines.Add(table.Name + " "
                + await CanonicalExport.ChecksumAsync(snapshot, table.Name, CancellationToken.None));
        }

        return string.Join('\n', lines);
    }

    /// <summary>The rows of a table as the canonical export writes them, without the header.</summary>
    public async Task<string[]> RowsAsync(JobVersion version, string table)
    {
        await using var snapshot = await Store.ReadAsync(version, CancellationToken.None);
        using var bytes = new MemoryStream();
        await CanonicalExport.WriteAsync(snapshot, table, bytes, CancellationToken.None);
        return Encoding.UTF8.GetString(bytes.ToArray()).Split('\n', StringSplitOptions.RemoveEmptyEntries)[1..];
    }

    public async ValueTask DisposeAsync()
    {
        await _versions.DisposeAsync();
        await Store.DisposeAsync();
    }
}
