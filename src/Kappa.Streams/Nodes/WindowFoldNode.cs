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
    public bool IsSession => _windowing.IsSession || (_windowing.IsSame && Above.Any(above => above.IsSession));

    /// <summary>Its results come up to the grace after their time, so those behind it wait as long (rule T6).</summary>
    protected override long OwnHoldTicks => _windowing.GraceTicks;

    /// <summary>The nodes that gave the values their windows.</summary>
    private IReadOnlyList<IWindowingNode> Above => [.. Inputs.SelectMany(AboveOf)];

    public void AddTable(string name, TableOptions options) => _tables.Add((name, options));

    public ChangesNode<TKey, Windowed<TKey, TResult>> AddChanges() => _changes.Add(this);

    public override void Check()
    {
        StateRules.Check(this, _fold.Seed);
        EventTimeCheck.Requires(this, "cuts its stream into windows", mayWait: !IsConsumed);
        if (_windowing.IsSame && (Above.Count == 0 || !SameChoice<TKey, T>.IsPossible))
        {
            throw Flow.Wrong(
                $"{Label} asks for the same windows, but what comes in is no result of a window: {typeof(T).Name}.",
                "Use Window.Same directly behind a window's Aggregate, with at most Where and KeyBy between them.");
        }
    }

    public IKeyedReceiver<TKey, T> Build(SegmentInstance instance)
    {
        var outlets = new FoldOutlets<TKey, Windowed<TKey, TResult>>(
            IsConsumed ? BuildNext(instance) : null, _changes.Build(instance),
            instance.Machine.TableIndexes(_tables.Select(table => table.Name)));
        var rules = new WindowRules(_windowing.GraceTicks, IsSession);
        return _windowing.Cut is SessionCut session
            ? new SessionStage<TKey, T, TState, TResult>(Name, instance, session.Gap.Ticks, rules, _fold, outlets)
            : new WindowFoldStage<TKey, T, TState, TResult>(
                Name, instance, _windowing.ChoiceOf<T>(), rules, _fold, outlets);
    }

    private TableSchema Schema((string Name, TableOptions Options) table) =>
        TableShape.Of(this, table.Name, typeof(TKey), typeof(TResult), windowed: true, table.Options);

    private static IEnumerable<IWindowingNode> AboveOf(Node node) =>
        node is IWindowingNode windowing ? [windowing] : node.Inputs.SelectMany(AboveOf);
}
