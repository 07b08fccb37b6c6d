using System.Security.Cryptography;
using Kappa.Log;

namespace Kappa.Tables.Loop;

/// <summary>How a switch ended.</summary>
/// <param name="Id">The switch; empty where the versions were live already and nothing was recorded.</param>
/// <param name="Happened">Do readers see the new versions? Otherwise it was abandoned and nothing changed.</param>
/// <param name="At">H: the place where the old versions handed over to the new ones.</param>
/// <param name="Reason">Why it was abandoned, or null.</param>
/// <param name="To">Every version it moved readers to, those taken along too (rule E2).</param>
public sealed record SwitchOutcome(
    string Id, bool Happened, Place At, string? Reason, IReadOnlyList<JobVersion> To)
{
    /// <summary>The outputs of which the world hears everything from the first record on (rule E3).</summary>
    public IReadOnlyList<string> History { get; init; } = [];
}

/// <summary>
/// Moves readers from the live versions of some jobs to others, all at once (rule V6): the old ones hold at the mark
/// until the new ones have reached it, so that positions never go back. What reads the old ones moves along (rule E2).
/// </summary>
public sealed class Switch(Journal journal, IVersions versions, ITableStore store, TimeProvider time)
{
    private readonly Reconciliation _reconciliation = new(journal, versions, store, time);

    /// <summary>
    /// Switches. Repeating the command, after a crash in the middle, finishes the switch it began; where the versions
    /// are live already nothing happens.
    /// </summary>
    /// <param name="to">The versions readers shall see: Ready, one per job, moved together.</param>
    /// <param name="deadline">When the switch is abandoned, UTC.</param>
    /// <param name="by">Who asks for it.</param>
    /// <param name="cancel">
    /// Ends the waiting; the switch itself stays and is finished at the next start or command.
    /// </param>
    /// <param name="publishHistory">
    /// Let the world hear from the first record on those outputs that no version said to it before (rule E3).
    /// </param>
    /// <exception cref="KappaException">
    /// Conflict: a version is not Ready, one that has to move along is not there, another switch is undecided, or the
    /// outputs were said to the world already without their history. Invalid: there is nothing to publish.
    /// </exception>
    public ValueTask<SwitchOutcome> RunAsync(
        IReadOnlyList<JobVersion> to, DateTimeOffset deadline, string by, CancellationToken cancel,
        bool publishHistory = false) =>
        RunAsync(to, deadline, "switch", by, cancel, publishHistory);

    /// <summary>Finishes the switch that is under way, if there is one; otherwise returns null.</summary>
    public async ValueTask<SwitchOutcome?> ResumeAsync(CancellationToken cancel)
    {
        await journal.SettleAsync(cancel).ConfigureAwait(false);
        return journal.Catalog.PendingSwitch is { } pending
            ? await FinishAsync(pending, cancel).ConfigureAwait(false)
            : null;
    }

    internal async ValueTask<SwitchOutcome> RunAsync(
        IReadOnlyList<JobVersion> to, DateTimeOffset deadline, string purpose, string by, CancellationToken cancel,
        bool publishHistory = false)
    {
        await journal.SettleAsync(cancel).ConfigureAwait(false);
        var catalog = journal.Catalog;
        if (catalog.PendingSwitch is { } pending && to.Count > 0 && to.All(pending.Record.To.Contains))
        {
            RefuseOther(pending, publishHistory);
            return await FinishAsync(pending, cancel).ConfigureAwait(false);
        }

        if (catalog.PendingSwitch is null && to.Count > 0 && to.All(v => catalog.Live(v.Job)?.Version == v))
        {
            if (publishHistory)
            {
                var topics = to.SelectMany(v => catalog.Find(v)!.Made.Outputs).Select(output => output.Topic);
                catalog.CheckHistory([.. topics], string.Join(", ", to));
            }

            await EffectsAsync(cancel).ConfigureAwait(false);
            return new SwitchOutcome("", true, catalog.Owners(to[0].Job)[^1].After, null, to) { History = History(to) };
        }

        if (catalog.PendingSwitch is null)
        {
            to = catalog.WithDownstream(to);
        }

        var from = to.Select(v => catalog.Live(v.Job)?.Version).OfType<JobVersion>().ToList();
        var id = RandomNumberGenerator.GetHexString(16, lowercase: true);
        var record = new Switching(id, to, from, deadline.ToUniversalTime(), purpose)
        {
            By = by,
            PublishHistory = publishHistory,
        };
        var mark = await journal.AppendAsync(record, cancel).ConfigureAwait(false);
        return await FinishAsync(new PendingSwitch(record, mark), cancel).ConfigureAwait(false);
    }

    private async ValueTask<SwitchOutcome> FinishAsync(PendingSwitch pending, CancellationToken cancel)
    {
        var reason = await MeetAsync(pending, cancel).ConfigureAwait(false);
        var id = pending.Record.Id;
        var at = journal.Catalog.HandOver(pending);
        await journal.AppendAsync(
            reason is null ? new Switched(id, at) : new Abandoned(id, reason), cancel).ConfigureAwait(false);
        await EffectsAsync(cancel).ConfigureAwait(false);
        return new SwitchOutcome(id, reason is null, at, reason, pending.Record.To)
        {
            History = reason is null ? History(pending.Record.To) : [],
        };
    }

    private IReadOnlyList<string> History(IReadOnlyList<JobVersion> live) =>
        [.. live.SelectMany(v => journal.Catalog.Owners(v.Job)[^1].History)];

    /// <summary>A switch that began without the history does not finish as if it had been asked for.</summary>
    private static void RefuseOther(PendingSwitch pending, bool publishHistory)
    {
        if (publishHistory && !pending.Record.PublishHistory)
        {
            throw new KappaException(
                ErrorKind.Conflict,
                $"The switch to {string.Join(", ", pending.Record.To)} began without --publish-history, and is "
                + "undecided.",
                "Repeat it without; or wait until it is decided, and where it was given up switch again.");
        }
    }

    /// <summary>
    /// Waits until every version stands at the mark or beyond; returns why that did not come about, or null.
    /// </summary>
    private async ValueTask<string?> MeetAsync(PendingSwitch pending, CancellationToken cancel)
    {
        var left = pending.Record.Deadline - time.GetUtcNow();
        if (left <= TimeSpan.Zero)
        {
            return TooLate(pending);
        }

        using var deadline = new CancellationTokenSource(left, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancel, deadline.Token);
        try
        {
            foreach (var version in pending.Record.From)
            {
                await ReachAsync(version, pending.Mark, both.Token).ConfigureAwait(false);
            }

            foreach (var version in pending.Record.To)
            {
                if (await ReachAsync(version, pending.Mark, both.Token).ConfigureAwait(false) is { } error)
                {
                    return $"{version} failed: {error}";
                }
            }

            return null;
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested && !cancel.IsCancellationRequested)
        {
            return TooLate(pending);
        }
    }

    /// <summary>
    /// Waits until a version has committed up to the mark, or has failed: then its failure is in the journal, with what
    /// it had committed, and the error is returned. A failed owner hands over where it stopped (rule V6).
    /// </summary>
    private async ValueTask<string?> ReachAsync(JobVersion version, Place mark, CancellationToken cancel)
    {
        if (journal.Catalog.Find(version) is { State: VersionState.Failed } failed)
        {
            return failed.Error;
        }

        try
        {
            await versions.CommittedAsync(version, mark, cancel).ConfigureAwait(false);
            return null;
        }
        catch (KappaException error) when (error is not FencedException)
        {
            // Who is shut out says nothing of the version: its successor runs it, and decides the switch (rule C4).
            return await RecordFailureAsync(version, error, cancel).ConfigureAwait(false);
        }
    }

    private async ValueTask<string> RecordFailureAsync(
        JobVersion version, KappaException error, CancellationToken cancel)
    {
        if (journal.Catalog.Find(version) is { State: VersionState.Failed } known)
        {
            return known.Error ?? error.Message;
        }

        // The store's place is the authority on what a stopped version had said (rule C2).
        var snapshot = await store.ReadAsync(version, cancel).ConfigureAwait(false);
        var stopped = snapshot.Place;
        await snapshot.DisposeAsync().ConfigureAwait(false);
        try
        {
            await journal.AppendAsync(new VersionFailed(version, stopped, error.Message), cancel).ConfigureAwait(false);
        }
        catch (KappaException refused) when (refused.Kind == ErrorKind.Conflict
            && journal.Catalog.Find(version) is { State: VersionState.Failed })
        {
            // The engine recorded the same failure first.
        }

        return journal.Catalog.Find(version)?.Error ?? error.Message;
    }

    private string TooLate(PendingSwitch pending)
    {
        var late = pending.Record.Names
            .Where(v => versions.ProgressOf(v) is not { } progress || progress.Committed < pending.Mark)
            .Select(v => $"{v} at {versions.ProgressOf(v)?.Committed.ToString() ?? "a standstill"}").ToList();
        return $"The deadline {pending.Record.Deadline:u} passed before all versions had reached {pending.Mark}"
            + (late.Count == 0 ? "." : $": {string.Join(", ", late)}.");
    }

    private async ValueTask EffectsAsync(CancellationToken cancel)
    {
        await _reconciliation.PointAsync(cancel).ConfigureAwait(false);
        await _reconciliation.StartAndStopAsync(cancel).ConfigureAwait(false);
    }
}
