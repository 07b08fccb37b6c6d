namespace Kappa.Nexmark.Tests;

/// <summary>
/// The queries' SQL said in LINQ over everything that happened: no watermark, no state, and no order of arrival but in
/// q13, which asks for it.
/// </summary>
internal sealed partial class Oracle(IEnumerable<object> events, int limit)
{
    private static readonly string[] WellKnown = ["apple", "google", "facebook", "baidu"];

    private readonly List<object> _all = [.. events];
    private readonly List<Person> _persons = [.. events.OfType<Person>()];
    private readonly List<Auction> _auctions = [.. events.OfType<Auction>()];
    private readonly List<Bid> _bids = [.. events.OfType<Bid>()];

    public IEnumerable<object?[]> Of(string query) => query switch
    {
        "q0" => _bids.Select(b => Row(b.Auction, b.Bidder, b.Price, b.At)),
        "q1" => _bids.Select(b => Row(b.Auction, b.Bidder, b.Price * 0.908m, b.At)),
        "q2" => _bids.Where(b => new long[] { 1007, 1020, 2001, 2019, 2087 }.Contains(b.Auction))
            .Select(b => Row(b.Auction, b.Price)),
        "q3" => from a in _auctions
                where a.Category == 10
                join p in _persons on a.Seller equals p.Id
                where new[] { "or", "id", "ca" }.Contains(p.State)
                select Row(p.Name, p.City, p.State, a.Id),
        "q4" => from final in Finals()
                group (decimal)final.Bids.Max(b => b.Price) by final.Auction.Category into category
                select Row(category.Key, category.Average()),
        "q5" => Hot(),
        "q6_group_top1" => SellersMean(),
        "q7" => from end in _bids.Select(b => Floor(b.At, 10).AddSeconds(10)).Distinct()
                let most = _bids.Where(b => Floor(b.At, 10).AddSeconds(10) == end).Max(b => b.Price)
                from b in _bids
                where b.Price == most && b.At >= end.AddSeconds(-10) && b.At <= end
                select Row(b.Auction, b.Price, b.Bidder, b.At),
        "q8" => (from p in _persons
                 join a in _auctions on p.Id equals a.Seller
                 where Floor(p.At, 10) == Floor(a.At, 10)
                 select (p.Id, p.Name, Floor(p.At, 10))).Distinct().Select(r => Row(r.Id, r.Name, r.Item3)),
        "q9" => from final in Finals()
                let a = final.Auction
                let b = final.Bids.OrderByDescending(b => b.Price).ThenBy(b => b.At).First()
                select Row(
                    a.Id, a.Item, a.Description, a.InitialBid, a.Reserve, a.At, a.Expires, a.Seller, a.Category,
                    b.Auction, b.Bidder, b.Price, b.At),
        "q10" => _bids.Select(b => Row(b.Auction, b.Bidder, b.Price, b.At, Day(b.At), Clock(b.At) + Two(b.At.Minute))),
        "q14" => from b in _bids
                 let price = b.Price * 0.908m
                 where price > 1_000_000 && price < 50_000_000
                 let hour = b.At.TimeOfDay.TotalHours
                 let time = hour >= 8 && hour < 19 ? "dayTime" : hour < 7 || hour >= 20 ? "nightTime" : "otherTime"
                 select Row(
                     b.Auction, b.Bidder, price, time, b.At,
                     b.Extra.Length - b.Extra.Replace("c", "", StringComparison.Ordinal).Length),
        "q20" => from b in _bids
                 join a in _auctions on b.Auction equals a.Id
                 where a.Category == 10
                 select Row(
                     b.Auction, b.Bidder, b.Price, b.Channel, b.Url, b.At, b.Extra, a.Item, a.Description, a.InitialBid,
                     a.Reserve, a.At, a.Expires, a.Seller, a.Category, a.Extra),
        "q21" => from b in _bids
                 let known = Array.IndexOf(WellKnown, b.Channel.ToLowerInvariant())
                 let parameter = b.Url.Split('&').LastOrDefault(part => part.StartsWith("channel_id=", Ordinal))
                 where known >= 0 || parameter is not null
                 select Row(b.Auction, b.Bidder, b.Price, b.Channel, known >= 0 ? known : parameter![11..]),
        "q22" => from b in _bids
                 let parts = b.Url["https://www.nexmark.com/".Length..].Split('/')
                 select Row(b.Auction, b.Bidder, b.Price, b.Channel, parts[0], parts[1], parts[2]),
        _ => Grouped(query),
    };

    private const StringComparison Ordinal = StringComparison.Ordinal;

    private static object?[] Row(params object?[] values) => values;

    private static DateTimeOffset Floor(DateTimeOffset at, int seconds) =>
        DateTimeOffset.FromUnixTimeSeconds(at.ToUnixTimeSeconds() / seconds * seconds);

    private static string Day(DateTimeOffset at) => $"{at.Year}-{Two(at.Month)}-{Two(at.Day)}";

    private static string Clock(DateTimeOffset at) => Two(at.Hour % 12 == 0 ? 12 : at.Hour % 12) + ":";

    private static string Two(int number) => number < 10 ? $"0{number}" : $"{number}";

    /// <summary>Auctions with the bids while they were open, where there are any.</summary>
    private IEnumerable<(Auction Auction, List<Bid> Bids)> Finals() =>
        from a in _auctions
        let bids = _bids.Where(b => b.Auction == a.Id && b.At >= a.At && b.At <= a.Expires).ToList()
        where bids.Count > 0
        select (a, bids);

    private IEnumerable<object?[]> Hot()
    {
        var windows = _bids.SelectMany(b => Enumerable.Range(0, 5).Select(i => Floor(b.At, 2).AddSeconds(-2 * i)))
            .Distinct();
        foreach (var start in windows)
        {
            var counts = _bids.Where(b => b.At >= start && b.At < start.AddSeconds(10)).CountBy(b => b.Auction)
                .ToList();
            foreach (var (auction, count) in counts.Where(pair => pair.Value == counts.Max(other => other.Value)))
            {
                yield return Row(auction, count);
            }
        }
    }

    private IEnumerable<object?[]> SellersMean() =>
        from final in Finals()
        group (Bid: final.Bids.MinBy(b => b.Price)!, final.Auction.Id) by final.Auction.Seller into seller
        let inOrder = seller.OrderBy(one => one.Bid.At).ThenBy(one => one.Id).ToList()
        from at in Enumerable.Range(0, inOrder.Count)
        let first = Math.Max(0, at - 10)
        select Row(seller.Key, inOrder[first..(at + 1)].Average(one => (decimal)one.Bid.Price));
}
