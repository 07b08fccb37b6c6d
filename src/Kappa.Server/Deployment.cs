using System.Globalization;
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
    private readonly SameCode _sameCode = new(platform);

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
                CheckHistory(built, request.PublishHistory);
                var (answers, said) = (new List<DeployedJob>(), new SaidTopics());
                foreach (var job in graph.Upstream(built.Select(one => one.Job)))
                {
                    answers.Add(await DeployAsync(
                        artifact, built.Single(one => one.Job == job), said, request, by, cancel));
                }

                var along = await _sameCode.TakeAlongAsync(
                    said, built.Select(one => one.Job), request.Plan, by, cancel);
                return new DeployAnswer(request.Plan, [.. answers, .. along.Select(Along)]);
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

    /// <summary>
    /// Makes the next version of a job from the code it has, and of what reads it live, to be switched along.
    /// </summary>
    /// <param name="job">The job.</param>
    /// <param name="reads">The versions whose outputs it shall read; of other jobs it reads the live ones.</param>
    /// <param name="publishHistory">Shall the world hear its new outputs from the first record on (rule E3)?</param>
    /// <param name="by">Who asks for it.</param>
    /// <param name="cancel">Ends the waiting; what was recorded stays.</param>
    public async Task<IReadOnlyList<VersionMade>> ReprocessAsync(
        string job, IReadOnlyList<JobVersion> reads, bool publishHistory, string by, CancellationToken cancel)
    {
        await _turn.WaitAsync(cancel);
        try
        {
            return await _sameCode.ReprocessAsync(job, reads, publishHistory, by, cancel);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Does something while no version is made.</summary>
    public async Task AloneAsync(Func<CancellationToken, Task> act, CancellationToken cancel)
    {
        await _turn.WaitAsync(cancel);
        try
        {
            await act(cancel);
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

    /// <summary>Refuses a history that cannot be published, before anything is made (rule E3).</summary>
    private void CheckHistory(List<BuiltJob> built, bool publishHistory)
    {
        var catalog = platform.Journal.Catalog;
        if (publishHistory)
        {
            catalog.CheckHistory(
                [.. built.SelectMany(one => one.Topology.Outputs).Select(output => output.Topic)],
                string.Join(", ", built.Select(one => one.Job)));
        }

        // What is being made from this code already goes on as it was asked for, unless more is asked for now.
        foreach (var one in built.Where(one => publishHistory || !catalog.Versions.Any(version =>
            version.State == VersionState.Reprocessing && version.Made.Fingerprint == one.Fingerprint.Hash)))
        {
            catalog.CheckAgreed(one.Job, one.Topology.Outputs, publishHistory);
        }
    }

    private async Task<DeployedJob> DeployAsync(
        Artifact artifact, BuiltJob built, SaidTopics said, DeployRequest request, string by,
        CancellationToken cancel)
    {
        var catalog = platform.Journal.Catalog;
        var live = catalog.Live(built.Job);
        var (topology, hash) = (built.Topology, built.Fingerprint.Hash);
        await platform.Retaining.AskAsync(topology.Topics, cancel);
        var missing = topology.Topics.Where(topic => catalog.OutputOwner(topic) is null
            && platform.Log.Topics.All(known => known.Name != topic)).ToList();
        var settings = VersionSettings.Resolve(catalog, topology.Topics, said.ByTopic, platform.Log.Topics);
        var known = Known(catalog, built.Job, hash, settings);
        var end = await platform.EndAsync(topology.Topics);
        foreach (var topic in topology.PreloadedTopics)
        {
            settings.Set(VersionMade.PreloadSetting(topic, known?.Made.Preloads.GetValueOrDefault(topic) ?? end));
        }

        var version = known?.Version ?? new JobVersion(built.Job, catalog.NextNumber(built.Job));
        said.Add(version, topology.Outputs);
        var made = known?.Made ?? new VersionMade(
            version, artifact.Id, hash, topology.Tables, topology.Topics, settings, end)
        {
            By = by,
            Outputs = topology.Outputs,
            PublishHistory = request.PublishHistory && topology.Outputs.Count > 0,
        };
        if (known is null && !request.Plan)
        {
            foreach (var topic in missing)
            {
                await platform.Log.ChangeAsync(new CreateTopic(topic), cancel);
            }

            platform.Fingerprints.Keep(built.Fingerprint);
            await platform.Reprocess.RunAsync(made, cancel);
        }

        var (outcome, text) = Outcome(known, live, version, request.Plan);
        text += OutputHistory.Unheard(platform.Journal.Catalog, made, request.PublishHistory);
        IReadOnlyList<string> changes = live is null ? []
            : [.. platform.Fingerprints.Explain(live.Made.Fingerprint, built.Fingerprint),
                .. VersionSettings.Changes(live.Made, settings)];
        return new DeployedJob(
            built.Job, version.ToString(), outcome, text, changes, [.. topology.Tables.Select(table => table.Name)],
            topology.Topics, known is null ? missing : [],
            Records(topology.Topics),
            [.. topology.Outputs.Select(output => output.DerivedBy(version))],
            topology.PreloadedTopics.ToDictionary(
                topic => topic, topic => settings[VersionMade.PreloadSetting(topic, end).Key]),
            platform.Retaining.EarliestOf(topology.Topics)?.ToString())
        {
            History = OutputHistory.Of(platform.Journal.Catalog, [made]),
        };
    }

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

    private DeployedJob Along(VersionMade made)
    {
        var live = platform.Journal.Catalog.Live(made.Version.Job)!;
        var upstream = string.Join(", ", made.Upstreams.Values
            .Where(one => platform.Journal.Catalog.Live(one.Job)?.Version != one).Distinct());
        return new DeployedJob(
            made.Version.Job, made.Version.ToString(), "along",
            $"reads {upstream} with the code of {live.Version}: a switch to {upstream} takes it along",
            [.. VersionSettings.Changes(live.Made, new(made.Settings))], [.. made.Tables.Select(table => table.Name)],
            made.Topics, [], Records(made.Topics), [.. made.Outputs.Select(output => output.DerivedBy(made.Version))],
            made.Preloads.ToDictionary(one => one.Key, one => one.Value.ToString()),
            platform.Retaining.EarliestOf([.. made.Topics])?.ToString());
    }

    private long Records(IReadOnlyList<string> topics) =>
        platform.Log.Topics.Where(topic => topics.Contains(topic.Name)).Sum(topic => topic.Records);

    private sealed record BuiltJob(string Job, Topology Topology, Fingerprint Fingerprint);
}
