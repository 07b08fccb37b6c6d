using Kappa.Client;
using Kappa.Log;
using Kappa.Streams.Fingerprints;
using Kappa.Tables;
using Kappa.Tables.Loop;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Kappa.Server.Http;

/// <summary>Jobs, their versions and how far each is.</summary>
internal static class JobsResource
{
    public static void Map(IEndpointRouteBuilder routes, Platform platform)
    {
        routes.MapGet("/v1/jobs", () =>
        {
            var catalog = platform.Journal.Catalog;
            return Body.Answer(catalog.Jobs.Select(job => View(platform, catalog, job)));
        });
        routes.MapGet("/v1/jobs/{job}", (string job) =>
        {
            var catalog = platform.Journal.Catalog;
            Check(catalog, job);
            return Body.Answer(View(platform, catalog, job));
        });
        routes.MapPost("/v1/jobs/{job}/reprocess", async (string job, HttpContext context) =>
        {
            Check(platform.Journal.Catalog, job);
            var reads = context.Request.Query["reads"].OfType<string>().Select(JobVersion.Parse).Distinct().ToList();
            var publish = QueryFlag.Read(context, "publish-history");
            var all = await platform.Deployment.ReprocessAsync(
                job, reads, publish, Caller.Name(context), context.RequestAborted);
            var made = all[0].Version;
            var live = platform.Journal.Catalog.Live(job)?.Version;
            var next = live is null || live == made
                ? $"watch it with 'kappa jobs {job}'"
                : $"when it is caught up, compare with 'kappa diff {live} {made}'";
            var along = all.Count == 1 ? ""
                : $" {string.Join(", ", all.Skip(1).Select(one => one.Version))} will read it: a switch takes both.";
            return Body.Answer(new LoopAnswer(
                $"{made} reprocesses the log from its start; {next}.{along}"
                    + OutputHistory.Text(OutputHistory.Of(platform.Journal.Catalog, all)),
                [.. all.Select(one => one.Version.ToString())], null));
        });
    }

    /// <summary>Throws where there is no such job.</summary>
    public static void Check(Catalog catalog, string job)
    {
        Names.Check("job", job);
        if (!catalog.Jobs.Contains(job))
        {
            throw new KappaException(
                ErrorKind.NotFound, $"There is no job '{job}'.",
                catalog.Jobs.Any()
                    ? $"There are: {string.Join(", ", catalog.Jobs)}."
                    : "Deploy one with 'kappa deploy'.");
        }
    }

    private static JobView View(Platform platform, Catalog catalog, string job)
    {
        var live = catalog.Live(job)?.Version;
        var versions = catalog.Versions.Where(version => version.Version.Job == job).ToList();
        var newest = versions[^1].Made;
        var topics = newest.Topics.Where(topic => !newest.Upstreams.ContainsKey(topic)).ToList();
        var earliest = platform.Retaining.EarliestOf(topics);
        var soon = platform.Retaining.EarliestOf(topics, soon: true);
        return new JobView(
            job, live?.ToString(), [.. versions.Select(version => View(platform, version, version.Version == live))],
            earliest?.ToString(), soon == earliest ? null : soon?.ToString());
    }

    private static VersionView View(Platform platform, CatalogVersion version, bool live) => new(
        version.Version.ToString(), version.State.ToString(), live, version.Made.Artifact, version.Made.Fingerprint,
        [.. version.Made.Tables.Select(table => table.Name)], version.Made.Topics,
        ErrorOf(platform, version), View(platform.Versions.ProgressOf(version.Version)),
        version.Runs ? EnvironmentChanges(version, FingerprintEnvironment.Current()) : [],
        [.. version.Made.Outputs.Select(output => output.DerivedBy(version.Version))],
        version.Made.Preloads.ToDictionary(one => one.Key, one => one.Value.ToString()));

    /// <summary>What differs from the environment a version was made in (rule V2).</summary>
    internal static IReadOnlyList<string> EnvironmentChanges(
        CatalogVersion version, IReadOnlyDictionary<string, string> now) =>
        [.. now.Where(part => version.Made.Settings.TryGetValue(part.Key, out var then) && then != part.Value)
            .Select(part => $"{part.Key}: {version.Made.Settings[part.Key]} -> {part.Value}")];

    /// <summary>What stopped it, or the alarm of one that runs (rule C2).</summary>
    private static string? ErrorOf(Platform platform, CatalogVersion version) =>
        (version.Error ?? platform.Versions.ProgressOf(version.Version)?.Error) is { } error
            ? platform.WithoutPaths(error) : null;

    private static ProgressView? View(VersionProgress? progress) => progress is null ? null : new ProgressView(
        progress.Committed.ToString(), progress.Watermark, progress.RecordsDone, progress.RecordsTotal,
        double.IsFinite(progress.RecordsPerSecond) ? progress.RecordsPerSecond : 0, progress.Eta?.TotalSeconds,
        progress.Late, progress.Dead, progress.Holding, progress.StateBytes, progress.SpilledBytes);
}
