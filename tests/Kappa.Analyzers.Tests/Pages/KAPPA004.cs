// <wrong>
public static class Counted
{
    private static long _orders;

    public static void Define(Flow flow) => flow
        .From<Order>("orders", eventTime: order => order.At)
        .Select(order => (order.Id, Number: ++_orders))
        .ToTable("orders", order => order.Id);
}
// </wrong>

// <right>
public static class Held
{
    private static readonly FrozenDictionary<Kind, int> Signs = new Dictionary<Kind, int>
    {
        [Kind.Sold] = 1,
        [Kind.Returned] = -1,
    }.ToFrozenDictionary();

    public static void Define(Flow flow) => flow
        .From<Order>("orders", eventTime: order => order.At)
        .KeyBy(order => order.Customer)
        .Aggregate(0L, (orders, order) => orders + Signs[order.Kind])
        .ToTable("orders");
}
// </right>
