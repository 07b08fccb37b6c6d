using Kappa.Streams.Runtime;

namespace Kappa.Streams.Nodes;

/// <summary>
/// Exchanges values by key: each key's values meet in one shard, in order of their moments (rule T8).
/// </summary>
internal sealed class KeyByNode<TKey, T> : KeyedNode<TKey, T>, IConsumer<T>, IExchangeNode
    where TKey : notnull
{
    public KeyByNode(Node<T> input, Func<T, TKey> key)
        : base(input.Flow, input)
    {
        Key = key;
        input.Feed(this);
    }

    public Func<T, TKey> Key { get; }

    public override string Kind => "KeyBy";

    public override int Merges => 0;

    public override IEnumerable<Delegate> Lambdas => Roots ?? [Key];

    /// <summary>The user's functions in the key; null: it is one.</summary>
    public IReadOnlyList<Delegate>? Roots { get; init; }

    public override IEnumerable<Type> Types => [typeof(TKey)];

    public override void Check() => TableShape.CheckKey(this, typeof(TKey));

    public IExchange BuildExchange(JobMachine machine) =>
        new Exchange<TKey, T>(new ExchangeSettings<TKey, T>(Name, Time, BuildKeyedNext), machine);

    public IReceiver<T> Build(SegmentInstance instance) =>
        ((Exchange<TKey, T>)instance.Machine.ExchangeOf(Id)).BuildOutbox(instance, Key);
}
