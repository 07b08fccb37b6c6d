using Kappa.Streams.Nodes;
using Kappa.Streams.Operators;

namespace Kappa.Streams;

public sealed partial class KeyedStream<TKey, T>
{
    /// <summary>Looks up each value's row by another key than the stream's own, which it keeps.</summary>
    internal KeyedStream<TKey, TOut> LookUpNode<TOther, TRow, TOut>(
        RunningResults<TOther, TRow> table, Func<T, TOther> key, LookUpShape<T, TRow, TOut> shape)
        where TOther : notnull
    {
        ArgumentNullException.ThrowIfNull(key);
        var carried = Flow.Add(new CarryKeyNode<TKey, T>(Node));
        var asked = new KeyByNode<TOther, Carried<TKey, T>>(carried, value => key(value.Value)) { Roots = [key] };
        var found = EventStream<T>.LookUpNode(carried, table, asked, shape.Carrying<TKey>());
        return new(Flow.Add(new RestoreKeyNode<TKey, TOut>(found)));
    }
}
