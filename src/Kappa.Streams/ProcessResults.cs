using Kappa.Streams.Nodes;

namespace Kappa.Streams;

/// <summary>What a process sends, and by which sides.</summary>
/// <typeparam name="TOut">What it sends on.</typeparam>
public sealed class ProcessResults<TOut> : EventStream<TOut>
{
    private readonly ISideNode _sides;

    internal ProcessResults(Node<TOut> node)
        : base(node) => _sides = (ISideNode)node;

    /// <summary>What the process sends to a side output, at the event time of what it handled.</summary>
    /// <param name="side">The side output the process sends to: the same instance, not one of the same name.</param>
    public EventStream<TSide> Side<TSide>(SideOutput<TSide> side) => new(_sides.SideOf(side));
}
