using Kappa.Streams;

namespace Kappa.Nexmark.Tests.Queries;

/// <summary>
/// Auctions with what was bid on them, at all times and also without a bid: an outer join without bounds is a fold over
/// both sides of a key.
/// </summary>
internal static class Q101
{
    public static readonly Query Highest = new("q101", flow => flow.Lots()
        .Where(lot => lot.Item is not null)
        .Select(lot => new { Id = lot.Auction, lot.Item, lot.Highest })
        .ToTable("q101", row => row.Id), "id", "item", "highest");

    public static readonly Query Busy = new("q103", flow => flow.Lots(lot => lot.Bids >= 20)
        .ToTable("q103"), "auction", "item");

    public static readonly Query NotQuiet = new("q104", flow => flow.Lots(lot => lot.Bids is 0 or >= 20)
        .ToTable("q104"), "auction", "item");

    /// <summary>Every auction and what was bid on it.</summary>
    public static RunningResults<long, Lot> Lots(this Flow flow) => flow.Auctions()
        .KeyBy(auction => auction.Id)
        .With(flow.Bids().KeyBy(bid => bid.Auction))
        .Aggregate(new Lot(0, null, 0, null), (lot, either) => lot.Add(either));

    /// <summary>
    /// The auctions there are for which a condition holds; one for which it holds no more has no row.
    /// </summary>
    private static RunningResults<long, Lot?> Lots(this Flow flow, Func<Lot, bool> condition) => flow.Auctions()
        .KeyBy(auction => auction.Id)
        .With(flow.Bids().KeyBy(bid => bid.Auction))
        .Aggregate(new Aggregation<Either<Auction, Bid>, Lot, Lot?>(
            new Lot(0, null, 0, null), (lot, either) => lot.Add(either),
            lot => lot.Item is not null && condition(lot) ? lot : null));
}

/// <summary>An auction, if it is known, and what was bid on it.</summary>
internal sealed record Lot(long Auction, string? Item, long Bids, long? Highest)
{
    public Lot Add(Either<Auction, Bid> either) => either.IsRight
        ? this with
        {
            Auction = either.Right.Auction,
            Bids = Bids + 1,
            Highest = Math.Max(Highest ?? long.MinValue, either.Right.Price),
        }
        : this with { Auction = either.Left.Id, Item = either.Left.Item };
}
