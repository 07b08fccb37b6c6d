using Kappa.Log;
using Kappa.Streams;
using Kappa.Tables.Loop;

namespace Kappa.Server;

/// <summary>
/// Who reads what whom says: jobs talk to each other only through topics, in one direction (rule E2).
/// </summary>
internal sealed class JobGraph
{
    private readonly Dictionary<string, string> _ownerOf = new(StringComparer.Ordinal);
    private readonly Dictionary<string, HashSet<string>> _readsOf = new(StringComparer.Ordinal);
    private readonly Catalog _catalog;

    /// <summary>
    /// The graph of the jobs there are and those about to be deployed, which replace their namesakes.
    /// </summary>
    public JobGraph(Catalog catalog, IReadOnlyList<(string Job, Topology Topology)> built)
    {
        _catalog = catalog;
        foreach (var (job, topology) in built)
        {
            Add(job, topology.Topics, topology.Outputs);
        }

        var isBuilt = built.Select(one => one.Job).ToHashSet();
        foreach (var version in catalog.Versions.Where(version => version.State != VersionState.Dropped))
        {
            Add(version.Version.Job, isBuilt.Contains(version.Version.Job) ? [] : version.Made.Topics,
                version.Made.Outputs);
        }
    }

    /// <summary>The job that says a topic, or null: then it is an ordinary one.</summary>
    public string? OwnerOf(string topic) => _catalog.OutputOwner(topic) ?? _ownerOf.GetValueOrDefault(topic);

    /// <summary>Refuses outputs that are another job's, or ordinary topics, and jobs that read what they say.</summary>
    /// <param name="built">The jobs about to be deployed.</param>
    /// <param name="topics">The topics there are.</param>
    public void Check(IReadOnlyList<(string Job, Topology Topology)> built, IReadOnlyList<Topic> topics)
    {
        foreach (var (job, topology) in built)
        {
            foreach (var output in topology.Outputs)
            {
                CheckOwner(job, output.Topic, topics);
            }

            if (PathBack(job, job, []) is { } path)
            {
                throw new KappaException(
                    ErrorKind.Conflict,
                    $"Job '{job}' would read what it writes: {string.Join(" reads ", path.Prepend(job))}.",
                    "Let one of these jobs read another topic: records flow in one direction.");
            }
        }
    }

    /// <summary>The jobs in an order in which each comes behind those whose topics it reads.</summary>
    public IEnumerable<string> Upstream(IEnumerable<string> jobs)
    {
        var given = jobs.ToHashSet();
        var done = new List<string>();
        foreach (var job in given.Order(StringComparer.Ordinal))
        {
            Visit(job, done);
        }

        return done.Where(given.Contains);
    }

    private void Visit(string job, List<string> done)
    {
        if (done.Contains(job))
        {
            return;
        }

        foreach (var upstream in ReadBy(job))
        {
            Visit(upstream, done);
        }

        done.Add(job);
    }

    private void Add(string job, IReadOnlyList<string> reads, IReadOnlyList<VersionOutput> outputs)
    {
        _readsOf.TryAdd(job, []);
        _readsOf[job].UnionWith(reads);
        foreach (var output in outputs)
        {
            _ownerOf.TryAdd(output.Topic, job);
        }
    }

    private void CheckOwner(string job, string topic, IReadOnlyList<Topic> topics)
    {
        if (OwnerOf(topic) is { } owner && owner != job)
        {
            throw new KappaException(
                ErrorKind.Conflict, $"The topic '{topic}' of job '{job}' belongs to job '{owner}' already.",
                "Give one of the outputs another name in ToTopic.");
        }

        var there = topics.FirstOrDefault(one => one.Name == topic);
        if (there is not null && _catalog.OutputOwner(topic) is null
            && (there.Records > 0 || there.Partitions != 1 || there.IsComplete))
        {
            throw new KappaException(
                ErrorKind.Conflict,
                $"The topic '{topic}', which job '{job}' would write, is there already, and is no job's output.",
                "Give the output another name in ToTopic.");
        }
    }

    private IEnumerable<string> ReadBy(string job) => _readsOf.GetValueOrDefault(job) is { } topics
        ? topics.Order(StringComparer.Ordinal).Select(OwnerOf).OfType<string>().Distinct()
        : [];

    private List<string>? PathBack(string from, string to, HashSet<string> seen)
    {
        foreach (var upstream in ReadBy(from))
        {
            if (upstream == to)
            {
                return [to];
            }

            if (seen.Add(upstream) && PathBack(upstream, to, seen) is { } path)
            {
                return [upstream, .. path];
            }
        }

        return null;
    }
}
