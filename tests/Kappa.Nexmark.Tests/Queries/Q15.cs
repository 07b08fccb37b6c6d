using System.Globalization;
using Kappa.Streams;
using Kappa.Testing;

namespace Kappa.Nexmark.Tests.Queries;

/// <summary>A day's bids: all, by channel, by auction. A day is a window of the calendar.</summary>
internal static class Q15
{
    private static readonly Window Day = Window.Calendar(CalendarUnit.Day, "UTC");

    private static readonly string[] Numbers =
    [
        "bids", "bids1", "bids2", "bids3", "bidders", "bidders1", "bidders2", "bidders3",
        "auctions", "auctions1", "auctions2", "auctions3",
    ];

    public static readonly Query Daily = new("q15", flow => flow.Bids()
        .Window(Day)
        .Aggregate(Activity.Of)
        .ToTable("q15"), row => [DayOf(row), .. Numbers.Select(number => row[number])]);

    public static readonly Query ByChannel = new("q16", flow => flow.Bids()
        .KeyBy(bid => bid.Channel)
        .Window(Day)
        .Aggregate(Activity.Of)
        .ToTable("q16"), row => [row["key"], DayOf(row), row["minute"], .. Numbers.Select(number => row[number])]);

    public static readonly Query ByAuction = new("q17", flow => flow.Bids()
        .KeyBy(bid => bid.Auction)
        .Window(Day)
        .Aggregate(Aggregate.Of(
            Aggregate.Count<Bid>(),
            Aggregate.Of(
                Aggregate.Sum((Bid bid) => bid.Price < 10_000 ? 1L : 0L),
                Aggregate.Sum((Bid bid) => bid.Price is >= 10_000 and < 1_000_000 ? 1L : 0L),
                Aggregate.Sum((Bid bid) => bid.Price >= 1_000_000 ? 1L : 0L),
                (low, middle, high) => (Low: low, Middle: middle, High: high)),
            Aggregate.Of(
                Aggregate.Min((Bid bid) => bid.Price), Aggregate.Max((Bid bid) => bid.Price),
                Aggregate.Average((Bid bid) => (decimal)bid.Price), Aggregate.Sum((Bid bid) => bid.Price),
                (least, most, mean, sum) => (Least: least, Most: most, Mean: mean, Sum: sum)),
            (count, ranks, prices) => new
            {
                Count = count,
                ranks.Low,
                ranks.Middle,
                ranks.High,
                prices.Least,
                prices.Most,
                prices.Mean,
                prices.Sum,
            }))
        .ToTable("q17"),
        row =>
        [
            row["key"], DayOf(row), row["count"], row["low"], row["middle"], row["high"], row["least"], row["most"],
            row["mean"], row["sum"],
        ]);

    private static string DayOf(TestRow row) =>
        ((DateTimeOffset)row["window_start"]!).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
