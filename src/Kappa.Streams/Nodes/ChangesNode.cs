using Kappa.Streams.Runtime;

namespace Kappa.Streams.Nodes;

/// <summary>The changes of a result, with their keys: −old, +new (rule O1).</summary>
internal sealed class ChangesNode<TKey, TResult>(Node results) : KeyedNode<TKey, Change<TResult>>(results.Flow, results)
    where TKey : notnull
{
    public override string Kind => "Changes";

    public override IEnumerable<Type> Types => [typeof(TResult)];

    public IKeyedReceiver<TKey, Change<TResult>> Build(SegmentInstance instance) => BuildKeyedNext(instance);
}

/// <summary>A node whose results can be followed change by change.</summary>
internal interface IChangingNode<TKey, TResult> : IResultNode
    where TKey : notnull
{
    /// <summary>Adds a node that its changes go to.</summary>
    ChangesNode<TKey, TResult> AddChanges();
}

/// <summary>The nodes that the changes of a result go to.</summary>
internal sealed class ChangesNodes<TKey, TResult>
    where TKey : notnull
{
    private readonly List<ChangesNode<TKey, TResult>> _nodes = [];

    public ChangesNode<TKey, TResult> Add(Node results)
    {
        var node = results.Flow.Add(new ChangesNode<TKey, TResult>(results));
        _nodes.Add(node);
        return node;
    }

    /// <summary>What takes the changes; null where nobody asks for them.</summary>
    public IKeyedReceiver<TKey, Change<TResult>>? Build(SegmentInstance instance) => _nodes.Count == 0
        ? null
        : KeyedFan<TKey, Change<TResult>>.Of([.. _nodes.Select(node => node.Build(instance))]);
}
