using Kappa.Streams.Nodes;
using Kappa.Streams.Operators;

namespace Kappa.Streams;

public partial class EventStream<T>
{
    /// <summary>Looks up each value's row in a running result.</summary>
    internal EventStream<TOut> LookUpNode<TKey, TRow, TOut>(
        RunningResults<TKey, TRow> table, Func<T, TKey> key, LookUpShape<T, TRow, TOut> shape)
        where TKey : notnull
    {
        ArgumentNullException.ThrowIfNull(key);
        return new(LookUpNode(Node, table, new KeyByNode<TKey, T>(Node, key), shape));
    }

    /// <summary>The nodes of a look-up behind a stream.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="table">What is looked into.</param>
    /// <param name="keyed">The stream by the key to look up; not yet added.</param>
    /// <param name="shape">What is done with what is found.</param>
    internal static Node<TOut> LookUpNode<TIn, TKey, TRow, TOut>(
        Node<TIn> stream, RunningResults<TKey, TRow> table, KeyByNode<TKey, TIn> keyed,
        LookUpShape<TIn, TRow, TOut> shape)
        where TKey : notnull
    {
        ArgumentNullException.ThrowIfNull(table);
        var flow = stream.Flow;
        if (shape.IsPreloaded)
        {
            Preloading.Mark(table.Node);
        }

        flow.Add(keyed);
        var pair = flow.Add(new LookUpPairNode<TKey, TIn, TRow>(keyed, table.AddChanges()));
        return flow.Add(new OperatorNode<TKey, Either<TIn, Change<TRow>>, KnownRows<TRow>?, TOut>(
            pair,
            new OperatorShape("LookUp", shape.Text, shape.Lambdas) { NeedsNoTime = true },
            () => new LookUp<TKey, TIn, TRow, TOut>(shape.Absent, shape.Found, shape.ValidFrom, shape.RowsMax)));
    }
}
