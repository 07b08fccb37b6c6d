using Kappa.Streams;

namespace Kappa.Nexmark.Tests.Queries;

/// <summary>The auctions with the most bids of the last ten seconds, every two seconds.</summary>
internal static class Q5
{
    private static readonly Window TenSeconds =
        Window.Hopping(TimeSpan.FromSeconds(10), every: TimeSpan.FromSeconds(2));

    public static readonly Query HotItems = new("q5", flow => flow.Bids()
        .KeyBy(bid => bid.Auction)
        .Window(TenSeconds)
        .Aggregate(Aggregate.Count<Bid>())
        .Window(Window.Same)
        .Aggregate(Aggregate.Top(1, (Windowed<long, long> count) => count.Value, Ties.All))
        .SelectMany(top => top.Value)
        .Select(count => new { count.Window.Start, Auction = count.Key, Num = count.Value })
        .ToTable("q5", hot => (hot.Start, hot.Auction)), "auction", "num");
}
