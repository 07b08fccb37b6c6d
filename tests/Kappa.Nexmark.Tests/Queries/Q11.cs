using Kappa.Streams;

namespace Kappa.Nexmark.Tests.Queries;

/// <summary>
/// Two of Nexmark's queries that the peer's files do not have: sessions of bidders, and a side input.
/// </summary>
internal static class Q11
{
    public static readonly Query Sessions = new("q11", flow => flow.Bids()
        .KeyBy(bid => bid.Bidder)
        .Window(Window.Session(TimeSpan.FromSeconds(2)))
        .Aggregate(Aggregate.Count<Bid>())
        .ToTable("q11"), "key", "value", "window_start", "window_end");

    /// <summary>Each bid with its bidder's name, if the bidder was known when it came.</summary>
    public static readonly Query SideInput = new("q13", flow => flow.Bids()
        .LookUp(
            flow.From<Person>("persons").KeyBy(person => person.Id).Latest(), bid => bid.Bidder,
            (bid, person) => new { Id = bid.Id(), bid.Auction, bid.Bidder, bid.Price, bid.At, person?.Name })
        .ToTable("q13", row => row.Id), "auction", "bidder", "price", "at", "name");
}
