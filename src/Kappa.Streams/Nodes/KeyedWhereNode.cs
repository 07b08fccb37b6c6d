using Kappa.Streams.Runtime;

namespace Kappa.Streams.Nodes;

internal sealed class KeyedWhereNode<TKey, T> : KeyedNode<TKey, T>, IKeyedConsumer<TKey, T>
    where TKey : notnull
{
    private readonly Func<T, bool> _predicate;

    public KeyedWhereNode(KeyedNode<TKey, T> input, Func<T, bool> predicate)
        : base(input.Flow, input)
    {
        _predicate = predicate;
        input.Feed(this);
    }

    public override string Kind => "Where";

    public override IEnumerable<Delegate> Lambdas => [_predicate];

    public IKeyedReceiver<TKey, T> Build(SegmentInstance instance) =>
        new Filter(this, instance, BuildKeyedNext(instance));

    private sealed class Filter(KeyedWhereNode<TKey, T> node, SegmentInstance instance, IKeyedReceiver<TKey, T> next)
        : IKeyedReceiver<TKey, T>
    {
        public void Receive(TKey key, T value, long eventTime)
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
                next.Receive(key, value, eventTime);
            }
        }
    }
}
