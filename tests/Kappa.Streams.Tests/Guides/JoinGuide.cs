namespace Kappa.Streams.Tests.Guides;

/// <summary>The jobs that the guide of joins quotes.</summary>
internal static class JoinGuide
{
    // <join>
    public static readonly Job Delivered = Job.Define("delivered", flow =>
    {
        var orders = flow.From<Placed>("orders", eventTime: order => order.At).KeyBy(order => order.Id);
        var parcels = flow.From<Sent>("parcels", eventTime: parcel => parcel.At).KeyBy(parcel => parcel.Order);
        orders.Join(
                parcels, Interval.Between(TimeSpan.Zero, TimeSpan.FromDays(3)),
                (order, parcel) => new Delivery(order.Id, parcel.At - order.At))
            .ToTable("deliveries", delivery => delivery.Order);
    });
    // </join>

    // <left>
    public static readonly Job Forgotten = Job.Define("forgotten", flow =>
    {
        var orders = flow.From<Placed>("orders", eventTime: order => order.At).KeyBy(order => order.Id);
        var parcels = flow.From<Sent>("parcels", eventTime: parcel => parcel.At).KeyBy(parcel => parcel.Order);
        orders.LeftJoin(
                parcels, Interval.Between(TimeSpan.Zero, TimeSpan.FromDays(3)),
                (order, parcel) => (Order: order, WasSent: parcel is not null))
            .Where(pair => !pair.WasSent)
            .ToTopic("forgotten-orders");
    });
    // </left>

    // <self>
    public static readonly Job Doubles = Job.Define("doubles", flow =>
    {
        var orders = flow.From<Placed>("orders", eventTime: order => order.At).KeyBy(order => order.Customer);
        orders.Join(
                orders, Interval.Between(TimeSpan.Zero, TimeSpan.FromMinutes(5)),
                (first, second) => $"{first.Id} and {second.Id}",
                when: (first, second) => first.Id != second.Id && first.Article == second.Article)
            .ToTable("doubles", text => text);
    });
    // </self>

    // <merge>
    public static readonly Job AllSales = Job.Define("all-sales", flow =>
    {
        var shop = flow.From<Placed>("shop-orders", eventTime: order => order.At);
        var phone = flow.From<Placed>("phone-orders", eventTime: order => order.At);
        shop.Merge(phone).KeyBy(order => order.Article).Aggregate(Aggregate.Count<Placed>()).ToTable("sales");
    });
    // </merge>

    // <lookup>
    public static readonly Job Priced = Job.Define("priced", flow =>
    {
        var articles = flow.Table<string, Article>("articles");
        flow.From<Placed>("orders", eventTime: order => order.At)
            .LookUp(articles, order => order.Article, (order, article) => new Sale(order.Id, article?.Price))
            .ToTable("sales", sale => sale.Order);
    });
    // </lookup>

    // <keyed>
    public static readonly Job Spent = Job.Define("spent", flow =>
    {
        var articles = flow.Table<string, Article>("articles");
        flow.From<Placed>("orders", eventTime: order => order.At)
            .KeyBy(order => order.Customer)
            .LookUp(articles, order => order.Article, (order, article) => article?.Price ?? 0)
            .Aggregate(0m, (spent, price) => spent + price)
            .ToTable("spent-by-customer");
    });
    // </keyed>

    // <valid>
    public static readonly Job PricedThen = Job.Define("priced-then", flow =>
    {
        var prices = flow.Table<string, Article>("articles");
        flow.From<Placed>("orders", eventTime: order => order.At)
            .LookUp(
                prices, order => order.Article, (order, article) => new Sale(order.Id, article?.Price),
                validFrom: article => article.ValidFrom, preload: true)
            .ToTable("sales-then", sale => sale.Order);
    });
    // </valid>
}

public sealed record Placed(long Id, string Customer, string Article, DateTimeOffset At);

public sealed record Sent(long Order, DateTimeOffset At);

public sealed record Delivery(long Order, TimeSpan Took);

public sealed record Article(decimal Price, DateTimeOffset ValidFrom);

public sealed record Sale(long Order, decimal? Price);
