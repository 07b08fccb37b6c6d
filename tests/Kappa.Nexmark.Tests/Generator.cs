using System.Globalization;

namespace Kappa.Nexmark.Tests;

/// <summary>
/// Events of Nexmark's shape from a seed, in order of arrival: of 50 events one is a person, three are auctions, the
/// others bids; few sellers and auctions are hot; what happened comes up to the lateness after it happened. Times of
/// bids and prices on an auction differ, so that SQL's row numbers leave nothing open.
/// </summary>
internal static class Generator
{
    private static readonly DateTimeOffset Start = new(2015, 7, 15, 23, 59, 20, TimeSpan.Zero);
    private static readonly string[] States = ["or", "id", "ca", "wa", "az"];
    private static readonly string[] Channels = ["Apple", "Google", "Facebook", "Baidu"];

    /// <summary>So many events at most: each price has its number in it.</summary>
    private const int CountMax = 2_400;

    public static IReadOnlyList<object> Events(int seed, int count)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, CountMax);
        var random = new Random(seed);
        List<object> events = [];
        long persons = 0, auctions = 0;
        for (var n = 0; n < count; n++)
        {
            var at = Start.AddMilliseconds((n * 50) + random.Next(40));
            events.Add((n % 50) switch
            {
                0 => PersonOf(1000 + persons++, at, random),
                1 or 2 or 3 => AuctionOf(1000 + auctions++, at, persons, random),
                _ => BidOf(n, at, persons, auctions, random),
            });
        }

        var delay = Topics.Lateness.TotalMilliseconds;
        return [.. events.OrderBy(happened => Arrival.TimeOf(happened).AddMilliseconds(random.NextDouble() * delay))];
    }

    private static Person PersonOf(long id, DateTimeOffset at, Random random) => new(
        id, $"name {id % 7}", $"{id}@x.com", "1234", "city " + random.Next(5), States[random.Next(States.Length)], at,
        Letters(random, 10));

    private static Auction AuctionOf(long id, DateTimeOffset at, long persons, Random random) => new(
        id, "item " + Letters(random, 5), Letters(random, 8), random.Next(1_000), random.Next(1_000, 2_000), at,
        at.AddMilliseconds(random.Next(1_000, 30_000)), 1000 + Recent(persons, random), random.Next(10, 15),
        Letters(random, 10));

    private static Bid BidOf(int n, DateTimeOffset at, long persons, long auctions, Random random)
    {
        // Now and then a bid comes for an auction that begins only later, or never.
        var auction = 1000 + (random.Next(20) == 0 ? auctions + random.Next(2) : Recent(auctions, random));
        var price = random.Next(3) switch
        {
            0 => (random.Next(4) * CountMax) + n,
            1 => 10_000 + (random.Next(400) * CountMax) + n,
            _ => 1_000_000 + (random.Next(30_000) * CountMax) + n,
        };
        var channel = random.Next(2) == 0
            ? Channels[random.Next(Channels.Length)]
            : "channel-" + random.Next(6).ToString(CultureInfo.InvariantCulture);
        var path = $"https://www.nexmark.com/{Letters(random, 3)}/{Letters(random, 3)}/{Letters(random, 3)}/item.htm";
        var query = random.Next(3) == 0 ? "?query=1" : $"?query=1&channel_id={random.Next(1_000)}";
        return new Bid(
            auction, 1000 + random.NextInt64(persons), price, channel, path + query, at,
            Letters(random, 12));
    }

    /// <summary>Half the time the newest of all but one in ten, else any.</summary>
    private static long Recent(long count, Random random) =>
        random.Next(2) == 0 ? (count - 1) / 10 * 10 : random.NextInt64(Math.Max(0, count - 30), count);

    private static string Letters(Random random, int count) =>
        string.Concat(Enumerable.Range(0, count).Select(_ => (char)('a' + random.Next(6))));
}
