// <wrong>
public static class Invented
{
    public static void Define(Flow flow) => flow
        .From<Order>("orders", eventTime: order => order.At)
        .Select(order => (Id: Guid.NewGuid(), order.Price))
        .ToTable("sales", sale => sale.Id);
}
// </wrong>

// <right>
public static class Named
{
    public static void Define(Flow flow) => flow
        .From<Order>("orders", eventTime: order => order.At)
        .Select(order => (Id: $"{order.Customer}/{order.Id}", order.Price))
        .ToTable("sales", sale => sale.Id);
}
// </right>
