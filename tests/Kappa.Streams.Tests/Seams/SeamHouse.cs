using Kappa.Log;
using Kappa.Streams.Runtime;
using Kappa.Tables;
using Kappa.Tables.Loop;

namespace Kappa.Streams.Tests.Seams;

/// <summary>One job running over any log into any store; opened again and again over the same ones.</summary>
internal sealed class SeamHouse : IAsyncDisposable, IJobSource
{
    private readonly Job _job;
    private readonly ILog _log;
    private readonly ITableStore _store;
    private readonly Journal _journal;
    private readonly Versions _versions;

    private SeamHouse(
        Job job, ILog log, ITableStore store, Journal journal, string stateFolder, int workers, int stepRecords)
    {
        (_job, _log, _store, _journal) = (job, log, store, journal);
        _versions = new Versions(log, journal, store, this, new VersionsOptions
        {
            StateFolder = stateFolder,
            Files = DiskFileSystem.ForThisPlatform(),
            Workers = workers,
            StepRecordsMax = stepRecords,
            StateEveryBytes = 20_000,
            RetryAfter = TimeSpan.FromMilliseconds(1),
            Report = text =>
            {
                lock (Reports)
                {
                    Reports.Add(text);
                }
            },
        });
    }

    public JobVersion Version => new(_job.Name, 1);

    public List<string> Reports { get; } = [];

    public static async Task<SeamHouse> OpenAsync(
        Job job, ILog log, ITableStore store, string stateFolder, int workers, int stepRecords)
    {
        var journal = await Journal.OpenAsync(log, CancellationToken.None);
        var house = new SeamHouse(job, log, store, journal, stateFolder, workers, stepRecords);
        await new Reconciliation(journal, house._versions, store, TimeProvider.System).RunAsync(CancellationToken.None);
        return house;
    }

    public async Task MakeAsync()
    {
        var topology = _job.Build();
        await new Reprocess(_journal, _versions, _store, TimeProvider.System).RunAsync(
            new VersionMade(
                Version, "test", "fingerprint", topology.Tables, topology.Topics, new Dictionary<string, string>(),
                End()),
            CancellationToken.None);
    }

    /// <summary>Waits until the version has committed everything in the log.</summary>
    public async Task CaughtUpAsync()
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        var end = new Place(End().LogTime, 1);
        try
        {
            await _versions.CommittedAsync(Version, end, patience.Token);
        }
        catch (OperationCanceledException) when (patience.IsCancellationRequested)
        {
            throw new TimeoutException(
                $"{Version} did not commit {end} in a minute: {_versions.ProgressOf(Version)}\n"
                + string.Join('\n', Reports.TakeLast(20)));
        }
    }

    public ValueTask<Topology> LoadAsync(CatalogVersion version, CancellationToken cancel) => new(_job.Build());

    public void Release(JobVersion version)
    {
    }

    public async ValueTask DisposeAsync()
    {
        await _versions.DisposeAsync();
        _journal.Dispose();
    }

    private Place End() => _log.Read([], Place.Start).CompleteTo;
}
