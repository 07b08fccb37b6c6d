using Kappa.Log;
using Kappa.Tables.Loop;

namespace Kappa.Streams.Runtime;

/// <summary>Opens what a version reads.</summary>
internal static class VersionSequence
{
    /// <summary>The one sequence (rule L4), with the topics of upstream versions by cause (rule E2).</summary>
    public static async ValueTask<ISequence> OpenAsync(
        ILog log, IReadOnlyList<string> topics, CatalogVersion version, ProjectedTopics projected,
        OpenUpstream upstream, Place after, CancellationToken cancel)
    {
        var upstreams = version.Made.Upstreams.Where(one => topics.Contains(one.Key)).ToDictionary();
        var plain = log.Read([.. topics.Where(topic => !upstreams.ContainsKey(topic))], after, projected.All);
        if (upstreams.Count == 0)
        {
            return plain;
        }

        var read = new List<Upstream>();
        foreach (var (topic, said) in upstreams.OrderBy(one => one.Key, StringComparer.Ordinal))
        {
            read.Add(await upstream(topic, said, after, cancel));
        }

        return new UpstreamSequence(plain, read, after, await UpstreamEnds.CompleteAtAsync(log, after, read));
    }
}
