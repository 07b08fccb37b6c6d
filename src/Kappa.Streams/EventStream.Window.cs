using Kappa.Streams.Nodes;

namespace Kappa.Streams;

public partial class EventStream<T>
{
    /// <summary>
    /// Cuts the whole stream into windows, without a key: a table of them has window start and end as its row key. All
    /// of it runs in one shard; where that is too slow, aggregate by a key first and then what comes out of it by <see
    /// cref="Streams.Window.Same"/>.
    /// </summary>
    /// <param name="window">The windows.</param>
    public WindowedStream<Everything, T> Window(Window window) =>
        new KeyedStream<Everything, T>(Flow.Add(new KeyByNode<Everything, T>(Node, Everything.Of))).Window(window);
}
