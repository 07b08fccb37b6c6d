using Kappa.Streams.Runtime;

namespace Kappa.Streams.Nodes;

/// <summary>A node that runs a process per key: the user's own, or one of the platform's operators.</summary>
internal sealed class OperatorNode<TKey, TIn, TState, TOut> : KeyedNode<TKey, TOut>, IKeyedConsumer<TKey, TIn>
    where TKey : notnull
{
    private readonly Func<Process<TKey, TIn, TState, TOut>> _make;
    private readonly Delegate[] _lambdas;
    private readonly bool _isUsers;

    public OperatorNode(
        KeyedNode<TKey, TIn> input, string kind, Func<Process<TKey, TIn, TState, TOut>> make, Delegate[] lambdas,
        string settings, bool isUsers)
        : base(input.Flow, input)
    {
        Kind = kind;
        Settings = settings;
        _make = make;
        _lambdas = lambdas;
        _isUsers = isUsers;
        input.Feed(this);
    }

    public override string Kind { get; }

    public override string Settings { get; }

    public override IEnumerable<Delegate> Lambdas => _lambdas;

    public override IEnumerable<Type> Types => _isUsers ? [typeof(TState), typeof(TOut)] : [typeof(TOut)];

    public override void Check()
    {
        if (_isUsers)
        {
            StateRules.Check(this, typeof(TState));
        }
        else if (!Source.HasEventTime)
        {
            throw Flow.Wrong(
                $"{Label} goes by event time, but topic '{Source.Topic}' was read without one.",
                "Give From an eventTime, for example eventTime: order => order.PlacedAt.");
        }
    }

    public IKeyedReceiver<TKey, TIn> Build(SegmentInstance instance) =>
        new OperatorStage<TKey, TIn, TState, TOut>(Name, instance, _make(), BuildKeyedNext(instance));
}
