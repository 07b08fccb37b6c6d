using Kappa.Streams.Runtime;

namespace Kappa.Streams.Nodes;

/// <summary>What a process sends by one of its sides.</summary>
internal sealed class SideOutputNode<T>(Node process, SideOutput<T> side) : Node<T>(process.Flow, process),
    ISideOutputNode
{
    public override string Kind => "Side";

    public override string Settings => "side " + side.Name;

    public override IEnumerable<Type> Types => [typeof(T)];

    public object Side => side;

    public object BuildReceiver(SegmentInstance instance) => BuildNext(instance);
}

/// <summary>A process with ways out beside its results.</summary>
internal interface ISideNode
{
    Node<TSide> SideOf<TSide>(SideOutput<TSide> side);
}

/// <summary>One of these ways, whatever goes there.</summary>
internal interface ISideOutputNode
{
    object Side { get; }

    /// <summary>What receives it in one worker's segment.</summary>
    object BuildReceiver(SegmentInstance instance);
}
