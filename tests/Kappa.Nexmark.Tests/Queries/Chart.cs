using System.Collections.Immutable;

namespace Kappa.Nexmark.Tests.Queries;

/// <summary>All lots, those that are shown, and what the last change of a lot changed in that.</summary>
internal sealed record Chart(
    ImmutableSortedDictionary<long, Lot> Lots, ImmutableSortedDictionary<long, Lot> Shown, long Bids, long BidOn,
    ImmutableArray<Chart.Verdict> Said)
{
    public static readonly Chart None = new(
        ImmutableSortedDictionary<long, Lot>.Empty, ImmutableSortedDictionary<long, Lot>.Empty, 0, 0, []);

    /// <summary>A lot that is shown from now on, or (null) no more.</summary>
    internal sealed record Verdict(long Auction, Lot? Lot);

    /// <summary>Shows the lots with at least as many bids as the mean of all that were bid on.</summary>
    public Chart AboveMean(Lot lot)
    {
        var next = Take(lot);
        var least = next.BidOn == 0 ? 0 : next.Bids / next.BidOn;
        return next.Show(next.Known.Where(known => known.Bids >= least));
    }

    /// <summary>Shows the lots with the most bids; of equal ones those with the lower number.</summary>
    public Chart Most(Lot lot, int limit)
    {
        var next = Take(lot);
        return next.Show(
            next.Known.OrderByDescending(known => known.Bids).ThenBy(known => known.Auction).Take(limit));
    }

    private IEnumerable<Lot> Known => Lots.Values.Where(lot => lot.Item is not null && lot.Bids > 0);

    private Chart Take(Lot lot)
    {
        var before = Lots.GetValueOrDefault(lot.Auction)?.Bids ?? 0;
        return this with
        {
            Lots = Lots.SetItem(lot.Auction, lot),
            Bids = Bids + lot.Bids - before,
            BidOn = BidOn + (lot.Bids > 0 && before == 0 ? 1 : 0),
        };
    }

    private Chart Show(IEnumerable<Lot> lots)
    {
        var shown = lots.ToImmutableSortedDictionary(lot => lot.Auction, lot => lot);
        return this with
        {
            Shown = shown,
            Said =
            [
                .. Shown.Keys.Where(auction => !shown.ContainsKey(auction)).Select(gone => new Verdict(gone, null)),
                .. shown.Values.Where(lot => Shown.GetValueOrDefault(lot.Auction) != lot)
                    .Select(lot => new Verdict(lot.Auction, lot)),
            ],
        };
    }
}
