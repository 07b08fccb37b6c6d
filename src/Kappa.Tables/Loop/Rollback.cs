using Kappa.Log;

namespace Kappa.Tables.Loop;

/// <summary>
/// A switch back to the version that was live before (rule V5): instant, and fresh, because it kept running.
/// </summary>
public sealed class Rollback(Journal journal, IVersions versions, ITableStore store, TimeProvider time)
{
    private readonly Switch _switch = new(journal, versions, store, time);

    /// <summary>
    /// Rolls back. With <paramref name="leave"/> the command may be repeated after a crash: where that version is no
    /// longer live, it was left, and nothing happens.
    /// </summary>
    /// <param name="job">The job.</param>
    /// <param name="leave">The version that is live now and shall be left; null: whichever is live.</param>
    /// <param name="deadline">When the switch back is abandoned, UTC.</param>
    /// <param name="by">Who asks for it.</param>
    /// <param name="cancel">
    /// Ends the waiting; the switch itself stays and is finished at the next start or command.
    /// </param>
    /// <exception cref="KappaException">Conflict: there is no earlier live version, or it no longer runs.</exception>
    public async ValueTask<SwitchOutcome> RunAsync(
        string job, JobVersion? leave, DateTimeOffset deadline, string by, CancellationToken cancel)
    {
        await journal.SettleAsync(cancel).ConfigureAwait(false);
        var catalog = journal.Catalog;
        if (catalog.PendingSwitch is { Record.Purpose: "rollback" } pending && pending.Record.To.Any(v => v.Job == job))
        {
            return await _switch.RunAsync(pending.Record.To, deadline, "rollback", by, cancel).ConfigureAwait(false);
        }

        var live = catalog.Live(job) ?? throw new KappaException(
            ErrorKind.Conflict, $"No version of '{job}' is live.", "Run 'kappa jobs' for the jobs there are.");
        var before = catalog.PreviousLive(job);
        if (leave is not null && live.Version != leave)
        {
            return before?.Version == leave
                ? await _switch.RunAsync([live.Version], deadline, "rollback", by, cancel).ConfigureAwait(false)
                : throw new KappaException(
                    ErrorKind.Conflict, $"{leave} is not live; {live.Version} is.",
                    "Look at 'kappa jobs' and name the live one.");
        }

        if (before is null)
        {
            throw new KappaException(
                ErrorKind.Conflict, $"No version of '{job}' was live before {live.Version}.",
                "Deploy the code you want back: it becomes a new version.");
        }

        return before.State == VersionState.Ready
            ? await _switch.RunAsync([before.Version], deadline, "rollback", by, cancel).ConfigureAwait(false)
            : throw new KappaException(
                ErrorKind.Conflict,
                $"{before.Version}, live before {live.Version}, is {before.State.ToString().ToLowerInvariant()}: "
                + "it no longer runs.",
                $"Reprocess the code of {before.Version} as a new version and switch to that.");
    }
}
