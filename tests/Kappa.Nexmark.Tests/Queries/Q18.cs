using Kappa.Streams;

namespace Kappa.Nexmark.Tests.Queries;

/// <summary>The last bid of each bidder on each auction, and the ten highest of each auction.</summary>
internal static class Q18
{
    public static readonly Query LastBids = new("q18", flow => flow.Bids()
        .KeyBy(bid => (bid.Auction, bid.Bidder))
        .Aggregate((Bid?)null, (last, bid) => last is null || IsLater(bid, last) ? bid : last)
        .ToTable("q18"),
        "auction", "bidder", "price", "channel", "url", "at", "extra");

    public static readonly Query TopTen = new("q19", flow => flow.Bids()
        .KeyBy(bid => bid.Auction)
        .Aggregate(Aggregate.Top(10, (Bid bid) => bid.Price))
        .SelectMany(top => top.Select((bid, at) => new
        {
            bid.Auction,
            bid.Bidder,
            bid.Price,
            bid.Channel,
            bid.Url,
            bid.At,
            bid.Extra,
            Rank = at + 1,
        }))
        .ToTable("q19", row => (row.Auction, row.Rank)),
        "auction", "bidder", "price", "channel", "url", "at", "extra", "rank");

    // Of several at one time the one whose extra text comes first.
    private static bool IsLater(Bid bid, Bid last) =>
        bid.At > last.At || (bid.At == last.At && string.CompareOrdinal(bid.Extra, last.Extra) < 0);
}
