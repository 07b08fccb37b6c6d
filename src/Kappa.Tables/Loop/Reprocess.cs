using Kappa.Log;

namespace Kappa.Tables.Loop;

/// <summary>Makes the next version of a job, which reads the log from its start beside the live one.</summary>
public sealed class Reprocess(Journal journal, IVersions versions, ITableStore store, TimeProvider time)
{
    private readonly Reconciliation _reconciliation = new(journal, versions, store, time);

    /// <summary>
    /// Records the version and starts it. Repeating it with the same record, after a crash in the middle, starts what
    /// was recorded.
    /// </summary>
    /// <param name="made">The prepared version; its number is the catalog's next one for the job.</param>
    /// <param name="cancel">Ends the waiting; what was recorded stays.</param>
    /// <exception cref="KappaException">Conflict: the number is taken, or a table belongs to another job.</exception>
    public async ValueTask<CatalogVersion> RunAsync(VersionMade made, CancellationToken cancel)
    {
        await journal.SettleAsync(cancel).ConfigureAwait(false);
        var before = journal.Catalog.Find(made.Version);
        if (before is not { State: VersionState.Reprocessing } || !IsSame(before.Made, made))
        {
            await journal.AppendAsync(made, cancel).ConfigureAwait(false);
        }

        await _reconciliation.StartAndStopAsync(cancel).ConfigureAwait(false);
        return journal.Catalog.Find(made.Version)!;
    }

    /// <summary>The target is left out: it is the end of the log, fixed anew by each request.</summary>
    private static bool IsSame(VersionMade left, VersionMade right) =>
        JournalCodec.Encode(left with { Target = default, By = "" })
            .AsSpan().SequenceEqual(JournalCodec.Encode(right with { Target = default, By = "" }));
}
