using System.Globalization;
using System.Text.RegularExpressions;

namespace Kappa.Nexmark.Tests.Queries;

/// <summary>Calculations on one bid: dates as text, time of day, what a URL holds.</summary>
internal static partial class Q10
{
    // TO_CHAR's HH is the hour of a clock with twelve hours.
    public static readonly Query Dates = new("q10", flow => flow.Bids()
        .Select(bid => new
        {
            Id = bid.Id(),
            bid.Auction,
            bid.Bidder,
            bid.Price,
            bid.At,
            Date = bid.At.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
            Time = bid.At.ToString("hh:mm", CultureInfo.InvariantCulture),
        })
        .ToTable("q10", row => row.Id), "auction", "bidder", "price", "at", "date", "time");

    public static readonly Query Calculation = new("q14", flow => flow.Bids()
        .Select(bid => new
        {
            Id = bid.Id(),
            bid.Auction,
            bid.Bidder,
            Price = 0.908m * bid.Price,
            TimeType = bid.At.Hour switch
            {
                >= 8 and <= 18 => "dayTime",
                <= 6 or >= 20 => "nightTime",
                _ => "otherTime",
            },
            bid.At,
            Count = bid.Extra.Count(c => c == 'c'),
        })
        .Where(row => row.Price is > 1_000_000 and < 50_000_000)
        .ToTable("q14", row => row.Id), "auction", "bidder", "price", "time_type", "at", "count");

    public static readonly Query Channels = new("q21", flow => flow.Bids()
        .Select(bid => new { Id = bid.Id(), bid.Auction, bid.Bidder, bid.Price, bid.Channel, Number = NumberOf(bid) })
        .Where(row => row.Number is not null)
        .ToTable("q21", row => row.Id), "auction", "bidder", "price", "channel", "number");

    public static readonly Query Directories = new("q22", flow => flow.Bids()
        .Select(bid => (Bid: bid, Parts: bid.Url.Split('/')))
        .Select(pair => new
        {
            Id = pair.Bid.Id(),
            pair.Bid.Auction,
            pair.Bid.Bidder,
            pair.Bid.Price,
            pair.Bid.Channel,
            First = pair.Parts.ElementAtOrDefault(3) ?? "",
            Second = pair.Parts.ElementAtOrDefault(4) ?? "",
            Third = pair.Parts.ElementAtOrDefault(5) ?? "",
        })
        .ToTable("q22", row => row.Id), "auction", "bidder", "price", "channel", "first", "second", "third");

    private static string? NumberOf(Bid bid) => bid.Channel.ToLowerInvariant() switch
    {
        "apple" => "0",
        "google" => "1",
        "facebook" => "2",
        "baidu" => "3",
        _ => ChannelId().Match(bid.Url) is { Success: true } found ? found.Groups[2].Value : null,
    };

    [GeneratedRegex("(&|^)channel_id=([^&]*)")]
    private static partial Regex ChannelId();
}
