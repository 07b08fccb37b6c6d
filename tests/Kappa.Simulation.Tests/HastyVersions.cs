using Kappa.Tables;
using Kappa.Tables.Loop;

namespace Kappa.Simulation;

/// <summary>Running versions that always say they have come far enough (plant <c>switch-does-not-wait</c>).</summary>
internal sealed class HastyVersions(IVersions inner) : IVersions
{
    public ValueTask ReconcileAsync(Catalog catalog, CancellationToken cancel) => inner.ReconcileAsync(catalog, cancel);

    public VersionProgress? ProgressOf(JobVersion version) => inner.ProgressOf(version);

    public Task<ITableSnapshot> SnapshotAtAsync(JobVersion version, string markId, CancellationToken cancel) =>
        inner.SnapshotAtAsync(version, markId, cancel);

    public Task CommittedAsync(JobVersion version, Place place, CancellationToken cancel) => Task.CompletedTask;

    public Place? RelayedTo(string topic) => inner.RelayedTo(topic);

    public Task RelayedAsync(JobVersion version, CancellationToken cancel) => inner.RelayedAsync(version, cancel);
}
