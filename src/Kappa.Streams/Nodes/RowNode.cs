using Kappa.Streams.Runtime;
using Kappa.Tables;

namespace Kappa.Streams.Nodes;

/// <summary>Puts each value of a stream into a table as the row of its key.</summary>
internal sealed class RowNode<TKey, T> : Node, IConsumer<T>, ITableNode
    where TKey : notnull
{
    private readonly string _name;
    private readonly Func<T, TKey> _key;
    private readonly TableOptions _options;

    public RowNode(Node<T> input, string name, Func<T, TKey> key, TableOptions options)
        : base(input.Flow, input)
    {
        _name = name;
        _options = options;
        _key = key;
        input.Feed(this);
    }

    public override string Kind => "ToTable";

    public override string Settings => TableShape.Describe(Tables.Single());

    public override IEnumerable<Delegate> Lambdas => [_key];

    public override IEnumerable<Type> Types => [typeof(TKey), typeof(T)];

    public IEnumerable<TableSchema> Tables =>
        [TableShape.Of(this, _name, typeof(TKey), typeof(T), windowed: false, _options)];

    public override void Check() => TableShape.CheckKey(this, typeof(TKey));

    public IReceiver<T> Build(SegmentInstance instance) =>

        new RowStage<TKey, T>(Name, instance, _key, instance.Machine.TableIndexes([_name])[0]);
}
