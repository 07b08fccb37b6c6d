// <wrong>
public static class Buckets
{
    public static void Define(Flow flow) => flow
        .From<Order>("orders", eventTime: order => order.At)
        .KeyBy(order => order.Customer.GetHashCode() % 16)
        .Aggregate(0L, (count, order) => count + 1)
        .ToTable("buckets");
}
// </wrong>

// <right>
public static class StatedBuckets
{
    public static void Define(Flow flow) => flow
        .From<Order>("orders", eventTime: order => order.At)
        .KeyBy(order => Bucket(order.Customer))
        .Aggregate(0L, (count, order) => count + 1)
        .ToTable("buckets");

    private static int Bucket(string customer) =>
        System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(customer))[0] % 16;
}
// </right>
