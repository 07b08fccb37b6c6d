using Kappa.Log;
using Kappa.Tables.Loop;

namespace Kappa.Tables.Tests;

/// <summary>
/// An engine without an engine: a running version commits wherever it is asked to be, unless it is stuck or failing.
/// <see cref="Step"/> is called before every effect and may throw.
/// </summary>
internal sealed class FakeVersions(ITableStore store, Func<Journal> journal) : IVersions
{
    public Action<string> Step { get; set; } = _ => { };

    public HashSet<JobVersion> Running { get; } = [];

    /// <summary>These never reach a place they have not reached yet.</summary>
    public HashSet<JobVersion> Stuck { get; } = [];

    /// <summary>These stop with this error instead of going on.</summary>
    public Dictionary<JobVersion, string> Failing { get; } = [];

    public Dictionary<JobVersion, Place> Committed { get; } = [];

    /// <summary>The rows a version writes with its commit, by version.</summary>
    public Dictionary<JobVersion, Action<TableChanges>> Output { get; } = [];

    public ValueTask ReconcileAsync(Catalog catalog, CancellationToken cancel)
    {
        Step("reconcile");
        Running.Clear();
        Running.UnionWith(catalog.Versions.Where(v => v.Runs).Select(v => v.Version));
        return ValueTask.CompletedTask;
    }

    public VersionProgress? ProgressOf(JobVersion version) => Running.Contains(version)
        ? new VersionProgress(Committed.GetValueOrDefault(version), null, 0, 0, 0, null, 0, 0, null, null)
        : null;

    public async Task<ITableSnapshot> SnapshotAtAsync(JobVersion version, string markId, CancellationToken cancel)
    {
        Step("snapshot");
        while (true)
        {
            var known = journal().Catalog;
            await journal().ChangedAsync(known, cancel);
            await AdvanceAsync(version, journal().Catalog.Place, cancel);
            return await store.ReadAsync(version, cancel);
        }
    }

    public async Task CommittedAsync(JobVersion version, Place place, CancellationToken cancel)
    {
        Step("committed");
        if (!Running.Contains(version))
        {
            throw new KappaException(ErrorKind.Conflict, $"{version} does not run.", "Reconcile first.");
        }

        if (Failing.TryGetValue(version, out var error))
        {
            throw new KappaException(ErrorKind.Unavailable, error, "Look at its code.");
        }

        if (Committed.GetValueOrDefault(version) < place)
        {
            if (Stuck.Contains(version))
            {
                await Task.Delay(Timeout.Infinite, cancel);
            }

            await AdvanceAsync(version, place, cancel);
        }
    }

    /// <summary>Versions whose outputs were waited for.</summary>
    public List<JobVersion> Relayed { get; } = [];

    public Place? RelayedTo(string topic) => null;

    public Task RelayedAsync(JobVersion version, CancellationToken cancel)
    {
        Relayed.Add(version);
        return Task.CompletedTask;
    }

    /// <summary>Commits a version's output up to a place.</summary>
    public async Task AdvanceAsync(JobVersion version, Place place, CancellationToken cancel = default)
    {
        var tables = journal().Catalog.Find(version)!.Made.Tables;
        await using var writer = await store.OpenAsync(version, tables, 1, cancel);
        if (writer.Committed < place)
        {
            var changes = new TableChanges();
            Output.GetValueOrDefault(version)?.Invoke(changes);
            await writer.CommitAsync(changes, place, cancel);
        }

        Committed[version] = place > writer.Committed ? place : writer.Committed;
    }
}
