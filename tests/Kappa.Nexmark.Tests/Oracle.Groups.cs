namespace Kappa.Nexmark.Tests;

/// <content>What SQL groups.</content>
internal sealed partial class Oracle
{
    private static readonly TimeSpan Gap = TimeSpan.FromSeconds(2);

    private IEnumerable<object?[]> Grouped(string query) => query switch
    {
        "q11" => from b in _bids
                 group b.At by b.Bidder into bidder
                 from session in Sessions([.. bidder.Order()])
                 select Row(bidder.Key, session.Count, session[0], session[^1].AddSeconds(2)),
        "q13" => from come in _all.Index()
                 where come.Item is Bid
                 let b = (Bid)come.Item
                 let known = _all.Take(come.Index).OfType<Person>().FirstOrDefault(p => p.Id == b.Bidder)
                 select Row(b.Auction, b.Bidder, b.Price, b.At, known?.Name),
        "q15" => _bids.GroupBy(b => Day(b.At)).Select(day => Row([day.Key, .. Ranks([.. day])])),
        "q16" => _bids.GroupBy(b => (b.Channel, Day: Day(b.At))).Select(group => Row(
            [group.Key.Channel, group.Key.Day, group.Max(b => Clock(b.At) + Two(b.At.Month)), .. Ranks([.. group])])),
        "q17" => from b in _bids
                 group b.Price by (b.Auction, Day: Day(b.At)) into day
                 select Row(
                     day.Key.Auction, day.Key.Day, day.Count(), day.Count(p => p < 10_000),
                     day.Count(p => p >= 10_000 && p < 1_000_000), day.Count(p => p >= 1_000_000), day.Min(),
                     day.Max(), day.Average(p => (decimal)p), day.Sum()),
        "q18" => from b in _bids
                 group b by (b.Bidder, b.Auction) into pair
                 let b = pair.OrderByDescending(b => b.At).ThenBy(b => b.Extra, StringComparer.Ordinal).First()
                 select Row(b.Auction, b.Bidder, b.Price, b.Channel, b.Url, b.At, b.Extra),
        "q19" => from b in _bids
                 group b by b.Auction into auction
                 from ranked in auction.OrderByDescending(b => b.Price).Take(10).Index()
                 let b = ranked.Item
                 select Row(b.Auction, b.Bidder, b.Price, b.Channel, b.Url, b.At, b.Extra, ranked.Index + 1),
        "q101" => from lot in Lots()
                  select Row(
                      lot.Auction.Id, lot.Auction.Item, lot.Bids.Count > 0 ? lot.Bids.Max(b => b.Price) : null),
        "q102" => from lot in Lots()
                  where lot.Bids.Count > 0
                  where lot.Bids.Count >= _bids.Count / _bids.DistinctBy(b => b.Auction).Count()
                  select Row(lot.Auction.Id, lot.Auction.Item, lot.Bids.Count),
        "q103" => from lot in Lots()
                  where lot.Bids.Count >= 20
                  select Row(lot.Auction.Id, lot.Auction.Item),
        "q104" => from lot in Lots()
                  where lot.Bids.Count is 0 or >= 20
                  select Row(lot.Auction.Id, lot.Auction.Item),
        "q105" => (from lot in Lots()
                   where lot.Bids.Count > 0
                   orderby lot.Bids.Count descending, lot.Auction.Id
                   select Row(lot.Auction.Id, lot.Auction.Item, lot.Bids.Count)).Take(limit),
        "q106" => [Row(Finals().Min(final => final.Bids.Max(b => b.Price)))],
        _ => throw new InvalidOperationException($"Nothing is known of query '{query}'."),
    };

    private static IEnumerable<List<DateTimeOffset>> Sessions(List<DateTimeOffset> times)
    {
        for (var first = 0; first < times.Count;)
        {
            var count = 1;
            while (first + count < times.Count && times[first + count] - times[first + count - 1] <= Gap)
            {
                count++;
            }

            yield return times.GetRange(first, count);
            first += count;
        }
    }

    private static IEnumerable<object?> Ranks(List<Bid> bids)
    {
        List<Bid>[] ranks =
        [
            bids, [.. bids.Where(b => b.Price < 10_000)],
            [.. bids.Where(b => b.Price >= 10_000 && b.Price < 1_000_000)],
            [.. bids.Where(b => b.Price >= 1_000_000)],
        ];
        return ranks.Select(rank => rank.Count)
            .Concat(ranks.Select(rank => rank.Select(b => b.Bidder).Distinct().Count()))
            .Concat(ranks.Select(rank => rank.Select(b => b.Auction).Distinct().Count())).Cast<object?>();
    }

    private IEnumerable<(Auction Auction, List<Bid> Bids)> Lots() =>
        _auctions.Select(a => (a, _bids.Where(b => b.Auction == a.Id).ToList()));
}
