using System.Security.Cryptography;
using Kappa.Log;

namespace Kappa.Tables.Loop;

/// <summary>
/// Compares all tables of two versions of a job at exactly one place (rule V4): both end a transaction at the mark that
/// this writes into the journal, so that what differs comes from their code and from nothing else.
/// </summary>
public sealed class Diff(Journal journal, IVersions versions, ITableStore store, TimeProvider time)
{
    private readonly Reconciliation _reconciliation = new(journal, versions, store, time);

    /// <summary>Compares. Nothing depends on it, so a repeated one simply compares again, at a new mark.</summary>
    /// <param name="left">The version compared from.</param>
    /// <param name="right">The version compared with, of the same job.</param>
    /// <param name="samplesMax">Sample rows per table at most, 0 or more.</param>
    /// <param name="cancel">Ends the comparison; both versions run on.</param>
    /// <exception cref="KappaException">
    /// Conflict: a version has stopped and cannot be brought to where the other one is. Invalid: different jobs.
    /// </exception>
    public async ValueTask<DiffResult> RunAsync(
        JobVersion left, JobVersion right, int samplesMax, CancellationToken cancel)
    {
        if (left.Job != right.Job || left == right)
        {
            throw new KappaException(
                ErrorKind.Invalid, $"A diff compares two versions of one job, not {left} and {right}.",
                "Name two versions of the same job, for example 'orders@1 orders@2'.");
        }

        await journal.SettleAsync(cancel).ConfigureAwait(false);
        await _reconciliation.StartAndStopAsync(cancel).ConfigureAwait(false);
        var (one, other) = await MeetAsync(left, right, cancel).ConfigureAwait(false);
        await using var disposeOne = one.ConfigureAwait(false);
        await using var disposeOther = other.ConfigureAwait(false);
        return await CompareAsync(one, other, samplesMax, cancel).ConfigureAwait(false);
    }

    /// <summary>Compares two states of one place, table by table.</summary>
    public static async ValueTask<DiffResult> CompareAsync(
        ITableSnapshot left, ITableSnapshot right, int samplesMax, CancellationToken cancel)
    {
        if (left.Place != right.Place)
        {
            throw NotOnePlace(left.Version, left.Place, right.Version, right.Place);
        }

        var names = left.Tables.Concat(right.Tables).Select(t => t.Name).Distinct().Order(StringComparer.Ordinal);
        var tables = new List<TableDiff>();
        foreach (var name in names)
        {
            var comparison = new TableComparison(
                left.Tables.FirstOrDefault(t => t.Name == name), right.Tables.FirstOrDefault(t => t.Name == name),
                samplesMax);
            tables.Add(await comparison.RunAsync(left, right, cancel).ConfigureAwait(false));
        }

        return new DiffResult(left.Version, right.Version, left.Place, tables);
    }

    private async ValueTask<(ITableSnapshot Left, ITableSnapshot Right)> MeetAsync(
        JobVersion left, JobVersion right, CancellationToken cancel)
    {
        var catalog = journal.Catalog;
        var (one, other) = (Existing(catalog, left), Existing(catalog, right));
        if (one.Runs && other.Runs)
        {
            return await AtMarkAsync(left, right, cancel).ConfigureAwait(false);
        }

        if (one.Runs || other.Runs)
        {
            var (stopped, runs) = one.Runs ? (other, one) : (one, other);
            throw new KappaException(
                ErrorKind.Conflict,
                $"{stopped.Version} is {stopped.State.ToString().ToLowerInvariant()}: it has stopped and cannot be "
                + $"brought to the place where {runs.Version} is.",
                $"Reprocess the code of {stopped.Version} as a new version and compare with that.");
        }

        var both = await BothAsync(
            store.ReadAsync(left, cancel).AsTask(), store.ReadAsync(right, cancel).AsTask()).ConfigureAwait(false);
        if (both.Left.Place == both.Right.Place)
        {
            return both;
        }

        await both.Left.DisposeAsync().ConfigureAwait(false);
        await both.Right.DisposeAsync().ConfigureAwait(false);
        throw NotOnePlace(left, both.Left.Place, right, both.Right.Place);
    }

    private async ValueTask<(ITableSnapshot Left, ITableSnapshot Right)> AtMarkAsync(
        JobVersion left, JobVersion right, CancellationToken cancel)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var id = RandomNumberGenerator.GetHexString(16, lowercase: true);
        var one = versions.SnapshotAtAsync(left, id, either.Token);
        var other = versions.SnapshotAtAsync(right, id, either.Token);
        Place mark;
        try
        {
            mark = await journal.AppendAsync(new Marked(id, [left, right], "diff"), cancel).ConfigureAwait(false);
        }
        catch
        {
            await either.CancelAsync().ConfigureAwait(false);
            await DisposeAsync(one, other).ConfigureAwait(false);
            throw;
        }

        var first = await Task.WhenAny(one, other).ConfigureAwait(false);
        if (!first.IsCompletedSuccessfully)
        {
            await either.CancelAsync().ConfigureAwait(false);
        }

        var both = await BothAsync(one, other).ConfigureAwait(false);
        if (both.Left.Place == mark && both.Right.Place == mark)
        {
            return both;
        }

        await DisposeAsync(one, other).ConfigureAwait(false);
        throw NotOnePlace(left, both.Left.Place, right, both.Right.Place);
    }

    /// <summary>Both snapshots, or neither: where one fails the other is disposed.</summary>
    private static async ValueTask<(ITableSnapshot Left, ITableSnapshot Right)> BothAsync(
        Task<ITableSnapshot> left, Task<ITableSnapshot> right)
    {
        try
        {
            await Task.WhenAll(left, right).ConfigureAwait(false);
            return (await left.ConfigureAwait(false), await right.ConfigureAwait(false));
        }
        catch
        {
            await DisposeAsync(left, right).ConfigureAwait(false);
            throw;
        }
    }

    private static async ValueTask DisposeAsync(params Task<ITableSnapshot>[] snapshots)
    {
        foreach (var snapshot in snapshots)
        {
            await ((Task)snapshot).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (snapshot.IsCompletedSuccessfully)
            {
                await (await snapshot.ConfigureAwait(false)).DisposeAsync().ConfigureAwait(false);
            }
        }
    }

    private static CatalogVersion Existing(Catalog catalog, JobVersion version) =>
        catalog.Find(version) is { State: not VersionState.Dropped } found
            ? found
            : throw new KappaException(
                ErrorKind.NotFound, $"There are no tables of {version}.",
                "Run 'kappa jobs' for the versions there are.");

    private static KappaException NotOnePlace(JobVersion left, Place leftAt, JobVersion right, Place rightAt) => new(
        ErrorKind.Conflict, $"{left} is at {leftAt} and {right} at {rightAt}: a diff needs one place.",
        "Reprocess the code of the one that has stopped, and compare with the new version.");
}
