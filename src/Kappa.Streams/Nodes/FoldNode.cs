using Kappa.Streams.Runtime;
using Kappa.Tables;

namespace Kappa.Streams.Nodes;

/// <summary>A running fold per key.</summary>
internal sealed class FoldNode<TKey, T, TState> : Node<TState>, IKeyedConsumer<TKey, T>, IResultNode, ITableNode
    where TKey : notnull
{
    private readonly List<(string Name, TableOptions Options)> _tables = [];
    private readonly TState _seed;
    private readonly Func<TState, T, TState> _fold;

    public FoldNode(KeyedNode<TKey, T> input, TState seed, Func<TState, T, TState> fold)
        : base(input.Flow, input)
    {
        _seed = seed;
        _fold = fold;
        input.Feed(this);
    }

    public override string Kind => "Aggregate";

    public override string Settings =>
        string.Join(' ', _tables.Select(table => "table " + TableShape.Describe(Schema(table))));

    public override IEnumerable<Delegate> Lambdas => [_fold];

    public override IEnumerable<object?> Values => [_seed];

    public override IEnumerable<Type> Types => [typeof(TState)];

    public IEnumerable<TableSchema> Tables => _tables.Select(Schema);

    public void AddTable(string name, TableOptions options) => _tables.Add((name, options));

    public override void Check() => StateRules.Check(this, _seed);

    public IKeyedReceiver<TKey, T> Build(SegmentInstance instance) =>
        new FoldStage<TKey, T, TState>(
            Name, instance, _seed, _fold, BuildNext(instance),
            instance.Machine.TableIndexes(_tables.Select(table => table.Name)));

    private TableSchema Schema((string Name, TableOptions Options) table) =>
        TableShape.Of(this, table.Name, typeof(TKey), typeof(TState), windowed: false, table.Options);
}
