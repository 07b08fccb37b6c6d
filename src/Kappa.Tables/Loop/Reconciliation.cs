namespace Kappa.Tables.Loop;

/// <summary>
/// Makes the world agree with the journal (rule V3): runs, pointer, files. Idempotent; runs after records and at each
/// start, so that a crash between a record and its effect heals itself.
/// </summary>
public sealed class Reconciliation(Journal journal, IVersions versions, ITableStore store, TimeProvider time)
{
    /// <summary>
    /// At the start of a process: starts and stops runs, points readers at the live versions, deletes what was dropped,
    /// and finishes a switch that was under way. Returns when that is decided, at the latest at its deadline.
    /// </summary>
    /// <exception cref="Kappa.Log.KappaException">
    /// The log, the store or the versions failed; running it again goes on.
    /// </exception>
    public async ValueTask RunAsync(CancellationToken cancel)
    {
        await journal.SettleAsync(cancel).ConfigureAwait(false);
        await EffectsAsync(cancel).ConfigureAwait(false);
        await new Switch(journal, versions, store, time).ResumeAsync(cancel).ConfigureAwait(false);
    }

    /// <summary>Every effect of the journal, except the decision of a switch under way.</summary>
    public async ValueTask EffectsAsync(CancellationToken cancel)
    {
        await StartAndStopAsync(cancel).ConfigureAwait(false);
        await PointAsync(cancel).ConfigureAwait(false);
        foreach (var version in journal.Catalog.Versions.Where(v => v.State == VersionState.Dropped))
        {
            await store.DropAsync(version.Version, cancel).ConfigureAwait(false);
        }
    }

    internal ValueTask StartAndStopAsync(CancellationToken cancel) => versions.ReconcileAsync(journal.Catalog, cancel);

    internal ValueTask PointAsync(CancellationToken cancel) => store.PointAsync(journal.Catalog.AllLive, cancel);
}
