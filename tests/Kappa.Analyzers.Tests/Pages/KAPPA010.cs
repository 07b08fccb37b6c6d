// <wrong>
public sealed class FirstOnly : Process<string, Order, bool, Order>
{
    private readonly HashSet<string> _seen = [];

    public override void OnRecord(ProcessContext<Order> context, string key, ref bool state, Order order)
    {
        if (_seen.Add(key))
        {
            context.Emit(order);
        }
    }
}
// </wrong>

// <right>
public sealed class FirstOfKey : Process<string, Order, bool, Order>
{
    public override void OnRecord(ProcessContext<Order> context, string key, ref bool state, Order order)
    {
        if (!state)
        {
            state = true;
            context.Emit(order);
        }
    }
}
// </right>
