using System.Collections.Immutable;
using System.Globalization;
using Kappa.Streams;

namespace Kappa.Nexmark.Tests.Queries;

/// <summary>What went on in a window: bids, who bade and on what; of all prices and of three ranks of them.</summary>
internal sealed record Activity(string Minute, Activity.Rank All, Activity.Rank Low, Activity.Rank Middle,
    Activity.Rank High)
{
    private static readonly Activity None = new("", Rank.None, Rank.None, Rank.None, Rank.None);

    public static readonly Aggregation<Bid, Activity, Numbers> Of =
        new(None, (activity, bid) => activity.Add(bid), activity => activity.Shown);

    private Numbers Shown => new(
        Minute, All.Bids, Low.Bids, Middle.Bids, High.Bids,
        All.Bidders.Count, Low.Bidders.Count, Middle.Bidders.Count, High.Bidders.Count,
        All.Auctions.Count, Low.Auctions.Count, Middle.Auctions.Count, High.Auctions.Count);

    private Activity Add(Bid bid)
    {
        // TO_CHAR's HH:mm is the hour of a clock with twelve hours, and the month.
        var minute = bid.At.ToString("hh:MM", CultureInfo.InvariantCulture);
        return new Activity(
            string.CompareOrdinal(minute, Minute) > 0 ? minute : Minute, All.Add(bid),
            bid.Price < 10_000 ? Low.Add(bid) : Low,
            bid.Price is >= 10_000 and < 1_000_000 ? Middle.Add(bid) : Middle,
            bid.Price >= 1_000_000 ? High.Add(bid) : High);
    }

    internal sealed record Rank(long Bids, ImmutableHashSet<long> Bidders, ImmutableHashSet<long> Auctions)
    {
        public static readonly Rank None = new(0, [], []);

        public Rank Add(Bid bid) => new(Bids + 1, Bidders.Add(bid.Bidder), Auctions.Add(bid.Auction));
    }

    internal sealed record Numbers(
        string Minute, long Bids, long Bids1, long Bids2, long Bids3, long Bidders, long Bidders1, long Bidders2,
        long Bidders3, long Auctions, long Auctions1, long Auctions2, long Auctions3);
}
