// <wrong>
public static class Beside
{
    public static void Define(Flow flow) => flow
        .From<Order>("orders", eventTime: order => order.At)
        .Select(order => Task.Run(() => order.Price * 2).Result)
        .ToTable("doubled", price => price);
}
// </wrong>

// <right>
public static class InPlace
{
    public static void Define(Flow flow) => flow
        .From<Order>("orders", eventTime: order => order.At)
        .Select(order => order.Price * 2)
        .ToTable("doubled", price => price);
}
// </right>
