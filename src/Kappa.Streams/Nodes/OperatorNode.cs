using Kappa.Streams.Runtime;

namespace Kappa.Streams.Nodes;

/// <summary>A node that runs a process per key: the user's own, or one of the platform's operators.</summary>
internal sealed class OperatorNode<TKey, TIn, TState, TOut>
    : KeyedNode<TKey, TOut>, IKeyedConsumer<TKey, TIn>, ISideNode
    where TKey : notnull
{
    private readonly Func<Process<TKey, TIn, TState, TOut>> _make;
    private readonly OperatorShape _shape;
    private readonly List<ISideOutputNode> _sides = [];

    public OperatorNode(
        KeyedNode<TKey, TIn> input, OperatorShape shape, Func<Process<TKey, TIn, TState, TOut>> make)
        : base(input.Flow, input)
    {
        _shape = shape;
        _make = make;
        input.Feed(this);
    }

    public override string Kind => _shape.Kind;

    public override string Settings => _shape.Settings;

    public override IEnumerable<Delegate> Lambdas => _shape.Lambdas;

    public override IEnumerable<Type> Types => _shape.IsUsers ? [typeof(TState), typeof(TOut)] : [typeof(TOut)];

    protected override long OwnHoldTicks => _shape.HoldTicks;

    public override void Check()
    {
        if (_shape.IsUsers)
        {
            StateRules.Check(this, typeof(TState));
            return;
        }

        if (!_shape.NeedsNoTime)
        {
            EventTimeCheck.Requires(this, "goes by event time");
        }

        // The states of the platform's own operators are theirs; the types in them are the user's.
        foreach (var kept in typeof(TState).GetGenericArguments())
        {
            StateRules.CheckKept(this, kept);
        }
    }

    public Node<TSide> SideOf<TSide>(SideOutput<TSide> side)
    {
        ArgumentNullException.ThrowIfNull(side);
        if (_sides.FirstOrDefault(known => known.Side == (object)side) is { } found)
        {
            return (SideOutputNode<TSide>)found;
        }

        if (_sides.Any(known => known.Side.ToString() == side.Name))
        {
            throw Flow.Wrong(
                $"two side outputs of {Label} are called '{side.Name}'.",
                "Give each a name of its own, and ask for the same instance the process sends to.");
        }

        var made = Flow.Add(new SideOutputNode<TSide>(this, side));
        _sides.Add(made);
        return made;
    }

    public IKeyedReceiver<TKey, TIn> Build(SegmentInstance instance) =>
        new OperatorStage<TKey, TIn, TState, TOut>(Name, instance, _make(), BuildKeyedNext(instance),
            new SideReceivers(_sides.ToDictionary(side => side.Side, side => side.BuildReceiver(instance))));
}

/// <summary>An operator among others of its kind.</summary>
/// <param name="Kind">Its name in the job API.</param>
/// <param name="Settings">Its settings in one canonical text.</param>
/// <param name="Lambdas">The user's code it runs: roots of the fingerprint (rule V2).</param>
internal sealed record OperatorShape(string Kind, string Settings, IReadOnlyList<Delegate> Lambdas)
{
    /// <summary>It is a process of the user's own: its state is checked, its time may be any.</summary>
    public bool IsUsers { get; init; }

    /// <summary>It does the same with or without event times.</summary>
    public bool NeedsNoTime { get; init; }

    /// <summary>How long after their time its results may come (rule T6).</summary>
    public long HoldTicks { get; init; }
}
