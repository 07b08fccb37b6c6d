using Kappa.Streams.Runtime;
using Kappa.Tables.Loop;

namespace Kappa.Streams.Nodes;

/// <summary>A node whose values are said to the world: each becomes a record of a derived topic (rule E1).</summary>
internal interface IOutputNode
{
    VersionOutput Output { get; }
}

/// <summary>Says each value of a stream, with a key where one is asked for.</summary>
internal sealed class OutputNode<TKey, T> : Node, IConsumer<T>, IOutputNode
    where TKey : notnull
{
    private readonly Func<T, TKey>? _key;

    public OutputNode(Node<T> input, VersionOutput output, Func<T, TKey>? key)
        : base(input.Flow, input)
    {
        Output = output;
        _key = key;
        input.Feed(this);
    }

    public VersionOutput Output { get; }

    public override string Kind => OutputShape.KindOf(Output);

    public override string Settings => OutputShape.Describe(Output);

    public override IEnumerable<Delegate> Lambdas => _key is null ? [] : [_key];

    public override IEnumerable<Type> Types => _key is null ? [typeof(T)] : [typeof(TKey), typeof(T)];

    public override void Check()
    {
        if (_key is not null)
        {
            TableShape.CheckKey(this, typeof(TKey));
        }
    }

    public IReceiver<T> Build(SegmentInstance instance) =>
        new OutputStage<TKey, T>(Name, instance, Output.Topic, _key);
}

/// <summary>Says each value of a keyed stream under its key.</summary>
internal sealed class KeyedOutputNode<TKey, T> : Node, IKeyedConsumer<TKey, T>, IOutputNode
    where TKey : notnull
{
    public KeyedOutputNode(KeyedNode<TKey, T> input, VersionOutput output)
        : base(input.Flow, input)
    {
        Output = output;
        input.Feed(this);
    }

    public VersionOutput Output { get; }

    public override string Kind => OutputShape.KindOf(Output);

    public override string Settings => OutputShape.Describe(Output);

    public override IEnumerable<Type> Types => [typeof(TKey), typeof(T)];

    public IKeyedReceiver<TKey, T> Build(SegmentInstance instance) =>
        new OutputStage<TKey, T>(Name, instance, Output.Topic, null);
}
