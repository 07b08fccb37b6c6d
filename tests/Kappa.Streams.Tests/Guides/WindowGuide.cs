namespace Kappa.Streams.Tests.Guides;

/// <summary>The jobs that the guides of windows and aggregates quote.</summary>
internal static class WindowGuide
{
    public static readonly Job Tumbling = Job.Define("tumbling", flow =>
    {
        // <tumbling>
        flow.From<Order>("orders", eventTime: order => order.PlacedAt, lateness: TimeSpan.FromSeconds(30))
            .KeyBy(order => order.Customer)
            .Window(Window.Tumbling(TimeSpan.FromMinutes(1)))
            .Aggregate(Aggregate.Sum((Order order) => order.Amount))
            .ToTable("spent-per-minute");

        // </tumbling>
    });

    public static readonly Job Hottest = Job.Define("hottest", flow =>
    {
        var bids = flow.From<Bid>("bids", eventTime: bid => bid.At);

        // <same>
        bids.KeyBy(bid => bid.Auction)
            .Window(Window.Hopping(TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(2)))
            .Aggregate(Aggregate.Count<Bid>())
            .Window(Window.Same)
            .Aggregate(Aggregate.Top(1, (Windowed<long, long> count) => count.Value, Ties.All))
            .SelectMany(top => top.Value)
            .ToTable("hottest", hot => (hot.Window.End, hot.Key));

        // </same>
    });

    public static readonly Job OpenAtMidnight = Job.Define("open-at-midnight", flow =>
    {
        var changes = flow.From<TicketChange>("tickets", eventTime: change => change.At);

        // <as-of>
        changes.KeyBy(change => change.Ticket).InOrder()
            .Aggregate(Ticket.New, (ticket, change) => ticket.On(change))
            .AsOf(Window.Calendar(CalendarUnit.Day, "Europe/Madrid"))
            .Where(at => at.Value.IsOpen)
            .ToTable("open-at-midnight", at => (at.Window.End, at.Key));

        // </as-of>
    });

    // <own>
    public static readonly Aggregation<Order, Spread, double> Variation = new(
        seed: new Spread(0, 0, 0),
        next: (spread, order) => spread.Add((double)order.Amount),
        result: spread => spread.Deviation / spread.Mean);

    // </own>
    public static readonly Job Hours = Job.Define("hours", flow =>
    {
        var orders = flow.From<Order>("orders", eventTime: order => order.PlacedAt);

        // <of>
        orders.KeyBy(order => order.Customer)
            .Window(Window.Tumbling(TimeSpan.FromHours(1)))
            .Aggregate(Aggregate.Of(
                Aggregate.Count<Order>(), Aggregate.Max((Order order) => order.Amount), Variation,
                (count, largest, variation) => new Hour(count, largest, variation)))
            .ToTable("hours");

        // </of>
    });
}

public sealed record Order(string Customer, decimal Amount, DateTimeOffset PlacedAt);

public sealed record Hour(long Count, decimal Largest, double Variation);

public readonly record struct Bid(long Auction, DateTimeOffset At);

public sealed record TicketChange(string Ticket, string State, DateTimeOffset At);

public sealed record Ticket(bool IsOpen, long Changes)
{
    public static readonly Ticket New = new(false, 0);

    public Ticket On(TicketChange change) => new(change.State != "closed", Changes + 1);
}

public readonly record struct Spread(double Count, double Sum, double Squares)
{
    public double Mean => Sum / Count;

    public double Deviation => Math.Sqrt(Math.Max(0, (Squares / Count) - (Mean * Mean)));

    public Spread Add(double value) => new(Count + 1, Sum + value, Squares + (value * value));
}
