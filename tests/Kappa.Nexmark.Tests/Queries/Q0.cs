namespace Kappa.Nexmark.Tests.Queries;

/// <summary>Pass-through, currency conversion, selection: a value at a time.</summary>
internal static class Q0
{
    public static readonly Query PassThrough = new("q0", flow => flow.Bids()
        .ToTable("q0", bid => bid.Id()), "auction", "bidder", "price", "at");

    public static readonly Query Currency = new("q1", flow => flow.Bids()
        .Select(bid => new { Id = bid.Id(), bid.Auction, bid.Bidder, Price = 0.908m * bid.Price, bid.At })
        .ToTable("q1", row => row.Id), "auction", "bidder", "price", "at");

    public static readonly Query Selection = new("q2", flow => flow.Bids()
        .Where(bid => bid.Auction is 1007 or 1020 or 2001 or 2019 or 2087)
        .Select(bid => new { Id = bid.Id(), bid.Auction, bid.Price })
        .ToTable("q2", row => row.Id), "auction", "price");
}
