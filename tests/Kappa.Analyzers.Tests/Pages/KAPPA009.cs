// <wrong>
public static class Arrived
{
    public static void Define(Flow flow) => flow
        .From<Order>("orders", eventTime: order => order.At)
        .KeyBy(order => order.Customer)
        .Aggregate(Total.None, (total, order) => total with
        {
            Last = order.At,
            Sum = total.Sum + (order.At - total.Last).TotalHours,
        })
        .ToTable("hours");
}
// </wrong>

// <right>
public static class Ordered
{
    public static void Define(Flow flow) => flow
        .From<Order>("orders", eventTime: order => order.At)
        .KeyBy(order => order.Customer)
        .InOrder()
        .Aggregate(Total.None, (total, order) => total with
        {
            Last = order.At,
            Sum = total.Sum + (order.At - total.Last).TotalHours,
        })
        .ToTable("hours");
}
// </right>
