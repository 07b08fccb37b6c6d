using Kappa.Streams;
using Kappa.Streams.Runtime;
using Kappa.Tables;
using Kappa.Tables.Loop;

namespace Kappa.Simulation;

/// <summary>One life of the platform's process: journal, running versions, and what it reported.</summary>
internal sealed class Process : IAsyncDisposable, IJobSource
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly ChangingJob _job;
    private readonly string? _plant;
    private readonly Machine _machine;
    private readonly Journal _journal;
    private readonly Versions _versions;
    private readonly IVersions _driven;
    private readonly Kappa.Log.Tests.ManualTime _time = new();
    private readonly CancellationTokenSource _stop = new();
    private Task _verb = Task.CompletedTask;
    private int _isDisposed;

    private Process(
        ChangingJob job, string? plant, Machine machine, GatedLog log, Journal journal, StoreClient store,
        Random random)
    {
        _plant = plant;
        (_job, _machine, Log, _journal, Store) = (job, machine, log, journal, store);
        _versions = new Versions(log, journal, store, this, new VersionsOptions
        {
            StateFolder = "/state",
            Files = machine.Files,
            Time = _time,
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
        _driven = plant == Plants.SwitchDoesNotWait ? new HastyVersions(_versions) : _versions;
    }

    public GatedLog Log { get; }

    public StoreClient Store { get; }

    /// <summary>Everything it told an operator; guarded by itself.</summary>
    public List<string> Reports { get; } = [];

    public Catalog Catalog => _journal.Catalog;

    /// <summary>A verb of the loop waits for something.</summary>
    public bool IsBusy => !_verb.IsCompleted;

    public static async Task<Process> OpenAsync(
        ChangingJob job, Machine machine, ILog log, SimulatedStore store, string? plant, int seed)
    {
        var random = new Random(seed);
        var gated = new GatedLog(log, plant, machine.Time);
        var journal = await Journal.OpenAsync(gated, CancellationToken.None);
        var client = new StoreClient(store, machine, new Random(seed + 1), plant);
        var process = new Process(job, plant, machine, gated, journal, client, random);
        try
        {
            // As at each start (rule V3); a switch under way is finished beside everything else.
            await new Reconciliation(journal, process._driven, client, process._time)
                .EffectsAsync(CancellationToken.None);
        }
        catch
        {
            await process.DisposeAsync();
            throw;
        }

        if (journal.Catalog.PendingSwitch is not null)
        {
            process.Begin("switch goes on", cancel => new Switch(journal, process._driven, client, process._time)
                .ResumeAsync(cancel).AsTask(), _ => { });
        }

        return process;
    }

    public async Task MakeAsync(Place target)
    {
        var version = new JobVersion(_job.Name, Catalog.NextNumber(_job.Name));
        var topology = _job.Of(version).Build();
        await new Reprocess(_journal, _driven, Store, _time).RunAsync(
            new VersionMade(
                version, "simulation", "fingerprint " + version.Number, topology.Tables, topology.Topics,
                new Dictionary<string, string>(), target),
            CancellationToken.None);
    }

    /// <summary>Begins to move readers to a version, or back (rule V6); it waits for the runs.</summary>
    public void Switch(JobVersion? to, Action<string> tell) => Begin(
        to is null ? "rollback" : $"switch to {to}",
        cancel => to is null
            ? new Rollback(_journal, _driven, Store, _time).RunAsync(
                _job.Name, null, _time.GetUtcNow().AddMinutes(1), "simulation", cancel).AsTask()
            : new Switch(_journal, _driven, Store, _time).RunAsync(
                [to], _time.GetUtcNow().AddMinutes(1), "simulation", cancel).AsTask(),
        tell);

    /// <summary>Begins to drop a version (rule V8).</summary>
    public void Drop(JobVersion version, Action<string> tell) => Begin(
        $"drop {version}",
        cancel => new Drop(_journal, _driven, Store, _time).RunAsync(version, "simulation", cancel).AsTask(), tell);

    /// <summary>The deadline of whatever is under way passes.</summary>
    public void PassDeadline() => _time.Advance(TimeSpan.FromMinutes(2));

    /// <summary>Time in which what failed is tried again.</summary>
    public void PassMoment() => _time.Advance(TimeSpan.FromMilliseconds(5));

    /// <summary>What a reader of the job sees now, all its tables; null where none is live yet (rule V7).</summary>
    public (JobVersion Version, MemorySnapshot Tables)? Answer()
    {
        var catalog = Catalog;
        var live = _plant == Plants.AnswersTooSoon && catalog.PendingSwitch is { } pending
            ? pending.Record.To[0]
            : catalog.Live(_job.Name)?.Version;
        return live is null ? null : (live, Store.Read(live));
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
            var catalog = Catalog;
            if (_machine.IsDead || (IsAtRest(catalog)
                && gates.Count(gate => !gate.IsShut) <= Held(catalog)
                && gates.Count == catalog.Versions.Count(version => version.Runs)))
            {
                return true;
            }

            if (IsBusy)
            {
                // Who waits for a run that is tried again asks for it by this clock.
                PassMoment();
            }

            await Task.WhenAny(changed, Task.Delay(2, CancellationToken.None));
        }

        return false;
    }

    public ValueTask<Topology> LoadAsync(CatalogVersion version, CancellationToken cancel) =>
        new(PlantedEngine.Of(_job.Of(version.Version), _plant));

    public void Release(JobVersion version)
    {
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) == 1)
        {
            return;
        }

        await _stop.CancelAsync();
        await _verb;
        await _versions.DisposeAsync();
        _journal.Dispose();
        _stop.Dispose();
    }

    /// <summary>A verb runs beside everything else; that it is refused, or that the power goes, is its end.</summary>
    private void Begin(string what, Func<CancellationToken, Task> act, Action<string> tell) =>
        _verb = Task.Run(async () =>
        {
            try
            {
                await act(_stop.Token);
                tell(what + " is done");
            }
            catch (Exception end) when (end is KappaException or OperationCanceledException)
            {
                tell($"{what}: {end.Message}");
            }
        });

    /// <summary>No verb runs, or one waits for runs that are behind its mark.</summary>
    private bool IsAtRest(Catalog catalog) => !IsBusy
        || (catalog.PendingSwitch is { } pending && pending.Record.Names.Any(one => !HasReached(one, pending.Mark)));

    /// <summary>How many runs hold at a mark, whatever their gates would give (rule V6).</summary>
    private int Held(Catalog catalog) => catalog.PendingSwitch is { } pending
        ? pending.Record.From.Count(one => HasReached(one, pending.Mark)) : 0;

    private bool HasReached(JobVersion version, Place place) =>
        _machine.IsDead || Store.Read(version).Place >= place;
}
