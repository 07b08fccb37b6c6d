using Kappa.Streams;

namespace Kappa.Nexmark.Tests.Queries;

/// <summary>
/// The highest bids of every ten seconds. SQL's view joins a window's highest price with the bids from its start to its
/// end, both included; so does this.
/// </summary>
internal static class Q7
{
    private static readonly TimeSpan Ten = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Tick = TimeSpan.FromTicks(1);

    // A window's result stands a tick before its end.
    public static readonly Query Highest = new("q7", flow => flow.Bids()
        .Window(Window.Tumbling(Ten))
        .Aggregate(Aggregate.Max((Bid bid) => bid.Price))
        .KeyBy(highest => highest.Value)
        .Join(
            flow.Bids().KeyBy(bid => bid.Price), Interval.Between(Tick - Ten, Tick),
            (highest, bid) => new
            {
                highest.Window.End,
                Id = bid.Id(),
                bid.Auction,
                bid.Price,
                bid.Bidder,
                bid.At,
            })
        .ToTable("q7", row => (row.End, row.Id)), "auction", "price", "bidder", "at");
}
