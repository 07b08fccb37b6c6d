using Kappa.Streams;

namespace Kappa.Nexmark.Tests.Queries;

/// <summary>What an auction ends at: the mean by category, the winning bids, the least of all.</summary>
internal static class Q4
{
    public static readonly Query ByCategory = new("q4", flow => flow.Winning()
        .Changes()
        .KeyBy(change => change.Item.Category)
        .Aggregate(new Aggregation<Change<Offer>, Share, decimal?>(
            new Share(0, 0), (share, change) => share.Add(change), share => share.Mean))
        .ToTable("q4"), "key", "value");

    public static readonly Query WinningBids = new("q9", flow => flow.Winning()
        .ToTable("q9", offer => offer.Auction), "id", "item", "description", "initial_bid", "reserve", "at",
        "expires", "seller", "category", "auction", "bidder", "price", "bid_at");

    /// <summary>The least of values that rise: all of them are kept, and the least one read.</summary>
    public static readonly Query Least = new("q106", flow => flow.Winning()
        .KeyBy(_ => "all")
        .Aggregate(new Aggregation<Offer, Finals, long>(
            Finals.None, (finals, offer) => finals.With(offer), finals => finals.Prices.Values.Min()))
        .ToTable("q106"), "value");

    /// <summary>A sum and a count that follow what is taken back and what is said anew.</summary>
    internal sealed record Share(decimal Sum, long Count)
    {
        public decimal? Mean => Count == 0 ? null : Sum / Count;

        public Share Add(Change<Offer> change) =>
            new(Sum + (change.Sign * change.Item.Price), Count + change.Sign);
    }
}
