using System.Globalization;
using System.Runtime.InteropServices;
using Kappa.Client;
using Kappa.Log;
using Kappa.Server.Programs;
using Kappa.Streams;
using Kappa.Streams.Fingerprints;
using Kappa.Tables;
using Kappa.Tables.Loop;

namespace Kappa.Server;

/// <summary>
/// Makes versions of the jobs of an artifact (rule V1): the live fingerprint changes nothing, that of a running version
/// offers the switch or goes on, any other makes the next number. One deployment at a time.
/// </summary>
internal sealed class Deployment(Platform platform) : IDisposable
{
    private readonly SemaphoreSlim _turn = new(1, 1);

    /// <summary>Deploys, or plans to.</summary>
    public async Task<DeployAnswer> RunAsync(DeployRequest request, string by, CancellationToken cancel)
    {
        await _turn.WaitAsync(cancel);
        try
        {
            // Rule V2: static constructors and definitions run as the job will; the caller's culture is not changed.
            CultureInfo.CurrentCulture = CultureInfo.CurrentUICulture = CultureInfo.InvariantCulture;
            var artifact = platform.Artifacts.Get(request.Artifact);
            var library = JobLibrary.Load("deploy", artifact);
            try
            {
                // Every job is built and checked before the first version is made: all or none.
                var built = Build(library, request.Jobs ?? library.Names);
                CheckTables(built);
                var pairs = built.Select(one => (one.Job, one.Topology)).ToList();
                var graph = new JobGraph(platform.Journal.Catalog, pairs);
                graph.Check(pairs, platform.Log.Topics);
                var answers = new List<DeployedJob>();
                foreach (var job in graph.Upstream(built.Select(one => one.Job)))
                {
                    answers.Add(await DeployAsync(
                        artifact, built.Single(one => one.Job == job), request.Plan, by, cancel));
                }

                return new DeployAnswer(request.Plan, answers);
            }
            finally
            {
                library.Unload();
            }
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Makes the next version of a job from the artifact of its live version, or of its newest one.</summary>
    public async Task<CatalogVersion> ReprocessAsync(string job, string by, CancellationToken cancel)
    {
        await _turn.WaitAsync(cancel);
        try
        {
            var catalog = platform.Journal.Catalog;
            var source = catalog.Live(job)
                ?? catalog.Versions.LastOrDefault(version => version.Version.Job == job)
                ?? throw new KappaException(
                    ErrorKind.NotFound, $"There is no job '{job}'.",
                    "See 'kappa jobs'; deploy it with 'kappa deploy'.");
            var settings = Settings(catalog, source.Made.Topics);
            foreach (var (topic, place) in source.Made.Preloads)
            {
                // Rule O3: a reprocess keeps the place, so that the same code gives the same tables.
                Set(settings, VersionMade.PreloadSetting(topic, place));
            }

            var made = source.Made with
            {
                Version = new JobVersion(job, catalog.NextNumber(job)),
                Settings = settings,
                Target = await EndAsync(source.Made.Topics),
                By = by,
            };
            return await platform.Reprocess.RunAsync(made, cancel);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _turn.Dispose();

    private static List<BuiltJob> Build(JobLibrary library, IReadOnlyList<string> jobs)
    {
        var built = new List<BuiltJob>();
        foreach (var job in jobs.Distinct(StringComparer.Ordinal))
        {
            var topology = library.Build(Names.Check("job", job));
            built.Add(new BuiltJob(job, topology, FingerprintStore.Of(topology, library.Context)));
        }

        return built;
    }

    private void CheckTables(List<BuiltJob> built)
    {
        var owners = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var other in platform.Journal.Catalog.Versions.Where(version => version.State != VersionState.Dropped))
        {
            foreach (var table in other.Made.Tables)
            {
                owners.TryAdd(table.Name, other.Version.Job);
            }
        }

        var tables = built.SelectMany(one => one.Topology.Tables.Select(table => (one.Job, table.Name)));
        foreach (var (job, table) in tables)
        {
            if (owners.TryGetValue(table, out var owner) && owner != job)
            {
                throw new KappaException(
                    ErrorKind.Conflict, $"The table '{table}' of job '{job}' belongs to job '{owner}' already.",
                    "Give one of the tables another name in ToTable.");
            }

            owners[table] = job;
        }
    }

    private async Task<DeployedJob> DeployAsync(
        Artifact artifact, BuiltJob built, bool plan, string by, CancellationToken cancel)
    {
        var catalog = platform.Journal.Catalog;
        var live = catalog.Live(built.Job);
        var (topology, hash) = (built.Topology, built.Fingerprint.Hash);
        var missing = topology.Topics.Where(topic => catalog.OutputOwner(topic) is null
            && platform.Log.Topics.All(known => known.Name != topic)).ToList();
        var settings = Settings(catalog, topology.Topics);
        var known = Known(catalog, built.Job, hash, settings);
        var end = await EndAsync(topology.Topics);
        foreach (var topic in topology.PreloadedTopics)
        {
            Set(settings, VersionMade.PreloadSetting(topic, known?.Made.Preloads.GetValueOrDefault(topic) ?? end));
        }

        var version = known?.Version ?? new JobVersion(built.Job, catalog.NextNumber(built.Job));
        if (known is null && !plan)
        {
            foreach (var topic in missing)
            {
                await platform.Log.ChangeAsync(new CreateTopic(topic), cancel);
            }

            platform.Fingerprints.Keep(built.Fingerprint);
            var made = new VersionMade(
                version, artifact.Id, hash, topology.Tables, topology.Topics, settings, end)
            {
                By = by,
                Outputs = topology.Outputs,
            };
            await platform.Reprocess.RunAsync(made, cancel);
        }

        var (outcome, text) = Outcome(known, live, version, plan);
        IReadOnlyList<string> changes = live is null ? []
            : [.. platform.Fingerprints.Explain(live.Made.Fingerprint, built.Fingerprint),
                .. SettingChanges(live.Made, settings)];
        return new DeployedJob(
            built.Job, version.ToString(), outcome, text, changes, [.. topology.Tables.Select(table => table.Name)],
            topology.Topics, known is null ? missing : [],
            platform.Log.Topics.Where(topic => topology.Topics.Contains(topic.Name)).Sum(topic => topic.Records),
            [.. topology.Outputs.Select(output => output.DerivedBy(version))],
            topology.PreloadedTopics.ToDictionary(
                topic => topic, topic => settings[VersionMade.PreloadSetting(topic, end).Key]));
    }

    private static void Set(Dictionary<string, string> settings, KeyValuePair<string, string> setting) =>
        settings[setting.Key] = setting.Value;

    /// <summary>The version this fingerprint belongs to, the live one first.</summary>
    private static CatalogVersion? Known(
        Catalog catalog, string job, string hash, Dictionary<string, string> settings) => catalog.Versions
        .Where(version => version.Version.Job == job && version.Runs && version.Made.Fingerprint == hash
            && version.Made.Upstreams.All(one =>
                settings.Contains(VersionMade.UpstreamSetting(one.Key, one.Value))))
        .OrderBy(version => version.State switch { VersionState.Live => 0, VersionState.Ready => 1, _ => 2 })
        .ThenByDescending(version => version.Version.Number)
        .FirstOrDefault();

    private static (string Outcome, string Text) Outcome(
        CatalogVersion? known, CatalogVersion? live, JobVersion version, bool plan) => known switch
        {
            { State: VersionState.Live } => ("unchanged", "is live with this code already: nothing to do"),
            { State: VersionState.Ready } => (
                "switchable", $"runs with this code already: show it to readers with 'kappa switch {version}'"),
            { } => ("resumed", "is being made from this code already, and goes on"),
            null when live is null => (
                "made", $"{Would(plan)} made, the first of its job: it goes live by itself when it is caught up"),
            null => (
                "made", $"{Would(plan)} made beside {live.Version}: "
                    + $"compare with 'kappa diff {live.Version} {version}', then 'kappa switch {version}'"),
        };

    private static string Would(bool plan) => plan ? "would be" : "is";

    private async Task<Place> EndAsync(IReadOnlyList<string> topics)
    {
        // A topic that another job has yet to say has no end of its own.
        var there = platform.Log.Topics.Select(topic => topic.Name).Intersect(topics).ToList();
        await using var sequence = platform.Log.Read(there, Place.Start);
        return sequence.CompleteTo;
    }

    /// <summary>
    /// Recorded with a version: the environment, and of each topic another job says the version it reads (rule E2): the
    /// live one, else the newest that runs.
    /// </summary>
    private static Dictionary<string, string> Settings(Catalog catalog, IReadOnlyList<string> topics)
    {
        var settings = Environment();
        foreach (var topic in topics)
        {
            if (catalog.OutputOwner(topic) is { } job)
            {
                var upstream = (catalog.Live(job) is { } live && Says(live, topic) ? live : null)
                    ?? catalog.Versions.LastOrDefault(version =>
                        version.Version.Job == job && version.Runs && Says(version, topic))
                    ?? throw new KappaException(
                        ErrorKind.Conflict, $"No running version of job '{job}' says topic '{topic}' any more.",
                        $"Deploy a version of '{job}' that does, or read another topic.");
                var (name, value) = VersionMade.UpstreamSetting(topic, upstream.Version);
                settings[name] = value;
            }
        }

        return settings;
    }

    private static bool Says(CatalogVersion version, string topic) =>
        version.Made.Outputs.Any(output => output.Topic == topic);

    /// <summary>What it reads of others, and up to where first, where that is not as it was.</summary>
    private static IEnumerable<string> SettingChanges(VersionMade was, Dictionary<string, string> now) =>
        was.Upstreams.Select(one => VersionMade.UpstreamSetting(one.Key, one.Value))
            .Concat(was.Preloads.Select(one => VersionMade.PreloadSetting(one.Key, one.Value)))
            .Where(one => now.TryGetValue(one.Key, out var other) && other != one.Value)
            .Select(one => $"{one.Key}: {one.Value} -> {now[one.Key]}");

    /// <summary>What is recorded but not part of the fingerprint (rule V2).</summary>
    private static Dictionary<string, string> Environment() => new(FingerprintEnvironment.Current())
    {
        ["kappa"] = Platform.ProductVersion,
        ["os"] = RuntimeInformation.RuntimeIdentifier,
    };

    private sealed record BuiltJob(string Job, Topology Topology, Fingerprint Fingerprint);
}
