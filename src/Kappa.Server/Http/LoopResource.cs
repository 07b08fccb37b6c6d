using Kappa.Client;
using Kappa.Log;
using Kappa.Tables;
using Kappa.Tables.Loop;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Kappa.Server.Http;

/// <summary>The verbs of the loop: diff, switch, rollback, drop.</summary>
internal static class LoopResource
{
    private const int SamplesMax = 1_000;
    private const double DeadlineSecondsMax = 86_400;

    public static void Map(IEndpointRouteBuilder routes, Platform platform)
    {
        // The types are written out on purpose: else a lambda of the context alone would be taken for one without a
        // result.
        routes.MapPost("/v1/diff", Task<IResult> (HttpContext context) => DiffAsync(platform, context));
        routes.MapPost("/v1/switch", Task<IResult> (HttpContext context) => SwitchAsync(platform, context));
        routes.MapPost(
            "/v1/jobs/{job}/rollback", (string job, HttpContext context) => RollbackAsync(platform, job, context));
        routes.MapPost("/v1/drop", Task<IResult> (HttpContext context) => DropAsync(platform, context));
    }

    private static async Task<IResult> DiffAsync(Platform platform, HttpContext context)
    {
        var request = await Body.ReadAsync<DiffRequest>(context);
        if (request.Samples is < 0 or > SamplesMax)
        {
            throw new KappaException(
                ErrorKind.Invalid, $"samples is {request.Samples}; allowed are 0 to {SamplesMax}.",
                "Leave it out for 10.");
        }

        var catalog = platform.Journal.Catalog;
        var (left, right) =
            (catalog.ResolveVersion(request.Left).Version, catalog.ResolveVersion(request.Right).Version);
        var result = await platform.Diff.RunAsync(left, right, request.Samples, context.RequestAborted);
        return Body.Answer(new DiffAnswer(
            left.ToString(), right.ToString(), result.At.ToString(), result.IsSame, [.. result.Tables.Select(View)]));
    }

    private static async Task<IResult> SwitchAsync(Platform platform, HttpContext context)
    {
        var request = await Body.ReadAsync<SwitchRequest>(context);
        if (request.DeadlineSeconds is not (>= 1 and <= DeadlineSecondsMax))
        {
            throw new KappaException(
                ErrorKind.Invalid,
                $"deadlineSeconds is {request.DeadlineSeconds}; allowed are 1 to {DeadlineSecondsMax}.",
                "Leave it out for 60.");
        }

        var catalog = platform.Journal.Catalog;
        var to = request.To.Select(version => catalog.ResolveVersion(version).Version).Distinct().ToList();
        var deadline = platform.Options.Time.GetUtcNow().AddSeconds(request.DeadlineSeconds);
        return Answer(to, await platform.Switch.RunAsync(
            to, deadline, Caller.Name(context), context.RequestAborted, request.PublishHistory));
    }

    private static async Task<IResult> RollbackAsync(Platform platform, string job, HttpContext context)
    {
        JobsResource.Check(platform.Journal.Catalog, job);
        var deadline = platform.Options.Time.GetUtcNow().AddMinutes(1);
        var leave = context.Request.Query["leave"] is [{ Length: > 0 } named] ? JobVersion.Parse(named) : null;
        var outcome =
            await platform.Rollback.RunAsync(job, leave, deadline, Caller.Name(context), context.RequestAborted);
        return Answer([platform.Journal.Catalog.Live(job)!.Version], outcome);
    }

    private static async Task<IResult> DropAsync(Platform platform, HttpContext context)
    {
        var request = await Body.ReadAsync<VersionRequest>(context);
        var version = platform.Journal.Catalog.ResolveVersion(request.Version).Version;
        await platform.Drop.RunAsync(version, Caller.Name(context), context.RequestAborted, request.Discard);
        return Body.Answer(
            new LoopAnswer($"{version} is dropped; its number is never used again.", [version.ToString()], null));
    }

    private static IResult Answer(List<JobVersion> asked, SwitchOutcome outcome)
    {
        var named = string.Join(", ", outcome.To);
        if (!outcome.Happened)
        {
            throw new KappaException(
                ErrorKind.Conflict, $"The switch to {named} was given up: {outcome.Reason}",
                "See 'kappa jobs', and try again.");
        }

        var back = string.Join(", ", asked.Select(version => $"'kappa rollback {version.Job}'"));
        return Body.Answer(new LoopAnswer(
            (outcome.Id.Length == 0
                ? $"Readers see {named} already."
                : $"Readers see {named} from {outcome.At} on; go back with {back}.")
                + OutputHistory.Text(outcome.History),
            [.. outcome.To.Select(version => version.ToString())],
            outcome.Id.Length == 0 ? null : outcome.At.ToString()));
    }

    private static TableDiffView View(TableDiff table) => new(
        table.Table, table.Presence, table.Same, table.Changed, table.OnlyLeft, table.OnlyRight,
        [.. table.Columns.Select(column => new ColumnDiffView(
            column.Column, column.Type, column.Presence, column.Changed,
            column.Delta is { } delta ? new DeltaView(delta.Count, delta.Minimum, delta.Maximum, delta.Sum) : null))],
        [.. table.Samples.Select(row => new RowDiffView(row.Change, row.Key, row.Left, row.Right))]);
}
