using Kappa.Streams;

namespace Kappa.Nexmark.Tests;

/// <summary>The three streams of Nexmark.</summary>
internal static class Topics
{
    public static readonly TimeSpan Lateness = TimeSpan.FromSeconds(4);

    /// <summary>How long an auction is open at most.</summary>
    public static readonly TimeSpan OpenMax = TimeSpan.FromMinutes(2);

    /// <summary>What SQL joins without bounds: all there is, as long as it is no more than this for each key.</summary>
    public static readonly Interval AllTime = Interval.Unbounded(rowsMax: 10_000);

    public static EventStream<Person> Persons(this Flow flow) =>
        flow.From<Person>("persons", eventTime: person => person.At, lateness: Lateness);

    public static EventStream<Auction> Auctions(this Flow flow) =>
        flow.From<Auction>("auctions", eventTime: auction => auction.At, lateness: Lateness);

    public static EventStream<Bid> Bids(this Flow flow) =>
        flow.From<Bid>("bids", eventTime: bid => bid.At, lateness: Lateness);
}
