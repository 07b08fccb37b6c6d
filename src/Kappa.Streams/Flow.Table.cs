using Kappa.Log;
using Kappa.Streams.Runtime;
using Kappa.Streams.Nodes;

namespace Kappa.Streams;

public sealed partial class Flow
{
    /// <summary>
    /// A reference topic: each record is the row of its key, until the next one of this key; one with a key and no
    /// value, or an empty one, removes the row (rule O3). It has no event time and holds no watermark.
    /// </summary>
    /// <remarks>
    /// The same as <c>From</c> without event time, <c>KeyBy</c> and <c>Latest</c>, except that the key is the record's
    /// own, since a record that removes has nothing else, and that a removal is taken. It is a call of its own and no
    /// option of <c>From</c>, because a removal is no value that could flow: only what holds rows can take it.
    /// </remarks>
    /// <typeparam name="TKey">The record's key. Text is its bytes as UTF-8; what JSON writes as text (enums, times,
    /// GUIDs) stands without quotes; anything else is JSON, <c>42</c> or <c>{"country":"es","id":7}</c>. That is how
    /// outputs write keys, and how <c>kappa append --key-field</c> does. A record without a key, or with another one,
    /// is a dead letter.</typeparam>
    /// <typeparam name="T">The row.</typeparam>
    /// <param name="topic">The topic.</param>
    /// <param name="codec">How the rows are written. Default <see cref="Codec.Json{T}"/>.</param>
    public RunningResults<TKey, T> Table<TKey, T>(string topic, Codec<T>? codec = null)
        where TKey : notnull
    {
        Names.Check("topic", topic);
        var source = Add(new SourceNode<RowChange<TKey, T>>(this, topic, null, TimeSpan.Zero, default)
        {
            Codec = new RowFormat<TKey, T>(codec ?? Streams.Codec.Json<T>()),
            IsTable = true,
        });
        var changes = Add(new KeyByNode<TKey, RowChange<TKey, T>>(source, static change => change.Key) { Roots = [] });
        return new(Add(new FoldNode<TKey, RowChange<TKey, T>, Kept<T>?, T>(
            changes, new(null, static (_, change) => change.Row, static kept => kept!.Row)
            {
                Text = "rows",
                Roots = [],
                Values = [],
                MayResultFail = false,
            })));
    }
}
