using Kappa.Tables;
using Kappa.Tables.Loop;

namespace Kappa.Server;

/// <summary>The versions whose topics are to be read rather than those of the live ones (rule E2).</summary>
internal sealed class SaidTopics
{
    private readonly Dictionary<string, JobVersion> _byTopic = new(StringComparer.Ordinal);

    public IReadOnlyDictionary<string, JobVersion> ByTopic => _byTopic;

    /// <summary>Those versions, each once.</summary>
    public IEnumerable<JobVersion> Versions => _byTopic.Values.Distinct();

    public void Add(JobVersion version, IEnumerable<VersionOutput> outputs)
    {
        foreach (var output in outputs)
        {
            _byTopic[output.Topic] = version;
        }
    }
}
