using Kappa.Streams.Runtime;

namespace Kappa.Streams.Nodes;

/// <summary>
/// The ways that lead to one place, as numbers in the order of rule T8: a byte for each node that brings several
/// together, the last one highest.
/// </summary>
internal static class Ways
{
    private const int Bits = 8;
    private const int InputsMax = 1 << Bits;
    private const int MergesMax = 7;

    /// <summary>Builds what lies behind one side of a node.</summary>
    public static TReceiver Within<TReceiver>(SegmentInstance instance, Node node, int side, Func<TReceiver> build)
    {
        var way = instance.Way;
        instance.Way = way + ((long)side << (Bits * node.Inputs.Max(input => input.Merges)));
        try
        {
            return build();
        }
        finally
        {
            instance.Way = way;
        }
    }

    /// <summary>By which side of a node a way leads.</summary>
    public static long SideOf(Node node, long way) => way >> (Bits * node.Inputs.Max(input => input.Merges));

    /// <summary>Throws where there are more ways than can be numbered.</summary>
    public static void Check(Node node)
    {
        if (node.Inputs.Count > InputsMax || node.Inputs.Max(input => input.Merges) >= MergesMax)
        {
            throw node.Flow.Wrong(
                $"{node.Label} brings {node.Inputs.Count} streams together behind "
                + $"{node.Inputs.Max(input => input.Merges)} other merges; allowed are {InputsMax} streams, and "
                + $"{MergesMax - 1} merges before it without a KeyBy between.",
                "Merge all of them at once: first.Merge(second, third, …).");
        }
    }
}
