using System.Collections.Immutable;
using Kappa.Streams;

namespace Kappa.Nexmark.Tests.Queries;

/// <summary>
/// For each auction its seller's mean over this and the ten auctions before, in order of the bid that counts. SQL's
/// view takes the lowest bid of an auction for it.
/// </summary>
internal static class Q6
{
    public static readonly Query SellersMean = new("q6_group_top1", flow => flow.ByAuction()
        .Aggregate(Aggregate.MinBy((Offer offer) => offer.Price))
        .KeyBy(offer => offer.Seller)
        .Aggregate(new Aggregation<Offer, Sold, ImmutableArray<Mean>>(
            Sold.None, (sold, offer) => sold.With(offer), sold => sold.Means()))
        .SelectMany(means => means)
        .ToTable("q6_group_top1", mean => mean.Id), "seller", "value");

    internal sealed record Mean(long Id, long Seller, decimal Value);

    /// <summary>One offer of each auction of a seller.</summary>
    internal sealed record Sold(ImmutableSortedDictionary<long, Offer> Offers)
    {
        public static readonly Sold None = new(ImmutableSortedDictionary<long, Offer>.Empty);

        public Sold With(Offer offer) => new(Offers.SetItem(offer.Id, offer));

        public ImmutableArray<Mean> Means()
        {
            var inOrder = Offers.Values.OrderBy(offer => offer.BidAt).ThenBy(offer => offer.Id).ToList();
            return [.. inOrder.Select((offer, at) => new Mean(
                offer.Id, offer.Seller,
                inOrder.Skip(at - 10).Take(at - Math.Max(0, at - 10) + 1).Average(last => (decimal)last.Price)))];
        }
    }
}
