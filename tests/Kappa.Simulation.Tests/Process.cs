using Kappa.Streams;
using Kappa.Streams.Runtime;
using Kappa.Tables;
using Kappa.Tables.Loop;

namespace Kappa.Simulation;

/// <summary>One life of the platform's process: journal, running versions, and what it reported.</summary>
internal sealed class Process : IAsyncDisposable, IJobSource
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly Job _job;
    private readonly Machine _machine;
    private readonly Journal _journal;
    private readonly Versions _versions;

    private Process(Job job, Machine machine, GatedLog log, Journal journal, StoreClient store, Random random)
    {
        (_job, _machine, Log, _journal, Store) = (job, machine, log, journal, store);
        _versions = new Versions(log, journal, store, this, new VersionsOptions
        {
            StateFolder = "/state",
            Files = machine.Files,
            Time = new Kappa.Log.Tests.ManualTime(),
            Workers = random.Next(1, 4),
            StepRecordsMax = random.Next(1, 60),
            StateEveryBytes = random.Next(200, 3_000),
            StateMemory = random.Next(3) switch { 0 => 1, 1 => random.Next(1_000, 20_000), _ => long.MaxValue },
            RetryAfter = TimeSpan.Zero,
            Report = text =>
            {
                lock (Reports)
                {
                    Reports.Add(text);
                }
            },
        });
    }

    public GatedLog Log { get; }

    public StoreClient Store { get; }

    /// <summary>Everything it told an operator; guarded by itself.</summary>
    public List<string> Reports { get; } = [];

    public Catalog Catalog => _journal.Catalog;

    public static async Task<Process> OpenAsync(
        Job job, Machine machine, ILog log, SimulatedStore store, string? plant, int seed)
    {
        var random = new Random(seed);
        var gated = new GatedLog(log, plant);
        var journal = await Journal.OpenAsync(gated, CancellationToken.None);
        var client = new StoreClient(store, machine, new Random(seed + 1));
        var process = new Process(job, machine, gated, journal, client, random);
        await process._versions.ReconcileAsync(journal.Catalog, CancellationToken.None);
        return process;
    }

    public async Task MakeAsync(Place target)
    {
        var version = new JobVersion(_job.Name, Catalog.NextNumber(_job.Name));
        var topology = _job.Build();
        await new Reprocess(_journal, _versions, Store, TimeProvider.System).RunAsync(
            new VersionMade(
                version, "simulation", "fingerprint " + version.Number, topology.Tables, topology.Topics,
                new Dictionary<string, string>(), target),
            CancellationToken.None);
    }

    /// <summary>
    /// Waits until every run stands at a shut gate, or the power is off. False where that does not come.
    /// </summary>
    public async Task<bool> QuiescentAsync(TimeSpan? patience = null)
    {
        using var end = new CancellationTokenSource(patience ?? Patience);
        while (!end.IsCancellationRequested)
        {
            var changed = Log.Changed;
            var gates = Log.Gates;
            if (_machine.IsDead
                || (gates.All(gate => gate.IsShut) && gates.Count == Catalog.Versions.Count(version => version.Runs)))
            {
                return true;
            }

            await Task.WhenAny(changed, Task.Delay(2, CancellationToken.None));
        }

        return false;
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
}
