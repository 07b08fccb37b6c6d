namespace Kappa.Nexmark.Tests.Queries;

/// <summary>Who sells in three states, and what was bid in one category: joins without bounds.</summary>
internal static class Q3
{
    public static readonly Query LocalItems = new("q3", flow => flow.Auctions()
        .Where(auction => auction.Category == 10)
        .KeyBy(auction => auction.Seller)
        .Join(
            flow.Persons().Where(person => person.State is "or" or "id" or "ca").KeyBy(person => person.Id),
            Topics.AllTime, (auction, person) => new { auction.Id, person.Name, person.City, person.State })
        .ToTable("q3", row => row.Id), "name", "city", "state", "id");

    public static readonly Query Expand = new("q20", flow => flow.Bids()
        .KeyBy(bid => bid.Auction)
        .Join(
            flow.Auctions().Where(auction => auction.Category == 10).KeyBy(auction => auction.Id),
            Topics.AllTime,
            (bid, auction) => new
            {
                Id = bid.Id(),
                bid.Auction,
                bid.Bidder,
                bid.Price,
                bid.Channel,
                bid.Url,
                BidAt = bid.At,
                BidExtra = bid.Extra,
                auction.Item,
                auction.Description,
                auction.InitialBid,
                auction.Reserve,
                AuctionAt = auction.At,
                auction.Expires,
                auction.Seller,
                auction.Category,
                AuctionExtra = auction.Extra,
            })
        .ToTable("q20", row => row.Id),
        "auction", "bidder", "price", "channel", "url", "bid_at", "bid_extra", "item", "description", "initial_bid",
        "reserve", "auction_at", "expires", "seller", "category", "auction_extra");
}
