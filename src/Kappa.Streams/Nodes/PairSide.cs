using Kappa.Streams.Runtime;

namespace Kappa.Streams.Nodes;

/// <summary>One side of a node that brings two streams of one key type together.</summary>
internal sealed class PairSide<TKey, TIn, TOut>(KeyedNode<TKey, TOut> pair, int side, Func<TIn, TOut> wrap)
    : IKeyedConsumer<TKey, TIn>
    where TKey : notnull
{
    public IKeyedReceiver<TKey, TIn> Build(SegmentInstance instance) => Ways.Within(
        instance, pair, side,
        () => ((Exchange<TKey, TOut>)instance.Machine.ExchangeOf(pair.Id)).BuildOutbox(instance, wrap));
}
