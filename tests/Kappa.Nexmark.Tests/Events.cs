namespace Kappa.Nexmark.Tests;

/// <summary>Somebody who sells or bids.</summary>
public sealed record Person(
    long Id, string Name, string Email, string Card, string City, string State, DateTimeOffset At, string Extra);

/// <summary>Something that is sold, and until when.</summary>
public sealed record Auction(
    long Id, string Item, string Description, long InitialBid, long Reserve, DateTimeOffset At,
    DateTimeOffset Expires, long Seller, long Category, string Extra);

/// <summary>What somebody would pay.</summary>
public sealed record Bid(
    long Auction, long Bidder, long Price, string Channel, string Url, DateTimeOffset At, string Extra)
{
    /// <summary>A bid has no number of its own: what tells it from others.</summary>
    public string Id() => FormattableString.Invariant($"{Auction}/{Bidder}/{At:O}/{Price}");
}
