using Kappa.Log;
using Kappa.Streams.Nodes;
using Kappa.Streams.Runtime;
using Kappa.Tables;
using Kappa.Tables.Loop;

namespace Kappa.Streams;

/// <summary>
/// A built job: its nodes in the order written, checked. What runs, what is fingerprinted and what is shown comes from
/// here.
/// </summary>
public sealed class Topology
{
    /// <summary>Part of every fingerprint: raised when Kappa changes what a job computes (rule V2).</summary>
    public const int SemanticsNumber = 1;

    internal Topology(Job job, IReadOnlyList<Node> nodes)
    {
        Job = job;
        Nodes = nodes;
        TopologyCheck.Check(nodes, job);
    }

    /// <summary>The job it was built from.</summary>
    public Job Job { get; }

    /// <summary>The topics it reads, in ordinal order.</summary>
    public IReadOnlyList<string> Topics =>
        [.. Nodes.OfType<ISourceNode>().Select(node => node.Topic).Distinct().Order(StringComparer.Ordinal)];

    /// <summary>
    /// Those of them that look-ups read before everything else, up to a place that is a setting of the version (rule
    /// O3), in ordinal order.
    /// </summary>
    public IReadOnlyList<string> PreloadedTopics => [.. Nodes.OfType<ISourceNode>().Where(node => node.IsPreloaded)
        .Select(node => node.Topic).Distinct().Order(StringComparer.Ordinal)];

    /// <summary>
    /// Its tables: those named, in the order written, then <c>job.late</c> and <c>job.dead</c> (rule O7).
    /// </summary>
    public IReadOnlyList<TableSchema> Tables =>
        [.. Nodes.OfType<ITableNode>().SelectMany(node => node.Tables), SideTables.Late(Job.Name),
            SideTables.Dead(Job.Name)];

    /// <summary>What it says to the world, in the order written (rule E1).</summary>
    public IReadOnlyList<VersionOutput> Outputs => [.. Nodes.OfType<IOutputNode>().Select(node => node.Output)];

    /// <summary>The user's delegates it reaches, in a fixed order: the roots of the fingerprint (rule V2).</summary>
    public IReadOnlyList<Delegate> Lambdas => [.. Nodes.SelectMany(node => node.Lambdas)];

    /// <summary>The types whose shape decides the result: events, keys, states.</summary>
    public IReadOnlyList<Type> Types => [.. Nodes.SelectMany(node => node.Types).Distinct()];

    /// <summary>Seeds and other values its nodes hold: part of the fingerprint (rule V2).</summary>
    public IReadOnlyList<object?> Values => [.. Nodes.SelectMany(node => node.Values)];

    internal IReadOnlyList<Node> Nodes { get; }

    /// <summary>All that it preloads, up to one place.</summary>
    internal IReadOnlyDictionary<string, Place> PreloadsTo(Place place) =>
        PreloadedTopics.ToDictionary(topic => topic, _ => place);

    /// <summary>How its topics are typed (rule L11), those that other versions say apart.</summary>
    internal ProjectedTopics Project(IReadOnlyDictionary<string, JobVersion>? upstreams = null) =>
        Projecting.Of(this, upstreams?.Keys ?? []);

    /// <summary>The canonical description: every node with its inputs and resolved settings, a line each.</summary>
    public string Describe() =>
        string.Join('\n', Nodes.Select(node => node.Describe())) + "\nrevision "
            + Job.Revision.ToString(System.Globalization.CultureInfo.InvariantCulture);

    /// <inheritdoc/>
    public override string ToString() => Describe();
}
