using System.Collections.Concurrent;
using Kappa.Log;
using Kappa.Tables;
using Kappa.Tables.Loop;

namespace Kappa.Streams.Runtime;

/// <summary>
/// The running versions: starts and stops runs as the journal says, tries again what the disk or the log stopped, and
/// writes down what became ready or failed.
/// </summary>
public sealed class Versions : IVersions, IAsyncDisposable
{
    private static readonly TimeSpan RetryMin = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan RetryMax = TimeSpan.FromMinutes(1);

    private readonly ILog _log;
    private readonly Journal _journal;
    private readonly ITableStore _store;
    private readonly IJobSource _jobs;
    private readonly VersionsOptions _options;
    private readonly ConcurrentDictionary<JobVersion, RunningVersion> _running = new();
    private readonly ConcurrentDictionary<string, TaskCompletionSource<ITableSnapshot>> _marks = new();
    private readonly ProcessEpoch _epoch;
    private readonly SemaphoreSlim _reconciling = new(1, 1);
    private readonly Relays _relays;
    private readonly CancellationTokenSource _stop = new();
    private int _isDisposed;
    private Task? _following;

    /// <summary>Makes the running versions; nothing runs before the first <see cref="ReconcileAsync"/>.</summary>
    public Versions(ILog log, Journal journal, ITableStore store, IJobSource jobs, VersionsOptions options)
    {
        _log = log;
        _journal = journal;
        _store = store;
        _jobs = jobs;
        _options = options;
        _relays = new Relays(log, journal, options);
        _epoch = new ProcessEpoch(log);
    }

    /// <inheritdoc/>
    public async ValueTask ReconcileAsync(Catalog catalog, CancellationToken cancel)
    {
        await _reconciling.WaitAsync(cancel);
        try
        {
            // The newest catalog counts: an older one must not start again what a newer one stopped.
            catalog = _journal.Catalog;
            _epoch.Begin();
            foreach (var running in _running.Values
                .Where(running => catalog.Find(running.Version) is not { Runs: true }).ToList())
            {
                await running.DisposeAsync();
                _running.TryRemove(running.Version, out _);
                _jobs.Release(running.Version);
            }

            foreach (var version in catalog.Versions
                .Where(version => version.Runs && !_running.ContainsKey(version.Version)))
            {
                var running = new RunningVersion(version.Version);
                _running[version.Version] = running;
                running.Start(stop => KeepRunningAsync(version, running, stop));
            }

            foreach (var version in catalog.Versions.Where(version => version.State == VersionState.Dropped))
            {
                StateFiles.Delete(_options.Files, _options.StateFolder, version.Version);
                foreach (var output in version.Made.Outputs)
                {
                    await _log.ChangeAsync(new DropTopic(output.DerivedBy(version.Version)), cancel);
                }
            }

            _relays.Start(catalog);
            _following ??= FollowAsync();
        }
        finally
        {
            _reconciling.Release();
        }
    }

    /// <inheritdoc/>
    public VersionProgress? ProgressOf(JobVersion version) =>
        // A failed version's run is there until the next reconciliation, and its figures say nothing any more.
        _journal.Catalog.Find(version) is { Runs: true } && _running.TryGetValue(version, out var running)
            ? Progress(running)
            : null;

    private static VersionProgress? Progress(RunningVersion running) =>
        running.Run?.Progress() is { } progress && running.Fence is { } fence
            ? progress with { Error = $"{fence.Message} {fence.Next}" }
            : running.Run?.Progress();

    /// <summary>How the topics of the running versions are typed (rule L11), each key once.</summary>
    /// <returns>The projections, and whether every version that shall run has said its own.</returns>
    public (IReadOnlyList<Projection> Projections, bool AreAll) Projections()
    {
        var running = _journal.Catalog.Versions.Where(version => version.Runs)
            .Select(version => _running.GetValueOrDefault(version.Version)?.Run).ToList();
        return (
            [.. running.OfType<JobRun>().SelectMany(run => run.Projected.All)
                .DistinctBy(projection => (projection.Topic, projection.Key))],
            !running.Contains(null));
    }

    /// <summary>Of a topic that a running version reads and that cannot be typed, why; else null.</summary>
    public string? NotProjected(string topic) => _running.Values
        .Select(running => running.Run?.Projected.Refused.GetValueOrDefault(topic))
        .FirstOrDefault(why => why is not null);

    /// <inheritdoc/>
    public async Task<ITableSnapshot> SnapshotAtAsync(JobVersion version, string markId, CancellationToken cancel)
    {
        var key = JobRun.KeyOf(markId, version);
        var waiting = _marks.GetOrAdd(key, _ => new(TaskCreationOptions.RunContinuationsAsynchronously));
        try
        {
            var failed = FailureAsync(version, cancel);
            if (await Task.WhenAny(waiting.Task, failed).WaitAsync(cancel) == failed)
            {
                await failed;
            }

            return await waiting.Task;
        }
        finally
        {
            _marks.TryRemove(key, out _);
        }
    }

    /// <inheritdoc/>
    public async Task CommittedAsync(JobVersion version, Place place, CancellationToken cancel)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var failed = FailureAsync(version, either.Token);
        try
        {
            while (true)
            {
                var (run, ended) = _running.TryGetValue(version, out var running) ? running.Current : default;
                var arrived = run is null ? Delay(either.Token) : run.CommittedAsync(place, either.Token);
                if (await Task.WhenAny(arrived, failed, ended ?? arrived) == failed)
                {
                    await failed;
                }

                if (run is not null && run.Committed >= place)
                {
                    return;
                }

                cancel.ThrowIfCancellationRequested();
                await Delay(cancel);
            }
        }
        finally
        {
            await either.CancelAsync();
        }
    }

    /// <inheritdoc/>
    public Place? RelayedTo(string topic) => _relays.ReachedOf(topic);

    /// <inheritdoc/>
    public Task RelayedAsync(JobVersion version, CancellationToken cancel) => _relays.RelayedAsync(version, cancel);

    /// <summary>Stops all runs; each writes a state file, so that the next start is quick.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) == 1)
        {
            return;
        }

        await _stop.CancelAsync();
        if (_following is not null)
        {
            await _following;
        }

        foreach (var running in _running.Values)
        {
            await running.DisposeAsync();
        }

        await _relays.DisposeAsync();
        _reconciling.Dispose();
        _stop.Dispose();
    }

    private Task Delay(CancellationToken cancel) => Task.Delay(TimeSpan.FromMilliseconds(5), _options.Time, cancel);

    /// <summary>What one record changes may ask for more: a version becomes ready, and an older one retires.</summary>
    private async Task FollowAsync()
    {
        var known = _journal.Catalog;
        var wait = TimeSpan.Zero;
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                known = wait == TimeSpan.Zero ? await _journal.ChangedAsync(known, _stop.Token) : _journal.Catalog;
                await ReconcileAsync(known, _stop.Token);

                // A first version goes live by itself: no verb follows that would point readers at it (rule V3).
                await _store.PointAsync(_journal.Catalog.AllLive, _stop.Token);
                wait = TimeSpan.Zero;
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
                return;
            }
            catch (KappaException trouble)
            {
                // No other change need come: what failed is done again.
                wait = wait == TimeSpan.Zero ? _options.RetryAfter : wait * 2 > RetryMax ? RetryMax : wait * 2;
                wait = wait < RetryMin ? RetryMin : wait;
                _options.Report(
                    $"The versions could not be brought in line with the journal: {trouble.Message} "
                    + $"Tried again in {wait.TotalSeconds:0} s. {trouble.Next}");
                await Task.Delay(wait, _options.Time, _stop.Token).ContinueWith(_ => { }, TaskScheduler.Default);
            }
        }
    }

    private async Task KeepRunningAsync(CatalogVersion version, RunningVersion running, CancellationToken cancel)
    {
        var wait = _options.RetryAfter;
        var reached = Place.Start;
        while (!cancel.IsCancellationRequested)
        {
            try
            {
                var topology = await _jobs.LoadAsync(version, cancel);
                var run = new JobRun(
                    _log, _journal, _store, _options, topology, version, _relays.FrontierOf(version.Version),
                    OpenUpstreamAsync, () => _options.StateMemory / Math.Max(1, _running.Count), _marks);
                await running.TrackAsync(run, run.RunAsync(await _epoch.GetAsync(cancel), cancel));
            }
            catch (OperationCanceledException) when (cancel.IsCancellationRequested)
            {
                return;
            }
            catch (FencedException fence)
            {
                // Another process runs the version: to say that it failed, or to open its tables again, would harm it.
                _options.Report($"{version.Version}: {fence.Message} {fence.Next}");
                running.StopFor(fence);
                return;
            }
            catch (KappaException trouble) when (trouble.Kind == ErrorKind.Unavailable)
            {
                // A run that got further had its trouble behind it: the waiting begins anew.
                var committed = running.Run?.Committed ?? Place.Start;
                wait = committed > reached ? _options.RetryAfter : wait;
                reached = committed;
                _options.Report(
                    $"{version.Version}: {trouble.Message} Tried again in {wait.TotalSeconds:0} s. {trouble.Next}");
                await Task.Delay(wait, _options.Time, cancel).ContinueWith(_ => { }, TaskScheduler.Default);
                wait = wait * 2 > RetryMax ? RetryMax : wait * 2;
            }
            catch (Exception error)
            {
                // The boundary of a version: whatever stops it is written down, and everything else goes on.
                await FailAsync(running, error, cancel);
                return;
            }
        }
    }

    /// <summary>Opens what another version says, from behind a place on (rule E2).</summary>
    private async ValueTask<Upstream> OpenUpstreamAsync(
        string topic, JobVersion version, Place after, CancellationToken cancel)
    {
        var found = _journal.Catalog.Find(version);
        var output = found?.Made.Outputs.FirstOrDefault(output => output.Topic == topic);
        if (found is null || output is null || found.State == VersionState.Dropped)
        {
            throw new KappaException(
                ErrorKind.Conflict, $"It reads '{topic}' of {version}, which is dropped.",
                "Reprocess the job: the new version reads the live one.");
        }

        var frontier = _relays.FrontierOf(version);
        if (!found.Runs)
        {
            frontier.RaiseTo(await StoppedAtAsync(version, cancel));
        }

        var derived = output.DerivedBy(version);
        await _log.ChangeAsync(new CreateTopic(derived), cancel);
        var reader = new DerivedReader(_log, derived, new OutputId(after, int.MaxValue));
        return new Upstream(topic, version, reader, frontier, _journal.Catalog.Roots(found));
    }

    private async ValueTask<Place> StoppedAtAsync(JobVersion version, CancellationToken cancel)
    {
        try
        {
            await using var stored = await _store.ReadAsync(version, cancel);
            return stored.Place;
        }
        catch (KappaException missing) when (missing.Kind == ErrorKind.NotFound
            && _options.StoppedAt.ContainsKey(version))
        {
            return _options.StoppedAt[version];
        }
    }

    private async Task FailAsync(RunningVersion running, Exception error, CancellationToken cancel)
    {
        var version = running.Version;
        var text = error is KappaException known
            ? $"{known.Message} {known.Next}"
            : $"{error.GetType().Name}: {error.Message}";
        _options.Report($"{version} failed: {text}");
        var committed = running.Run?.Committed ?? Place.Start;
        try
        {
            await _journal.AppendAsync(new VersionFailed(version, committed, text), cancel);
        }
        catch (Exception second) when (second is KappaException or OperationCanceledException)
        {
            _options.Report($"{version}: its failure could not be written to the journal: {second.Message}");
        }
    }

    /// <summary>Ends with an error when the version fails or stops running.</summary>
    private async Task FailureAsync(JobVersion version, CancellationToken cancel)
    {
        var catalog = _journal.Catalog;
        while (catalog.Find(version) is { Runs: true })
        {
            var changed = _journal.ChangedAsync(catalog, cancel).AsTask();
            if (_running.TryGetValue(version, out var running)
                && await Task.WhenAny(changed, running.Fenced) == running.Fenced)
            {
                throw running.Fence!;
            }

            catalog = await changed;
        }

        var found = catalog.Find(version);
        throw new KappaException(
            ErrorKind.Conflict,
            $"{version} does not run: it is {found?.State.ToString() ?? "unknown"}. {found?.Error}".TrimEnd(),
            "Look at 'kappa jobs'.");
    }
}
