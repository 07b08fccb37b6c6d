using Kappa.Streams.Runtime;

namespace Kappa.Streams.Nodes;

/// <summary>
/// Brings two streams of one key type together: values of one key meet in one shard, in order of their moments, at one
/// moment the left one first (rule T8).
/// </summary>
internal sealed class PairNode<TKey, TLeft, TRight> : KeyedNode<TKey, Either<TLeft, TRight>>, IExchangeNode
    where TKey : notnull
{
    public PairNode(KeyedNode<TKey, TLeft> left, KeyedNode<TKey, TRight> right)
        : base(left.Flow, left, right)
    {
        left.Feed(new PairSide<TKey, TLeft, Either<TLeft, TRight>>(
            this, 0, value => new Either<TLeft, TRight>(false, value, default!)));
        right.Feed(new PairSide<TKey, TRight, Either<TLeft, TRight>>(
            this, 1, value => new Either<TLeft, TRight>(true, default!, value)));
    }

    public override string Kind => "Pair";

    public override int Merges => 0;

    public override IEnumerable<Type> Types => [typeof(TKey)];

    public override void Check() => Ways.Check(this);

    public IExchange BuildExchange(JobMachine machine) => new Exchange<TKey, Either<TLeft, TRight>>(
        new ExchangeSettings<TKey, Either<TLeft, TRight>>(Name, Time, BuildKeyedNext), machine);
}
