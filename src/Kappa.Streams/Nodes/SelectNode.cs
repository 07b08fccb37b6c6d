using Kappa.Streams.Runtime;

namespace Kappa.Streams.Nodes;

internal sealed class SelectNode<T, TResult> : Node<TResult>, IConsumer<T>
{
    private readonly Func<T, TResult> _map;

    public SelectNode(Node<T> input, Func<T, TResult> map)
        : base(input.Flow, input)
    {
        _map = map;
        input.Feed(this);
    }

    public override string Kind => "Select";

    public override IEnumerable<Delegate> Lambdas => [_map];

    public override IEnumerable<Type> Types => [typeof(TResult)];

    public IReceiver<T> Build(SegmentInstance instance) => new Map(this, instance, BuildNext(instance));

    private sealed class Map(SelectNode<T, TResult> node, SegmentInstance instance, IReceiver<TResult> next)
        : IReceiver<T>
    {
        public void Receive(T value, long eventTime)
        {
            TResult result;
            try
            {
                result = node._map(value);
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
