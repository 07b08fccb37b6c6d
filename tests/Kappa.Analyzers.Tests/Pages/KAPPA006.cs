// <wrong>
public static class AnyFirst
{
    public static void Define(Flow flow) => flow
        .From<Order>("orders", eventTime: order => order.At)
        .KeyBy(order => order.Customer)
        .Aggregate(
            ImmutableDictionary<string, double>.Empty, (prices, order) => prices.SetItem(order.Id, order.Price))
        .Select(prices => (Ids: string.Join(",", prices.Keys), Total: prices.Values.Sum()))
        .ToTable("carts", cart => cart.Ids);
}
// </wrong>

// <right>
public static class InKeyOrder
{
    public static void Define(Flow flow) => flow
        .From<Order>("orders", eventTime: order => order.At)
        .KeyBy(order => order.Customer)
        .Aggregate(
            ImmutableSortedDictionary.Create<string, double>(StringComparer.Ordinal),
            (prices, order) => prices.SetItem(order.Id, order.Price))
        .Select(prices => (Ids: string.Join(",", prices.Keys), Total: prices.Values.Sum()))
        .ToTable("carts", cart => cart.Ids);
}
// </right>
