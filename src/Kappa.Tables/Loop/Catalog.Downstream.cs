using Kappa.Log;

namespace Kappa.Tables.Loop;

/// <content>What moves along when a version moves that other jobs read (rule E2).</content>
public sealed partial record Catalog
{
    /// <summary>The running version of a job that reads what a version says, the newest first; or null.</summary>
    public CatalogVersion? ReaderIn(string job, JobVersion upstream) =>
        Versions.LastOrDefault(v => v.Version.Job == job && v.Runs && v.Made.Upstreams.Values.Contains(upstream));

    /// <summary>The live versions that run and read what versions of a job say.</summary>
    public IEnumerable<CatalogVersion> LiveReaders(string job) => OwnersByJob.Keys.Select(name => Live(name)!)
        .Where(live => live.Runs && live.Made.Upstreams.Values.Any(upstream => upstream.Job == job));

    /// <summary>
    /// The whole set that a switch moves (rule E2): of every job that reads, live, what one of these jobs says, the
    /// Ready version that reads the new one; and so on down.
    /// </summary>
    /// <param name="to">The versions asked for, one of each job.</param>
    /// <exception cref="KappaException">
    /// Conflict: a job has no such version, or a version would be live and read one that is not.
    /// </exception>
    public IReadOnlyList<JobVersion> WithDownstream(IReadOnlyList<JobVersion> to)
    {
        ArgumentNullException.ThrowIfNull(to);
        var set = to.ToList();
        for (var i = 0; i < set.Count; i++)
        {
            foreach (var reader in LiveReaders(set[i].Job).Where(one =>
                !one.Made.Upstreams.Values.Contains(set[i]) && set.All(v => v.Job != one.Version.Job)).ToList())
            {
                set.Add(Follower(reader, set[i]));
            }
        }

        foreach (var version in set)
        {
            foreach (var upstream in Find(version)?.Made.Upstreams.Values ?? [])
            {
                var seen = set.Find(v => v.Job == upstream.Job) ?? Live(upstream.Job)?.Version;
                if (seen is not null && seen != upstream)
                {
                    throw Refused(
                        $"{version} reads what {upstream} says, but readers would see {seen}",
                        $"Switch to {upstream} and {version} together, or to what "
                        + $"'kappa reprocess {version.Job} --reads {seen}' makes.");
                }
            }
        }

        return set;
    }

    /// <summary>The topics no job says that a version is made of, through all the versions it reads.</summary>
    public IReadOnlyList<string> Roots(CatalogVersion version)
    {
        ArgumentNullException.ThrowIfNull(version);
        return [.. version.Made.Topics.SelectMany(topic => version.Made.Upstreams.TryGetValue(topic, out var upstream)
            && Find(upstream) is { } found ? Roots(found) : [topic]).Distinct()];
    }

    private JobVersion Follower(CatalogVersion reader, JobVersion upstream)
    {
        var along = ReaderIn(reader.Version.Job, upstream);
        return along is { State: VersionState.Ready }
            ? along.Version
            : throw Refused(
                $"{reader.Version} reads what '{upstream.Job}' says and has to move with it, but "
                + (along is null
                    ? $"no version of '{reader.Version.Job}' reads {upstream}"
                    : $"{along.Version}, which reads {upstream}, is {along.State.ToString().ToLowerInvariant()}"),
                along is null
                    ? $"Run 'kappa reprocess {reader.Version.Job} --reads {upstream}', and switch when it is ready."
                    : $"Watch it with 'kappa jobs {reader.Version.Job}', and switch when it is ready.");
    }
}
