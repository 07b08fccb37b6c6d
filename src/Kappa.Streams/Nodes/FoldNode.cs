using Kappa.Streams.Runtime;
using Kappa.Tables;

namespace Kappa.Streams.Nodes;

/// <summary>A running fold per key.</summary>
internal sealed class FoldNode<TKey, T, TState, TResult>
    : Node<TResult>, IKeyedConsumer<TKey, T>, IChangingNode<TKey, TResult>, ITableNode
    where TKey : notnull
{
    private readonly List<(string Name, TableOptions Options)> _tables = [];
    private readonly ChangesNodes<TKey, TResult> _changes = new();
    private readonly Aggregation<T, TState, TResult> _fold;

    public FoldNode(KeyedNode<TKey, T> input, Aggregation<T, TState, TResult> fold)
        : base(input.Flow, input)
    {
        ArgumentNullException.ThrowIfNull(fold);
        _fold = fold;
        input.Feed(this);
    }

    public override string Kind => "Aggregate";

    public override string Settings => string.Join(' ', _tables.Select(table => "table "
        + TableShape.Describe(Schema(table))).Prepend(_fold.Text).Where(text => text.Length > 0));

    public override IEnumerable<Delegate> Lambdas => _fold.Roots;

    public override IEnumerable<object?> Values => _fold.Values;

    public override IEnumerable<Type> Types => FoldTypes.Of<TState, TResult>();

    public IEnumerable<TableSchema> Tables => _tables.Select(Schema);

    public void AddTable(string name, TableOptions options) => _tables.Add((name, options));

    public ChangesNode<TKey, TResult> AddChanges() => _changes.Add(this);

    public override void Check() => StateRules.Check(this, _fold.Seed);

    public IKeyedReceiver<TKey, T> Build(SegmentInstance instance) =>
        new FoldStage<TKey, T, TState, TResult>(
            Name, instance, _fold,
            new FoldOutlets<TKey, TResult>(
                IsConsumed ? BuildNext(instance) : null, _changes.Build(instance),
                instance.Machine.TableIndexes(_tables.Select(table => table.Name))));

    private TableSchema Schema((string Name, TableOptions Options) table) =>
        TableShape.Of(this, table.Name, typeof(TKey), typeof(TResult), windowed: false, table.Options);
}

/// <summary>The types of a fold that decide what it computes.</summary>
internal static class FoldTypes
{
    public static IEnumerable<Type> Of<TState, TResult>() =>
        typeof(TState) == typeof(TResult) ? [typeof(TState)] : [typeof(TState), typeof(TResult)];
}
