using Kappa.Streams.Runtime;

namespace Kappa.Streams.Nodes;

/// <summary>A value that goes by another key for a while, and the key it has.</summary>
internal readonly record struct Carried<TKey, T>(TKey Key, T Value)
    where TKey : notnull;

/// <summary>Puts the keys of a stream into its values.</summary>
internal sealed class CarryKeyNode<TKey, T> : Node<Carried<TKey, T>>, IKeyedConsumer<TKey, T>
    where TKey : notnull
{
    public CarryKeyNode(KeyedNode<TKey, T> input)
        : base(input.Flow, input) => input.Feed(this);

    public override string Kind => "CarryKey";

    public IKeyedReceiver<TKey, T> Build(SegmentInstance instance) => new Carry(BuildNext(instance));

    private sealed class Carry(IReceiver<Carried<TKey, T>> next) : IKeyedReceiver<TKey, T>
    {
        public void Receive(TKey key, T value, long eventTime) => next.Receive(new(key, value), eventTime);
    }
}

/// <summary>Gives values the keys back that they carry: they meet in the shards of these, in order again.</summary>
internal sealed class RestoreKeyNode<TKey, T> : KeyedNode<TKey, T>, IConsumer<Carried<TKey, T>>, IExchangeNode
    where TKey : notnull
{
    public RestoreKeyNode(Node<Carried<TKey, T>> input)
        : base(input.Flow, input) => input.Feed(this);

    public override string Kind => "RestoreKey";

    public override int Merges => 0;

    public IExchange BuildExchange(JobMachine machine) =>
        new Exchange<TKey, T>(new ExchangeSettings<TKey, T>(Name, Time, BuildKeyedNext), machine);

    public IReceiver<Carried<TKey, T>> Build(SegmentInstance instance) => new Restore(
        ((Exchange<TKey, T>)instance.Machine.ExchangeOf(Id)).BuildOutbox<T>(instance, static value => value));

    private sealed class Restore(IKeyedReceiver<TKey, T> next) : IReceiver<Carried<TKey, T>>
    {
        public void Receive(Carried<TKey, T> value, long eventTime) => next.Receive(value.Key, value.Value, eventTime);
    }
}
