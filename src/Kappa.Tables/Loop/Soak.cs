namespace Kappa.Tables.Loop;

/// <summary>
/// Ends the soak of versions that were live once (rule V5): being Ready they run on, so that a rollback is instant and
/// fresh; when the soak is over they retire.
/// </summary>
public sealed class Soak(Journal journal, IVersions versions, ITableStore store, TimeProvider time)
{
    /// <summary>How long a version soaks unless told otherwise: 24 hours of log time.</summary>
    public static readonly TimeSpan Default = TimeSpan.FromHours(24);

    private readonly Reconciliation _reconciliation = new(journal, versions, store, time);

    /// <summary>Retires the versions whose soak is over, and returns them. Idempotent.</summary>
    /// <param name="soak">How long, from the log time of the switch away from a version.</param>
    /// <param name="cancel">Ends the waiting; what was recorded stays.</param>
    public async ValueTask<IReadOnlyList<JobVersion>> RetireDueAsync(TimeSpan soak, CancellationToken cancel)
    {
        await journal.SettleAsync(cancel).ConfigureAwait(false);
        var catalog = journal.Catalog;
        var now = time.GetUtcNow();
        var due = catalog.Versions
            .Where(v => v.State == VersionState.Ready
                && catalog.Owners(v.Version.Job).Any(o => o.Version == v.Version)
                && catalog.PendingSwitch?.Names(v.Version) != true
                && catalog.ReaderOf(v.Version) is null
                && now - v.Since.Time >= soak)
            .Select(v => v.Version).ToList();
        foreach (var version in due)
        {
            await journal.AppendAsync(new VersionRetired(version, "soak ended"), cancel).ConfigureAwait(false);
        }

        await _reconciliation.StartAndStopAsync(cancel).ConfigureAwait(false);
        return due;
    }
}
