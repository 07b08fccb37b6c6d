using Kappa.Streams.Runtime;
using Kappa.Tables;

namespace Kappa.Streams.Nodes;

/// <summary>A running fold per key.</summary>
internal sealed class FoldNode<TKey, T, TState> : Node<TState>, IKeyedConsumer<TKey, T>, IResultNode, ITableNode
    where TKey : notnull
{
    private readonly List<(string Name, TableOptions Options)> _tables = [];

    public FoldNode(KeyedNode<TKey, T> input, TState seed, Func<TState, T, TState> fold)
        : base(input.Flow, input)
    {
        Seed = seed;
        Fold = fold;
        input.Feed(this);
    }

    public TState Seed { get; }

    public Func<TState, T, TState> Fold { get; }

    public override string Kind => "Aggregate";

    public override string Settings => string.Join(' ', _tables.Select(table => "table " + Shape.Describe(Schema(table))));

    public override IEnumerable<Delegate> Lambdas => [Fold];

    public override IEnumerable<object?> Values => [Seed];

    public override IEnumerable<Type> Types => [typeof(TState)];

    public IEnumerable<TableSchema> Tables => _tables.Select(Schema);

    public void AddTable(string name, TableOptions options) => _tables.Add((name, options));

    public override void Check() => StateRules.Check(this, typeof(TState));

    public IKeyedReceiver<TKey, T> Build(SegmentInstance instance) =>
        new FoldStage<TKey, T, TState>(this, instance, BuildNext(instance), instance.Machine.TableIndexes(_tables.Select(t => t.Name)));

    private TableSchema Schema((string Name, TableOptions Options) table) =>
        Shape.Table(this, table.Name, typeof(TKey), typeof(TState), windowed: false, table.Options);
}
