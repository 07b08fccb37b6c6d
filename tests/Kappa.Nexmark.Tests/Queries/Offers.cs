using Kappa.Streams;

namespace Kappa.Nexmark.Tests.Queries;

/// <summary>A bid on an auction that was open.</summary>
internal sealed record Offer(
    long Id, string Item, string Description, long InitialBid, long Reserve, DateTimeOffset At,
    DateTimeOffset Expires, long Seller, long Category, long Auction, long Bidder, long Price, DateTimeOffset BidAt);

internal static class Offers
{
    /// <summary>Every bid between the auction's beginning and its end: the bounds come from the auction.</summary>
    public static KeyedStream<long, Offer> ByAuction(this Flow flow) => flow.Auctions()
        .KeyBy(auction => auction.Id)
        .Join(
            flow.Bids().KeyBy(bid => bid.Auction),
            from: auction => auction.At, to: auction => auction.Expires, atMost: Topics.OpenMax,
            (auction, bid) => new Offer(
                auction.Id, auction.Item, auction.Description, auction.InitialBid, auction.Reserve, auction.At,
                auction.Expires, auction.Seller, auction.Category, bid.Auction, bid.Bidder, bid.Price, bid.At))
        .KeyBy(offer => offer.Id);

    /// <summary>The highest offer of each auction; of equal ones the first.</summary>
    public static RunningResults<long, Offer> Winning(this Flow flow) => flow.ByAuction()
        .Aggregate(Aggregate.MaxBy((Offer offer) => (offer.Price, -offer.BidAt.UtcTicks)));
}
