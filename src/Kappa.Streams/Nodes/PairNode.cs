using Kappa.Streams.Runtime;

namespace Kappa.Streams.Nodes;

/// <summary>
/// Brings two streams of one key type together: values of one key meet in one shard, in order of their moments, at one
/// moment the left one first (rule T8).
/// </summary>
internal sealed class PairNode<TKey, TLeft, TRight> : KeyedNode<TKey, Sided<TLeft, TRight>>, IExchangeNode
    where TKey : notnull
{
    public PairNode(KeyedNode<TKey, TLeft> left, KeyedNode<TKey, TRight> right)
        : base(left.Flow, left, right)
    {
        left.Feed(new Side<TLeft>(this, 0, value => new Sided<TLeft, TRight>(false, value, default!)));
        right.Feed(new Side<TRight>(this, 1, value => new Sided<TLeft, TRight>(true, default!, value)));
    }

    public override string Kind => "Pair";

    public override int Merges => 0;

    public override IEnumerable<Type> Types => [typeof(TKey)];

    public override void Check() => Ways.Check(this);

    public IExchange BuildExchange(JobMachine machine) => new Exchange<TKey, Sided<TLeft, TRight>>(
        new ExchangeSettings<TKey, Sided<TLeft, TRight>>(Name, Time, BuildKeyedNext), machine);

    private sealed class Side<T>(PairNode<TKey, TLeft, TRight> node, int side, Func<T, Sided<TLeft, TRight>> wrap)
        : IKeyedConsumer<TKey, T>
    {
        public IKeyedReceiver<TKey, T> Build(SegmentInstance instance) => Ways.Within(
            instance, node, side,
            () => ((Exchange<TKey, Sided<TLeft, TRight>>)instance.Machine.ExchangeOf(node.Id))
                .BuildOutbox(instance, wrap));
    }
}
