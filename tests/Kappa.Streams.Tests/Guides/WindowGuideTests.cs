using Kappa.Streams.Tests.Windows;
using Xunit;

namespace Kappa.Streams.Tests.Guides;

/// <summary>What the guides of windows and aggregates say happens.</summary>
public sealed class WindowGuideTests
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Spent_per_minute_is_a_sum_per_customer_and_minute()
    {
        var tables = Machine.Straight(WindowGuide.Tumbling, Fixed.OfAny(
            "orders", true, new Order("ann", 12.5m, Noon), new Order("ann", 7.5m, Noon.AddSeconds(59)),
            new Order("ann", 1, Noon.AddSeconds(60))));

        Assert.Equal([20m, 1m], tables.Rows("spent-per-minute").Select(row => (decimal)row[3]!));
    }

    [Fact]
    public void The_hottest_auctions_are_all_that_had_the_most_bids()
    {
        var tables = Machine.Straight(WindowGuide.Hottest, Fixed.OfAny(
            "bids", true, new Bid(1, Noon), new Bid(2, Noon), new Bid(3, Noon), new Bid(1, Noon), new Bid(2, Noon)));

        Assert.Equal(5 * 2, tables.Rows("hottest").Count);
        Assert.Equal([1L, 2L], tables.Rows("hottest").Select(row => (long)row[1]!).Distinct());
    }

    [Fact]
    public void Open_at_midnight_is_each_open_ticket_at_each_midnight_of_Madrid()
    {
        var tables = Machine.Straight(WindowGuide.OpenAtMidnight, Fixed.OfAny(
            "tickets", true, new TicketChange("a", "new", Noon), new TicketChange("b", "new", Noon.AddHours(1)),
            new TicketChange("b", "closed", Noon.AddDays(1)), new TicketChange("c", "new", Noon.AddDays(2))));

        Assert.Equal(
            ["01 23:00 a", "01 23:00 b", "02 23:00 a", "03 23:00 a", "03 23:00 c"],
            tables.Rows("open-at-midnight").Select(row => FormattableString.Invariant(
                $"{(DateTimeOffset)row[0]!:dd HH:mm} {row[1]}")));
    }

    [Fact]
    public void An_aggregation_of_ones_own_goes_with_the_platforms_in_one_result()
    {
        var tables = Machine.Straight(WindowGuide.Hours, Fixed.OfAny(
            "orders", true, new Order("ann", 1, Noon), new Order("ann", 3, Noon.AddSeconds(1))));

        Assert.Equal([2L, 3m, 0.5], tables.Rows("hours").Single()[3..6]);
    }
}
