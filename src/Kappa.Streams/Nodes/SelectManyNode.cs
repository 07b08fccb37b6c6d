using Kappa.Streams.Runtime;

namespace Kappa.Streams.Nodes;

internal sealed class SelectManyNode<T, TResult> : Node<TResult>, IConsumer<T>
{
    private readonly Func<T, IEnumerable<TResult>> _map;

    public SelectManyNode(Node<T> input, Func<T, IEnumerable<TResult>> map)
        : base(input.Flow, input)
    {
        _map = map;
        input.Feed(this);
    }

    public override string Kind => "SelectMany";

    public override IEnumerable<Delegate> Lambdas => [_map];

    public override IEnumerable<Type> Types => [typeof(TResult)];

    public IReceiver<T> Build(SegmentInstance instance) => new Map(this, instance, BuildNext(instance));

    private sealed class Map(SelectManyNode<T, TResult> node, SegmentInstance instance, IReceiver<TResult> next)
        : IReceiver<T>
    {
        private readonly List<TResult> _made = [];

        public void Receive(T value, long eventTime)
        {
            // All results are made before the first goes on: a throw in the middle undoes the ones before it (rule O6).
            _made.Clear();
            try
            {
                _made.AddRange(node._map(value));
            }
            catch (Exception error) when (UserCode.MayFail(error))
            {
                instance.Side.Dead(node.Label, eventTime, error);
                return;
            }

            foreach (var result in _made)
            {
                next.Receive(result, eventTime);
            }
        }
    }
}
