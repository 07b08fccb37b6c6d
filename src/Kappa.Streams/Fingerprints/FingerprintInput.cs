using System.Reflection;

namespace Kappa.Streams.Fingerprints;

/// <summary>What a fingerprint is taken of: a built job, reduced to what can change its results (rule V2).</summary>
/// <param name="Topology">The canonical description of the job: a line per node with all resolved settings.</param>
/// <param name="Roots">The user's delegates, in the order of the nodes; everything they reach counts.</param>
/// <param name="Values">Seeds and other values the topology holds; each counts with all it contains.</param>
/// <param name="Types">Types that are written and read as data (events, keys, states): their shape, attributes,
/// constructors and hand-written accessors count.</param>
/// <param name="IsUsers">Says of an assembly whether it is the user's (its IL counts) or foreign, such as the base
/// class library and Kappa (its members count by name and signature only).</param>
/// <param name="SemanticsNumber">Kappa's own number, raised when Kappa changes what a job computes.</param>
/// <param name="RootNodes">For each root the number of the node that holds it, so that an explanation can name the
/// operator; no part of the hash. Default: unknown.</param>
public sealed record FingerprintInput(
    string Topology,
    IReadOnlyList<Delegate> Roots,
    IReadOnlyList<object?> Values,
    IReadOnlyList<Type> Types,
    Func<Assembly, bool> IsUsers,
    int SemanticsNumber,
    IReadOnlyList<int>? RootNodes = null)
{
    /// <summary>The input of a built job.</summary>
    /// <param name="topology">The job, built.</param>
    /// <param name="isUsers">Which assemblies are the user's.</param>
    /// <param name="semanticsNumber">Kappa's own number.</param>
    public static FingerprintInput Of(Topology topology, Func<Assembly, bool> isUsers, int semanticsNumber)
    {
        ArgumentNullException.ThrowIfNull(topology);
        return new FingerprintInput(
            topology.Describe(),
            topology.Lambdas,
            [.. topology.Nodes.SelectMany(node => node.Values)],
            topology.Types,
            isUsers,
            semanticsNumber,
            [.. topology.Nodes.SelectMany(node => node.Lambdas.Select(_ => node.Id))]);
    }
}
