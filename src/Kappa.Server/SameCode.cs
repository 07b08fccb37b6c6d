using Kappa.Log;
using Kappa.Tables;
using Kappa.Tables.Loop;

namespace Kappa.Server;

/// <summary>
/// Makes the next version of a job from the code it has: asked for, or because a version comes whose outputs it reads,
/// so that both are switched together (rule E2).
/// </summary>
internal sealed class SameCode(Platform platform)
{
    /// <summary>The next version of a job, and then of what reads it.</summary>
    /// <exception cref="KappaException">
    /// NotFound: there is no such job or version. Invalid: it reads nothing that a version says.
    /// </exception>
    public async Task<IReadOnlyList<VersionMade>> ReprocessAsync(
        string job, IReadOnlyList<JobVersion> reads, bool publishHistory, string by, CancellationToken cancel)
    {
        var source = SourceOf(job);
        var said = new SaidTopics();
        foreach (var version in reads)
        {
            var upstream = Running(version);
            if (!upstream.Made.Outputs.Any(output => source.Made.Topics.Contains(output.Topic)))
            {
                throw new KappaException(
                    ErrorKind.Invalid,
                    $"'{job}' reads {string.Join(", ", source.Made.Topics)}, of which {version} says nothing.",
                    "Name a version of a job whose output it reads; 'kappa topics' shows whose each is.");
            }

            said.Add(version, upstream.Made.Outputs);
        }

        // Where none went live yet, the wish to publish its history is kept with the code.
        publishHistory |= source.Made.PublishHistory && platform.Journal.Catalog.Live(job) is null;
        var made = await MakeAsync(source, said, publishHistory, plan: false, by, cancel);
        said.Add(made.Version, made.Outputs);
        return [made, .. await TakeAlongAsync(said, [job, .. reads.Select(one => one.Job)], plan: false, by, cancel)];
    }

    /// <summary>
    /// Makes the next version of every job that reads, live, an older version of what is said, and so on down; those
    /// that are there already are left.
    /// </summary>
    /// <param name="said">The new versions; those made here are added.</param>
    /// <param name="except">Jobs that have their new version.</param>
    /// <param name="plan">Only say what would be made.</param>
    /// <param name="by">Who asks for it.</param>
    /// <param name="cancel">Ends the waiting; what was recorded stays.</param>
    public async Task<IReadOnlyList<VersionMade>> TakeAlongAsync(
        SaidTopics said, IEnumerable<string> except, bool plan, string by, CancellationToken cancel)
    {
        var done = except.ToHashSet(StringComparer.Ordinal);
        var all = new List<VersionMade>();
        var waiting = new Queue<JobVersion>(said.Versions);
        while (waiting.TryDequeue(out var upstream))
        {
            var catalog = platform.Journal.Catalog;
            var behind = catalog.LiveReaders(upstream.Job).Where(live => !done.Contains(live.Version.Job)
                && live.Made.Upstreams.Any(one => said.ByTopic.TryGetValue(one.Key, out var now) && now != one.Value)
                && catalog.ReaderIn(live.Version.Job, upstream) is null);
            foreach (var live in behind.ToList())
            {
                var made = await MakeAsync(live, said, publishHistory: false, plan, by, cancel);
                said.Add(made.Version, made.Outputs);
                done.Add(made.Version.Job);
                all.Add(made);
                waiting.Enqueue(made.Version);
            }
        }

        return all;
    }

    private CatalogVersion SourceOf(string job)
    {
        var catalog = platform.Journal.Catalog;
        return catalog.Live(job)
            ?? catalog.Versions.LastOrDefault(version => version.Version.Job == job)
            ?? throw new KappaException(
                ErrorKind.NotFound, $"There is no job '{job}'.", "See 'kappa jobs'; deploy it with 'kappa deploy'.");
    }

    private CatalogVersion Running(JobVersion version)
    {
        var found = platform.Journal.Catalog.Find(version) ?? throw new KappaException(
            ErrorKind.NotFound, $"There is no version {version}.", "Run 'kappa jobs' for the versions there are.");
        return found.Runs
            ? found
            : throw new KappaException(
                ErrorKind.Conflict, $"{version} is {found.State.ToString().ToLowerInvariant()}: it says nothing more.",
                $"Read a version of '{version.Job}' that runs; 'kappa jobs' shows them.");
    }

    private async Task<VersionMade> MakeAsync(
        CatalogVersion source, SaidTopics said, bool publishHistory, bool plan, string by, CancellationToken cancel)
    {
        await platform.Retaining.AskAsync(source.Made.Topics, cancel);
        var catalog = platform.Journal.Catalog;
        var settings = VersionSettings.Resolve(catalog, source.Made.Topics, said.ByTopic, platform.Log.Topics);
        foreach (var (topic, place) in source.Made.Preloads)
        {
            // Rule O3: a reprocess keeps the place, so that the same code gives the same tables.
            settings.Set(VersionMade.PreloadSetting(topic, place));
        }

        var job = source.Version.Job;
        var made = source.Made with
        {
            Version = new JobVersion(job, catalog.NextNumber(job)),
            Settings = settings,
            Target = await platform.EndAsync(source.Made.Topics),
            By = by,
            PublishHistory = publishHistory,
        };
        if (!plan)
        {
            await platform.Reprocess.RunAsync(made, cancel);
        }

        return made;
    }
}
