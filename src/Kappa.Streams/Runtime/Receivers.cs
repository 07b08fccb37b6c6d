namespace Kappa.Streams.Runtime;

/// <summary>
/// Takes values one by one, inside one worker's segment. The segment's clock says where they come from.
/// </summary>
internal interface IReceiver<T>
{
    void Receive(T value, long eventTime);
}

/// <summary>Takes keyed values one by one.</summary>
internal interface IKeyedReceiver<TKey, T>
    where TKey : notnull
{
    void Receive(TKey key, T value, long eventTime);
}

/// <summary>Gives each value to several receivers, in the order written (rule T8).</summary>
internal sealed class Fan<T>(IReceiver<T>[] receivers) : IReceiver<T>
{
    public static IReceiver<T> Of(IReceiver<T>[] receivers) =>
        receivers.Length == 1 ? receivers[0] : new Fan<T>(receivers);

    public void Receive(T value, long eventTime)
    {
        foreach (var receiver in receivers)
        {
            receiver.Receive(value, eventTime);
        }
    }
}

/// <summary>Gives each keyed value to several receivers, in the order written (rule T8).</summary>
internal sealed class KeyedFan<TKey, T>(IReadOnlyList<IKeyedReceiver<TKey, T>> receivers) : IKeyedReceiver<TKey, T>
    where TKey : notnull
{
    public static IKeyedReceiver<TKey, T> Of(IReadOnlyList<IKeyedReceiver<TKey, T>> receivers) =>
        receivers.Count == 1 ? receivers[0] : new KeyedFan<TKey, T>(receivers);

    public void Receive(TKey key, T value, long eventTime)
    {
        for (var i = 0; i < receivers.Count; i++)
        {
            receivers[i].Receive(key, value, eventTime);
        }
    }
}

/// <summary>Goes on without the key.</summary>
internal sealed class KeyDropped<TKey, T>(IReceiver<T> next) : IKeyedReceiver<TKey, T>
    where TKey : notnull
{
    public void Receive(TKey key, T value, long eventTime) => next.Receive(value, eventTime);
}
