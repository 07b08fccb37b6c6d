using System.Globalization;
using Kappa.Log;
using Kappa.Streams.Runtime;
using Xunit;

namespace Kappa.Streams.Tests;

/// <summary>Rule O1: windows [start, end); calendar windows have true days of 23 and 25 hours.</summary>
public sealed class WindowTests
{
    [Theory]
    [InlineData(CalendarUnit.Day, "Europe/Madrid", "2026-03-29T12:00:00Z", "2026-03-28T23:00:00Z", 23)]
    [InlineData(CalendarUnit.Day, "Europe/Madrid", "2026-10-25T12:00:00Z", "2026-10-24T22:00:00Z", 25)]
    [InlineData(CalendarUnit.Day, "Europe/Madrid", "2026-10-24T22:00:00Z", "2026-10-24T22:00:00Z", 25)]
    [InlineData(CalendarUnit.Day, "Europe/Madrid", "2026-10-24T21:59:59Z", "2026-10-23T22:00:00Z", 24)]
    [InlineData(CalendarUnit.Day, "UTC", "2026-10-25T12:00:00Z", "2026-10-25T00:00:00Z", 24)]
    [InlineData(CalendarUnit.Day, "Asia/Kathmandu", "2026-06-01T18:15:00Z", "2026-06-01T18:15:00Z", 24)]
    [InlineData(CalendarUnit.Day, "America/Sao_Paulo", "2017-10-15T12:00:00Z", "2017-10-15T03:00:00Z", 23)]
    [InlineData(CalendarUnit.Week, "Europe/Madrid", "2026-03-29T12:00:00Z", "2026-03-22T23:00:00Z", 167)]
    [InlineData(CalendarUnit.Month, "Europe/Madrid", "2026-10-31T22:59:59Z", "2026-09-30T22:00:00Z", 745)]
    [InlineData(CalendarUnit.Year, "Europe/Madrid", "2024-02-29T00:00:00Z", "2023-12-31T23:00:00Z", 8784)]
    public void A_calendar_window_begins_at_local_midnight_and_is_as_long_as_it_is_O1(
        CalendarUnit unit, string zone, string time, string start, int hours)
    {
        var windows = new List<WindowBounds>();

        Window.Calendar(unit, zone).Cut.Assign(Ticks(time), windows);

        Assert.Equal([new WindowBounds(Ticks(start), Ticks(start) + TimeSpan.FromHours(hours).Ticks)], windows);
    }

    [Fact]
    public void A_value_at_the_end_of_a_window_belongs_to_the_next_one_O1()
    {
        var windows = new List<WindowBounds>();
        var minute = Window.Tumbling(TimeSpan.FromMinutes(1)).Cut;

        minute.Assign(Ticks("2026-01-01T00:01:00Z"), windows);
        minute.Assign(Ticks("1969-12-31T23:59:59Z"), windows);

        Assert.Equal(Ticks("2026-01-01T00:01:00Z"), windows[0].Start);
        Assert.Equal(Ticks("1970-01-01T00:00:00Z"), windows[1].End);
    }

    [Fact]
    public void Windows_that_cannot_be_are_refused_with_what_to_write_instead()
    {
        var second = TimeSpan.FromSeconds(1);
        foreach (var wrong in new Action[]
        {
            () => Window.Tumbling(TimeSpan.Zero),
            () => Window.Hopping(second, TimeSpan.FromSeconds(2)),
            () => Window.Hopping(TimeSpan.FromHours(1), second),
            () => Window.Cumulating(TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(3)),
            () => Window.Calendar(CalendarUnit.Day, "Europe/Atlantis"),
            () => Window.Tumbling(second).Grace(-second),
        })
        {
            var error = Assert.Throws<KappaException>(wrong);
            Assert.StartsWith("Give ", error.Next, StringComparison.Ordinal);
        }
    }

    private static long Ticks(string time) => DateTimeOffset.Parse(time, CultureInfo.InvariantCulture).UtcTicks;
}
