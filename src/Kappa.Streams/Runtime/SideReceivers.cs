namespace Kappa.Streams.Runtime;

/// <summary>Where the side outputs of a process go, in one worker's segment.</summary>
internal sealed class SideReceivers(IReadOnlyDictionary<object, object> receivers)
{
    /// <summary>A value on its way by a side; one nobody reads goes nowhere.</summary>
    public ISideValue Of<TSide>(SideOutput<TSide> side, TSide value) =>
        new SideValue<TSide>(value, receivers.TryGetValue(side, out var found) ? (IReceiver<TSide>)found : null);

    private sealed record SideValue<TSide>(TSide Value, IReceiver<TSide>? Receiver) : ISideValue
    {
        public void Send(long eventTime) => Receiver?.Receive(Value, eventTime);
    }
}

/// <summary>A value sent by a side, whatever its type.</summary>
internal interface ISideValue
{
    void Send(long eventTime);
}
