using Kappa.Log;
using Kappa.Tables.Loop;

namespace Kappa.Streams.Runtime;

/// <summary>Opens what a version reads.</summary>
internal sealed class VersionSequence(ILog log, VersionMade made, OpenUpstream upstream)
{
    /// <summary>The one sequence (rule L4), with the topics of upstream versions by cause (rule E2).</summary>
    public async ValueTask<ISequence> ReadAsync(IReadOnlyList<string> topics, Place after, CancellationToken cancel)
    {
        var upstreams = made.Upstreams.Where(one => topics.Contains(one.Key)).ToDictionary();
        var plain = log.Read([.. topics.Where(topic => !upstreams.ContainsKey(topic))], after);
        if (upstreams.Count == 0)
        {
            return plain;
        }

        var read = new List<Upstream>();
        foreach (var (topic, version) in upstreams.OrderBy(one => one.Key, StringComparer.Ordinal))
        {
            read.Add(await upstream(topic, version, after, cancel));
        }

        return new UpstreamSequence(plain, read, after);
    }
}
