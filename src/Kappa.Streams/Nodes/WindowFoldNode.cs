using Kappa.Streams.Runtime;
using Kappa.Tables;

namespace Kappa.Streams.Nodes;

/// <summary>A fold per key and window.</summary>
internal sealed class WindowFoldNode<TKey, T, TState, TResult>
    : Node<Windowed<TKey, TResult>>, IKeyedConsumer<TKey, T>, IChangingNode<TKey, Windowed<TKey, TResult>>, ITableNode,
        IWindowingNode
    where TKey : notnull
{
    private readonly List<(string Name, TableOptions Options)> _tables = [];
    private readonly ChangesNodes<TKey, Windowed<TKey, TResult>> _changes = new();
    private readonly Windowing<TKey> _windowing;
    private readonly Aggregation<T, TState, TResult> _fold;

    public WindowFoldNode(KeyedNode<TKey, T> input, Windowing<TKey> windowing, Aggregation<T, TState, TResult> fold)
        : base(input.Flow, input)
    {
        _windowing = windowing;
        _fold = fold;
        input.Feed(this);
    }

    public override string Kind => "Window.Aggregate";

    public override string Settings => _windowing.Text + (_fold.Text.Length > 0 ? _fold.Text + " " : "")
        + string.Join(' ', _tables.Select(table => "table " + TableShape.Describe(Schema(table))));

    public override IEnumerable<Delegate> Lambdas =>
        _windowing.Choose is { } choose ? [choose, .. _fold.Roots] : _fold.Roots;

    public override IEnumerable<object?> Values => _fold.Values;

    public override IEnumerable<Type> Types => FoldTypes.Of<TState, TResult>();

    public IEnumerable<TableSchema> Tables => _tables.Select(Schema);

    /// <summary>Also a window taken over from a session has its result at its end.</summary>
    public bool IsSession => _windowing.IsSession || (_windowing.IsSame && Above is { IsSession: true });

    /// <summary>Its results come up to the grace after their time, so those behind it wait as long (rule T6).</summary>
    protected override long OwnHoldTicks => _windowing.GraceTicks;

    /// <summary>The node that gave the values their windows.</summary>
    private IWindowingNode? Above
    {
        get
        {
            var node = Input;
            while (node is not null and not IWindowingNode)
            {
                node = node.Input;
            }

            return (IWindowingNode?)node;
        }
    }

    public void AddTable(string name, TableOptions options) => _tables.Add((name, options));

    public ChangesNode<TKey, Windowed<TKey, TResult>> AddChanges() => _changes.Add(this);

    public override void Check()
    {
        StateRules.Check(this, _fold.Seed);
        if (!Source.HasEventTime)
        {
            throw Flow.Wrong(
                $"{Label} cuts topic '{Source.Topic}' into windows, but the topic was read without an event time.",
                "Give From an eventTime, for example eventTime: order => order.PlacedAt.");
        }

        if (_windowing.IsSame && (Above is null || !SameChoice<TKey, T>.IsPossible))
        {
            throw Flow.Wrong(
                $"{Label} asks for the same windows, but what comes in is no result of a window: {typeof(T).Name}.",
                "Use Window.Same directly behind a window's Aggregate, with at most Where and KeyBy between them.");
        }

        if (IsTimeUnbounded && IsConsumed)
        {
            throw Flow.Wrong(
                $"the results of {Label} would flow on when they are final, but its event times have no bound, so "
                + "they never are.",
                "Write them with ToTable or follow them with Changes(), or give EventTime a lateness.");
        }
    }

    public IKeyedReceiver<TKey, T> Build(SegmentInstance instance)
    {
        var outlets = new FoldOutlets<TKey, Windowed<TKey, TResult>>(
            IsConsumed ? BuildNext(instance) : null, _changes.Build(instance),
            instance.Machine.TableIndexes(_tables.Select(table => table.Name)));
        var rules = new WindowRules(_windowing.GraceTicks, IsSession, IsTimeUnbounded);
        return _windowing.Cut is SessionCut session
            ? new SessionStage<TKey, T, TState, TResult>(Name, instance, session.Gap.Ticks, rules, _fold, outlets)
            : new WindowFoldStage<TKey, T, TState, TResult>(
                Name, instance, _windowing.ChoiceOf<T>(), rules, _fold, outlets);
    }

    private TableSchema Schema((string Name, TableOptions Options) table) =>
        TableShape.Of(this, table.Name, typeof(TKey), typeof(TResult), windowed: true, table.Options);
}
