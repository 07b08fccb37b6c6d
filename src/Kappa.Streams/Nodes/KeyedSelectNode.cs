using Kappa.Streams.Runtime;

namespace Kappa.Streams.Nodes;

/// <summary>Makes one value of each, and sees its key.</summary>
internal sealed class KeyedSelectNode<TKey, T, TResult> : Node<TResult>, IKeyedConsumer<TKey, T>
    where TKey : notnull
{
    private readonly Func<TKey, T, TResult> _map;

    public KeyedSelectNode(KeyedNode<TKey, T> input, Func<TKey, T, TResult> map)
        : base(input.Flow, input)
    {
        _map = map;
        input.Feed(this);
    }

    public override string Kind => "Select";

    public override IEnumerable<Delegate> Lambdas => [_map];

    public override IEnumerable<Type> Types => [typeof(TResult)];

    public IKeyedReceiver<TKey, T> Build(SegmentInstance instance) => new Map(this, instance, BuildNext(instance));

    private sealed class Map(KeyedSelectNode<TKey, T, TResult> node, SegmentInstance instance, IReceiver<TResult> next)
        : IKeyedReceiver<TKey, T>
    {
        public void Receive(TKey key, T value, long eventTime)
        {
            TResult result;
            try
            {
                result = node._map(key, value);
            }
            catch (Exception error) when (UserCode.MayFail(error))
            {
                instance.Side.Dead(node.Label, eventTime, error);
                return;
            }

            next.Receive(result, eventTime);
        }
    }
}
