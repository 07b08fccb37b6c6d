// <wrong>
public static class Late
{
    public static void Define(Flow flow) => flow
        .From<Order>("orders", eventTime: order => order.At)
        .Select(order => (long)((dynamic)order).Count)
        .ToTable("counts", count => count);
}
// </wrong>

// <right>
public static class Typed
{
    public static void Define(Flow flow) => flow
        .From<Order>("orders", eventTime: order => order.At)
        .Select(order => (long)order.Count)
        .ToTable("counts", count => count);
}
// </right>
