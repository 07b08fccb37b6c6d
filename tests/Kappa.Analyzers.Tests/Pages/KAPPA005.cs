// <wrong>
public static class Asked
{
    public static void Define(Flow flow) => flow
        .From<Order>("orders", eventTime: order => order.At)
        .Select(order => (order.Id, Total: order.Price * double.Parse(File.ReadAllText("rate.txt"))))
        .ToTable("sales", sale => sale.Id);
}
// </wrong>

// <right>
public static class Settled
{
    public static void Define(Flow flow)
    {
        var rate = double.Parse(File.ReadAllText("rate.txt"));
        flow.From<Order>("orders", eventTime: order => order.At)
            .Select(order => (order.Id, Total: order.Price * rate))
            .ToTable("sales", sale => sale.Id);
    }
}
// </right>
