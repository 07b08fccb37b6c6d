using Kappa.Log;
using Kappa.Streams.Runtime;

namespace Kappa.Streams.Nodes;

/// <summary>
/// What is read before everything else (rule O3): the topics that a preloaded table is made of. What they cause is
/// known before the first place, so it may end in look-ups only.
/// </summary>
internal static class Preloading
{
    /// <summary>Marks all topics that a table is made of.</summary>
    public static void Mark(Node table)
    {
        if (table is ISourceNode source)
        {
            source.IsPreloaded = true;
        }

        foreach (var input in table.Inputs)
        {
            Mark(input);
        }
    }

    /// <summary>Throws where a preloaded topic is more than what look-ups look into.</summary>
    public static void Check(IReadOnlyList<Node> nodes)
    {
        var preloaded = new HashSet<Node>();
        foreach (var node in nodes)
        {
            if (node is ISourceNode { IsPreloaded: true, HasEventTime: var hasTime } source)
            {
                if (hasTime)
                {
                    throw node.Flow.Wrong(
                        $"the table that is looked up with preload is made of topic '{source.Topic}', which is read "
                        + "with an event time; read at once, its watermark would leap to the end.",
                        "Read it with Table, or with From without an eventTime, or leave out preload.");
                }

                preloaded.Add(node);
            }
            else if (node.Inputs.Any(preloaded.Contains) && !IsLookedInto(node, preloaded))
            {
                if (!node.Inputs.All(preloaded.Contains))
                {
                    throw Mixed(node, "brings it together with a stream that is not");
                }

                preloaded.Add(node);
            }

            if (preloaded.Contains(node)
                && (node is IOutputNode || (node is ITableNode tables && tables.Tables.Any())))
            {
                throw Mixed(node, "writes what it says");
            }
        }
    }

    private static bool IsLookedInto(Node node, HashSet<Node> preloaded) =>
        node is ILookUpPairNode && !preloaded.Contains(node.Inputs[0]);

    private static KappaException Mixed(Node node, string what) => node.Flow.Wrong(
        $"topic '{node.Source.Topic}' is preloaded for a look-up, and {node.Label} {what}.",
        "Read the topic a second time for that: each From and each Table reads for itself.");
}
