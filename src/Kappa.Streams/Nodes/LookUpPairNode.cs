using Kappa.Streams.Runtime;

namespace Kappa.Streams.Nodes;

/// <summary>
/// Brings a stream and the changes of a result together by the key that is looked up. What a place changed comes behind
/// everything that asks at that place: a look-up sees the table as of before its place (rule O3). The result holds no
/// watermark.
/// </summary>
internal sealed class LookUpPairNode<TKey, T, TRow>
    : KeyedNode<TKey, Either<T, Change<TRow>>>, IExchangeNode, ILookUpPairNode
    where TKey : notnull
{
    public LookUpPairNode(KeyedNode<TKey, T> stream, KeyedNode<TKey, Change<TRow>> changes)
        : base(stream.Flow, stream, changes)
    {
        stream.Feed(new PairSide<TKey, T, Either<T, Change<TRow>>>(
            this, 0, value => new Either<T, Change<TRow>>(false, value, default)));
        changes.Feed(new PairSide<TKey, Change<TRow>, Either<T, Change<TRow>>>(
            this, 1, change => new Either<T, Change<TRow>>(true, default!, change)));
    }

    public override string Kind => "LookUpPair";

    public override int Merges => 0;

    public override StreamTime Time => Inputs[0].Time;

    public override IEnumerable<Type> Types => [typeof(TKey)];

    public override void Check() => Ways.Check(this);

    public IExchange BuildExchange(JobMachine machine) => new Exchange<TKey, Either<T, Change<TRow>>>(
        new ExchangeSettings<TKey, Either<T, Change<TRow>>>(Name, Time, BuildKeyedNext) { Order = Compare }, machine);

    private int Compare(Moment left, Moment right)
    {
        var order = left.Place.CompareTo(right.Place);
        order = order != 0 ? order : Ways.SideOf(this, left.Side).CompareTo(Ways.SideOf(this, right.Side));
        return order != 0 ? order : left.CompareTo(right);
    }
}

/// <summary>A node that brings a stream and the changes of what it looks into together, in this order.</summary>
internal interface ILookUpPairNode;
