using Kappa.Streams.Runtime.Fused;

namespace Kappa.Streams.Nodes;

/// <summary>A chain of nodes that runs as one loop, and how its lambdas become one struct.</summary>
/// <param name="Before">The nodes between source and key, in order.</param>
/// <param name="Key">The node that gives the key.</param>
/// <param name="After">The predicates behind the key, in order.</param>
/// <param name="Fold">The fold by windows at the end.</param>
internal sealed record FusedChain(
    IReadOnlyList<Node> Before, Node Key, IReadOnlyList<Node> After, Node Fold)
{
    /// <summary>The lambdas from event to key.</summary>
    public IEnumerable<Delegate> Lambdas => Before.Append(Key).Concat(After)
        .SelectMany(node => node.Lambdas);

    /// <summary>The chain behind a source; null where it is another one.</summary>
    public static FusedChain? Find(Node source, Topology topology)
    {
        var before = new List<Node>();
        var after = new List<Node>();
        var node = Next(source, topology);
        for (; Is(node, typeof(WhereNode<>)) || Is(node, typeof(SelectNode<,>)); node = Next(node!, topology))
        {
            before.Add(node!);
        }

        if (!Is(node, typeof(KeyByNode<,>)))
        {
            return null;
        }

        var key = node!;
        for (node = Next(key, topology); Is(node, typeof(KeyedWhereNode<,>)); node = Next(node!, topology))
        {
            after.Add(node!);
        }

        return Is(node, typeof(WindowFoldNode<,,,>)) && !topology.Nodes.Any(other => other.Inputs.Contains(node))
            ? new FusedChain(before, key, after, node!)
            : null;
    }

    /// <summary>The whole way from event to key as one struct, boxed.</summary>
    public object Build(Thunks thunks)
    {
        var types = Key.GetType().GetGenericArguments();
        var (keyType, valueType) = (types[0], types[1]);
        var select = thunks.Function(Key.Lambdas.Single());
        var filter = Activator.CreateInstance(typeof(Always<>).MakeGenericType(valueType))!;
        foreach (var node in After)
        {
            var one = thunks.Function(node.Lambdas.Single());
            filter = Activator.CreateInstance(
                typeof(Both<,,>).MakeGenericType(valueType, filter.GetType(), one.GetType()), filter, one)!;
        }

        var chain = Activator.CreateInstance(
            typeof(Keyed<,,,>).MakeGenericType(valueType, keyType, select.GetType(), filter.GetType()),
            select, filter)!;
        foreach (var node in Before.Reverse())
        {
            var step = thunks.Function(node.Lambdas.Single());
            var arguments = node.GetType().GetGenericArguments();
            var type = arguments.Length == 1
                ? typeof(Filtered<,,,>).MakeGenericType(arguments[0], keyType, step.GetType(), chain.GetType())
                : typeof(Mapped<,,,,>).MakeGenericType(
                    arguments[0], arguments[1], keyType, step.GetType(), chain.GetType());
            chain = Activator.CreateInstance(type, step, chain)!;
        }

        return chain;
    }

    private static Node? Next(Node node, Topology topology)
    {
        var behind = topology.Nodes.Where(other => other.Inputs.Contains(node)).Take(2).ToList();
        return behind.Count == 1 && behind[0].Inputs.Count == 1 ? behind[0] : null;
    }

    private static bool Is(Node? node, Type open) =>
        node is not null && node.GetType().IsGenericType && node.GetType().GetGenericTypeDefinition() == open;
}
