using Kappa.Streams.Nodes;

namespace Kappa.Streams;

public sealed partial class KeyedStream<TKey, T>
{
    /// <summary>Cuts each key's values into windows of event time.</summary>
    /// <param name="window">The windows of all keys.</param>
    public WindowedStream<TKey, T> Window(Window window) => new(this, new Windowing<TKey>(window));

    /// <summary>
    /// Cuts each key's values into windows that the key chooses, for example days of its time zone. A function that
    /// throws makes the value a dead letter; so do sessions and windows with a grace of their own.
    /// </summary>
    /// <param name="window">The windows of a key: tumbling, hopping, cumulating or calendar; pure.</param>
    /// <param name="grace">How long after its end a window of any key stays open. Default 0.</param>
    public WindowedStream<TKey, T> Window(Func<TKey, Window> window, TimeSpan grace = default) =>
        new(this, new Windowing<TKey>(window, grace));

    /// <summary>Each key's last value, in order of the sequence: a running result.</summary>
    public RunningResults<TKey, T> Latest() => Aggregate(Streams.Aggregate.Latest<T>());
}
