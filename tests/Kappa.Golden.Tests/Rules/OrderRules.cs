using Kappa.Streams;
using Xunit;

namespace Kappa.Golden.Tests.Rules;

/// <summary>Rules T7 to T9 and L6, one example each, expected rows written by hand.</summary>
public sealed class OrderRules
{
    [Fact]
    public async Task T7_a_leap_of_the_watermark_gives_what_a_slow_rise_gives()
    {
        // Due in this order: the releases of one time by key bytes, a later release, then the timers the first ones
        // set.
        const string Expected = "set30;set60;1;a@12:00:35;b@12:01:05;";
        foreach (var slow in new[] { true, false })
        {
            await using var s = await Scenario.OpenAsync();
            await s.PutAsync("14:00:00", at: "12:00:05", "b", n: 60, tag: "set");
            await s.PutAsync("14:00:01", at: "12:00:05", "a", n: 30, tag: "set", partition: 1);
            await s.PutAsync("14:00:02", at: "12:00:20", "a", n: 1);
            for (var second = 0; slow && second < 300; second += 5)
            {
                var at = $"12:{second / 60:00}:{second % 60:00}";
                await s.PutAsync($"14:01:{second / 5:00}", at, "filler", partition: second % 2);
            }

            await s.PutAsync("14:10:00", at: "13:00:00", "filler");
            await s.RunAsync(Job.Define("r", flow => Examples.TraceOf(Examples.From(flow, lateness: 120)
                .Where(e => e.Key != "filler").KeyBy(e => e.Key).InOrder().Process(new Speaker()))));

            Assert.Equal(Expected, await s.TraceAsync());
            Assert.Empty(await s.RowsAsync("r.late"));
        }
    }

    [Fact]
    public async Task T8_timers_due_together_fire_in_order_of_key_bytes_and_branches_in_the_order_written()
    {
        await using var s = await Scenario.OpenAsync();
        await s.PutAsync("13:00:00", at: "12:00:00", "b", n: 5, tag: "set", partition: 1);
        await s.PutAsync("13:00:01", at: "12:00:00", "a", n: 5, tag: "set");
        await s.PutAsync("13:00:02", at: "12:00:01", "A", n: 4, tag: "set");
        await s.PutAsync("13:00:03", at: "12:00:09", "c", n: 1);
        await s.RunAsync(Examples.Trace(() => new Speaker()), workers: 4);
        Assert.Equal("set5;set5;set4;1;A@12:00:05;a@12:00:05;b@12:00:05;", await s.TraceAsync());

        await using var two = await Scenario.OpenAsync();
        await two.PutTogetherAsync("13:00:00", ("12:00:00", "a", 1), ("12:00:01", "a", 2));
        await two.RunAsync(Job.Define("r", flow =>
        {
            // The last of one place stays: the branch written second.
            var both = Examples.From(flow).SelectMany(e => new[] { "first " + e.N, "second " + e.N });
            both.ToTable("last", _ => "k");
            Examples.TraceOf(both);
        }));
        Assert.Equal(["""["k","second 2"]"""], await two.RowsAsync("last"));
        Assert.Equal("first 1;second 1;first 2;second 2;", await two.TraceAsync());
    }

    [Fact]
    public async Task T9_in_order_releases_by_event_time_then_by_then_and_place()
    {
        await using var s = await Scenario.OpenAsync();
        await s.PutAsync("13:00:00", at: "12:00:05", "a", n: 2);
        await s.PutAsync("13:00:01", at: "12:00:05", "a", n: 1, tag: "early-", partition: 1);
        await s.PutAsync("13:00:02", at: "12:00:03", "a", n: 9);
        await s.PutAsync("13:00:03", at: "12:00:05", "a", n: 1, tag: "late-");
        await s.PutAsync("13:00:04", at: "12:00:10", "a", n: 4);
        await s.RunAsync(Job.Define("r", flow => Examples.From(flow, lateness: 5)
            .KeyBy(e => e.Key).InOrder(then: e => e.N)
            .Aggregate("", (trace, e) => trace + e.Tag + e.N + ";").ToTable("trace")));
        Assert.Equal("9;", await s.TraceAsync()); // W = 12:00:05, which releases what is before it.

        await s.PutAsync("13:00:05", at: "12:00:11", "b");
        await s.CaughtUpAsync();
        Assert.Equal("9;early-1;late-1;2;", await s.TraceAsync());
    }

    [Fact]
    public async Task L6_complete_closes_windows_and_fires_timers_in_order_but_not_those_that_timers_set()
    {
        await using var s = await Scenario.OpenAsync();
        await s.PutAsync("12:00:00", at: "12:00:00", "a", n: 30, tag: "set");
        await s.PutAsync("12:00:01", at: "12:00:01", "b", n: 9, tag: "set", partition: 1);
        await s.PutAsync("12:00:02", at: "12:00:02", "a", n: 3600, tag: "set");
        await s.RunAsync(Job.Define("r", flow =>
        {
            var events = Examples.From(flow, lateness: 60);
            Examples.TraceOf(events.KeyBy(e => e.Key).Process(new Speaker()));
            events.KeyBy(e => e.Key).Window(Window.Tumbling(TimeSpan.FromDays(1)))
                .Aggregate(Tally.None, (tally, e) => tally.Add(e)).ToTable("days");
        }));
        Assert.Equal("set30;set9;set3600;", await s.TraceAsync());
        Assert.All(await s.RowsAsync("days"), row => Assert.EndsWith(",false]", row, StringComparison.Ordinal));

        await s.House.CompleteAsync("e");
        await s.CaughtUpAsync();

        Assert.Equal("set30;set9;set3600;b@12:00:10;a@12:00:30;a@13:00:02;", await s.TraceAsync());
        Assert.Equal(
            ["""["a","00:00:00","2026-01-02T00:00:00",2,"303600",true]""",
                """["b","00:00:00","2026-01-02T00:00:00",1,"9",true]"""],
            await s.RowsAsync("days"));
        var refused = await Assert.ThrowsAsync<Log.KappaException>(() => s.PutAsync("12:00:03", at: "12:00:03", "a"));
        Assert.Contains("complete", refused.Message, StringComparison.Ordinal);
    }
}
