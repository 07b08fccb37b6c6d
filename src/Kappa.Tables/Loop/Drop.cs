using Kappa.Log;

namespace Kappa.Tables.Loop;

/// <summary>Deletes a version's tables for ever (rule V8). Its number is never used again.</summary>
public sealed class Drop(Journal journal, IVersions versions, ITableStore store, TimeProvider time)
{
    private readonly Reconciliation _reconciliation = new(journal, versions, store, time);

    /// <summary>
    /// Drops a version: a Ready one retires first, a reprocessing one is stopped. Repeating it, after a crash in the
    /// middle, finishes it.
    /// </summary>
    /// <param name="version">The version.</param>
    /// <param name="by">Who asks for it.</param>
    /// <param name="cancel">
    /// Ends the waiting; what was recorded stays and is finished at the next start or command.
    /// </param>
    /// <param name="discard">
    /// Give up what it said while it was live and the relay has not copied yet, instead of waiting for the relay.
    /// </param>
    /// <exception cref="KappaException">Conflict: readers see it, or a switch it is part of is undecided.</exception>
    public async ValueTask RunAsync(
        JobVersion version, string by, CancellationToken cancel, bool discard = false)
    {
        await journal.SettleAsync(cancel).ConfigureAwait(false);
        var found = journal.Catalog.Find(version) ?? throw new KappaException(
            ErrorKind.NotFound, $"There is no version {version}.", "Run 'kappa jobs' for the versions there are.");
        if (journal.Catalog.Live(version.Job)?.Version == version)
        {
            throw new KappaException(
                ErrorKind.Conflict, $"{version} is live: readers see its tables.", "Switch to another version first.");
        }

        if (journal.Catalog.ReaderOf(version) is { } reader)
        {
            throw new KappaException(
                ErrorKind.Conflict, $"{reader} reads what {version} says.",
                $"Reprocess '{reader.Job}', which then reads the live version, and drop {reader} first.");
        }

        if (found.State != VersionState.Dropped && !discard)
        {
            await versions.RelayedAsync(version, cancel).ConfigureAwait(false);
        }

        if (found.State == VersionState.Ready)
        {
            await journal.AppendAsync(new VersionRetired(version, "drop") { By = by }, cancel).ConfigureAwait(false);
        }

        if (found.State != VersionState.Dropped)
        {
            await journal.AppendAsync(new VersionDropped(version) { By = by }, cancel).ConfigureAwait(false);
        }

        // The run stops before its file goes: a writer never sees its table vanish.
        await _reconciliation.StartAndStopAsync(cancel).ConfigureAwait(false);
        await store.DropAsync(version, cancel).ConfigureAwait(false);
    }
}
