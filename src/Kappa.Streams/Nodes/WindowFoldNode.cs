using System.Globalization;
using Kappa.Streams.Runtime;
using Kappa.Tables;

namespace Kappa.Streams.Nodes;

/// <summary>A fold per key and window.</summary>
internal sealed class WindowFoldNode<TKey, T, TState, TResult>
    : Node<Windowed<TKey, TResult>>, IKeyedConsumer<TKey, T>, IResultNode, ITableNode
    where TKey : notnull
{
    private readonly List<(string Name, TableOptions Options)> _tables = [];
    private readonly Window _window;
    private readonly Aggregation<T, TState, TResult> _fold;

    public WindowFoldNode(KeyedNode<TKey, T> input, Window window, Aggregation<T, TState, TResult> fold)
        : base(input.Flow, input)
    {
        _window = window;
        _fold = fold;
        input.Feed(this);
    }

    public override string Kind => "Window.Aggregate";

    public override string Settings => string.Create(
        CultureInfo.InvariantCulture, $"{_window.Cut.Text} grace {_window.GraceTime.Ticks} ")
        + (_fold.Text.Length > 0 ? _fold.Text + " " : "") + string.Join(' ', _tables.Select(table => "table " + TableShape.Describe(Schema(table))));

    public override IEnumerable<Delegate> Lambdas => _fold.Roots;

    public override IEnumerable<object?> Values => _fold.Values;

    public override IEnumerable<Type> Types => FoldTypes.Of<TState, TResult>();

    /// <summary>Its results come up to the grace after their time, so those behind it wait as long (rule T6).</summary>
    protected override long OwnHoldTicks => _window.GraceTime.Ticks;

    public IEnumerable<TableSchema> Tables => _tables.Select(Schema);

    public void AddTable(string name, TableOptions options) => _tables.Add((name, options));

    public override void Check()
    {
        StateRules.Check(this, _fold.Seed);
        if (!Source.HasEventTime)
        {
            throw Flow.Wrong(
                $"{Label} cuts topic '{Source.Topic}' into windows, but the topic was read without an event time.",
                "Give From an eventTime, for example eventTime: order => order.PlacedAt.");
        }
    }

    public IKeyedReceiver<TKey, T> Build(SegmentInstance instance) =>
        new WindowFoldStage<TKey, T, TState, TResult>(
            Name, instance, _window, _fold, IsConsumed ? BuildNext(instance) : null,
            instance.Machine.TableIndexes(_tables.Select(table => table.Name)));

    private TableSchema Schema((string Name, TableOptions Options) table) =>
        TableShape.Of(this, table.Name, typeof(TKey), typeof(TResult), windowed: true, table.Options);
}
