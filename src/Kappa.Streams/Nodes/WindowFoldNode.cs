using System.Globalization;
using Kappa.Streams.Runtime;
using Kappa.Tables;

namespace Kappa.Streams.Nodes;

/// <summary>A fold per key and window.</summary>
internal sealed class WindowFoldNode<TKey, T, TState>
    : Node<Windowed<TKey, TState>>, IKeyedConsumer<TKey, T>, IResultNode, ITableNode
    where TKey : notnull
{
    private readonly List<(string Name, TableOptions Options)> _tables = [];
    private readonly Window _window;
    private readonly TState _seed;
    private readonly Func<TState, T, TState> _fold;

    public WindowFoldNode(KeyedNode<TKey, T> input, Window window, TState seed, Func<TState, T, TState> fold)
        : base(input.Flow, input)
    {
        _window = window;
        _seed = seed;
        _fold = fold;
        input.Feed(this);
    }

    public override string Kind => "Window.Aggregate";

    public override string Settings => string.Create(
        CultureInfo.InvariantCulture, $"{_window.Cut.Text} grace {_window.GraceTime.Ticks} ")
        + string.Join(' ', _tables.Select(table => "table " + TableShape.Describe(Schema(table))));

    public override IEnumerable<Delegate> Lambdas => [_fold];

    public override IEnumerable<object?> Values => [_seed];

    public override IEnumerable<Type> Types => [typeof(TState)];

    /// <summary>Its results come up to the grace after their time, so those behind it wait as long (rule T6).</summary>
    protected override long OwnHoldTicks => _window.GraceTime.Ticks;

    public IEnumerable<TableSchema> Tables => _tables.Select(Schema);

    public void AddTable(string name, TableOptions options) => _tables.Add((name, options));

    public override void Check()
    {
        StateRules.Check(this, _seed);
        EventTimeCheck.Requires(this, "cuts its stream into windows", mayWait: !IsConsumed);
    }

    public IKeyedReceiver<TKey, T> Build(SegmentInstance instance) =>
        new WindowFoldStage<TKey, T, TState>(
            Name, instance, _window, new WindowFold<T, TState>(_seed, _fold), IsConsumed ? BuildNext(instance) : null,
            instance.Machine.TableIndexes(_tables.Select(table => table.Name)));

    private TableSchema Schema((string Name, TableOptions Options) table) =>
        TableShape.Of(this, table.Name, typeof(TKey), typeof(TState), windowed: true, table.Options);
}
