using Kappa.Streams.Runtime;

namespace Kappa.Streams.Nodes;

internal sealed class WhereNode<T> : Node<T>, IConsumer<T>
{
    private readonly Func<T, bool> _predicate;

    public WhereNode(Node<T> input, Func<T, bool> predicate)
        : base(input.Flow, input)
    {
        _predicate = predicate;
        input.Feed(this);
    }

    public override string Kind => "Where";

    public override IEnumerable<Delegate> Lambdas => [_predicate];

    public IReceiver<T> Build(SegmentInstance instance) => new Filter(this, instance, BuildNext(instance));

    private sealed class Filter(WhereNode<T> node, SegmentInstance instance, IReceiver<T> next) : IReceiver<T>
    {
        public void Receive(T value, long eventTime)
        {
            bool keep;
            try
            {
                keep = node._predicate(value);
            }
            catch (Exception error) when (UserCode.MayFail(error))
            {
                instance.Side.Dead(node.Label, eventTime, error);
                return;
            }

            if (keep)
            {
                next.Receive(value, eventTime);
            }
        }
    }
}
