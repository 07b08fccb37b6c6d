using Kappa.Streams;
using Xunit;

namespace Kappa.Golden.Tests.Rules;

/// <summary>Rules T1 to T6, one example each, expected rows written by hand.</summary>
public sealed class TimeRules
{
    [Fact]
    public async Task T1_the_watermark_is_one_over_all_partitions()
    {
        await using var s = await Scenario.OpenAsync();
        await s.PutAsync("12:00:30", at: "12:00:05", "a", partition: 0);
        await s.PutAsync("12:01:20", at: "12:01:15", "b", partition: 1); // W = 12:01:05
        await s.PutAsync("12:01:21", at: "12:00:50", "a", n: 2, partition: 0);
        await s.RunAsync(Examples.Minutes(lateness: 10));

        Assert.Equal(
            ["""["a","12:00:00","12:01:00",1,"1",true]""", """["b","12:01:00","12:02:00",1,"1",false]"""],
            await s.RowsAsync("minutes"));
        Assert.Single(await s.RowsAsync("r.late"));
    }

    [Fact]
    public async Task T1_an_event_ahead_of_log_time_moves_the_watermark_to_log_time_only()
    {
        await using var s = await Scenario.OpenAsync();
        await s.PutAsync("12:00:30", at: "12:05:00", "a"); // Without the minimum, W would be 12:05:00.
        await s.PutAsync("12:00:31", at: "12:00:29", "a", n: 2);
        await s.RunAsync(Examples.Minutes());

        Assert.Equal(
            ["""["a","12:00:00","12:01:00",1,"2",false]""", """["a","12:05:00","12:06:00",1,"1",false]"""],
            await s.RowsAsync("minutes"));
    }

    [Fact]
    public async Task T1_the_watermark_never_falls()
    {
        await using var s = await Scenario.OpenAsync();
        await s.PutAsync("12:30:00", at: "12:02:00", "a");
        await s.PutAsync("12:30:01", at: "12:01:10", "a", n: 2); // Late, and moves nothing back.
        await s.PutAsync("12:30:02", at: "12:01:59", "a", n: 3); // Late too.
        await s.RunAsync(Examples.Minutes());

        Assert.Equal(["""["a","12:02:00","12:03:00",1,"1",false]"""], await s.RowsAsync("minutes"));
        Assert.Equal(2, (await s.RowsAsync("r.late")).Length);
    }

    [Fact]
    public async Task T3_an_event_beyond_maxAhead_is_dead_and_moves_no_watermark()
    {
        await using var s = await Scenario.OpenAsync();
        await s.PutAsync("12:10:00", at: "12:11:00", "a"); // Just allowed: W = 12:10:00.
        await s.PutAsync("12:10:50", at: "12:11:51", "a", n: 2); // A second too far; had it counted, W = 12:10:50.
        await s.PutAsync("12:10:51", at: "12:10:20", "a", n: 3);
        await s.PutRawAsync("12:10:52", "nonsense", partition: 1);
        await s.PutAsync("12:10:53", at: "12:10:30", "a", n: 4);
        await s.RunAsync(Job.Define("r", flow => Examples.From(flow, maxAhead: Examples.Minute)
            .KeyBy(e => e.Key).InOrder().Aggregate(Tally.None, (tally, e) => tally.Add(e)).ToTable("ordered")));

        // In order releases what the watermark has passed: only what is before 12:10:30, the highest counted.
        Assert.Equal(["""["a",1,"3"]"""], await s.RowsAsync("ordered"));
        Assert.Empty(await s.RowsAsync("r.late"));
        var dead = await s.RowsAsync("r.dead");
        Assert.Equal(2, dead.Length);
        Assert.StartsWith("""["12:10:50",1,"0:From",null,null,0,"e",0,1,"12:11:51",""", dead[0],
            StringComparison.Ordinal);
        Assert.EndsWith(
            "\"Its event time 2026-01-01T12:11:51Z is more than 00:01:00 ahead of its log time 2026-01-01T12:10:50Z. "
                + "Correct the event, or give a maxAhead that allows it.\"]",
            dead[0], StringComparison.Ordinal);
        Assert.StartsWith("""["12:10:52",1,"0:From",null,null,0,"e",1,0,null,"bm9u""", dead[1],
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task T4_a_timer_fires_when_the_watermark_is_beyond_it_and_a_record_at_it_comes_before()
    {
        await using var s = await Scenario.OpenAsync();
        await s.PutAsync("13:00:00", at: "12:00:00", "a", n: 10, tag: "set");
        await s.PutAsync("13:00:01", at: "12:00:10", "a", n: 2); // W = 12:00:10 = T: not yet.
        await s.PutAsync("13:00:02", at: "12:00:10", "a", n: 3);
        await s.RunAsync(Examples.Trace(() => new Speaker()));
        Assert.Equal("set10;2;3;", await s.TraceAsync());

        // The record goes through all stages before the watermark rises by it (rule T7).
        await s.PutAsync("13:00:03", at: "12:00:11", "a", n: 4);
        await s.CaughtUpAsync();
        Assert.Equal("set10;2;3;4;a@12:00:10;", await s.TraceAsync());
    }

    [Fact]
    public async Task T4_a_window_closes_when_the_watermark_reaches_its_end_and_its_grace()
    {
        await using var s = await Scenario.OpenAsync();
        await s.PutAsync("13:00:00", at: "12:00:30", "a");
        await s.PutAsync("13:00:01", at: "12:01:09", "b"); // W = 12:01:09: end + grace not reached.
        await s.PutAsync("13:00:02", at: "12:00:59", "a", n: 2);
        await s.RunAsync(Examples.Minutes(grace: 10));
        Assert.Equal("""["a","12:00:00","12:01:00",2,"12",false]""", (await s.RowsAsync("minutes"))[0]);

        await s.PutAsync("13:00:03", at: "12:01:10", "b"); // W = end + grace.
        await s.PutAsync("13:00:04", at: "12:00:59", "a", n: 3);
        await s.CaughtUpAsync();
        Assert.Equal("""["a","12:00:00","12:01:00",2,"12",true]""", (await s.RowsAsync("minutes"))[0]);
        Assert.StartsWith(
            """["13:00:04",1,"2:Window.Aggregate","a","12:00:00",0,"e",0,4,"12:00:59",""",
            Assert.Single(await s.RowsAsync("r.late")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task T5_lateness_is_judged_by_the_watermark_before_the_record()
    {
        await using var s = await Scenario.OpenAsync();

        // One batch: the second closes the first's window, and only the third comes after that.
        await s.PutTogetherAsync("13:00:00", ("12:00:01", "a", 1), ("12:01:00", "a", 2), ("12:00:59", "a", 3));
        await s.RunAsync(Examples.Minutes());

        Assert.Equal(
            ["""["a","12:00:00","12:01:00",1,"1",true]""", """["a","12:01:00","12:02:00",1,"2",false]"""],
            await s.RowsAsync("minutes"));
        Assert.StartsWith("""["13:00:00",3,""", Assert.Single(await s.RowsAsync("r.late")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task T5_in_order_and_distinct_have_bounds_of_their_own()
    {
        await using var s = await Scenario.OpenAsync();
        await s.PutAsync("13:00:00", at: "12:00:20", "a", n: 1);
        await s.PutAsync("13:00:01", at: "12:00:20", "a", n: 2); // Time = W: on time for both.
        await s.PutAsync("13:00:02", at: "12:00:19", "a", n: 3); // Late for InOrder alone.
        await s.PutAsync("13:00:03", at: "12:00:10", "a", n: 4); // Time + within = W: on time for Distinct.
        await s.PutAsync("13:00:04", at: "12:00:09", "a", n: 5); // Late for Distinct.
        await s.RunAsync(Job.Define("r", flow =>
        {
            var keyed = Examples.From(flow).KeyBy(e => e.Key);
            keyed.InOrder().Aggregate(Tally.None, (tally, e) => tally.Add(e)).ToTable("ordered");
            keyed.Distinct(e => e.N, TimeSpan.FromSeconds(10))
                .Aggregate(Tally.None, (tally, e) => tally.Add(e)).ToTable("distinct");
        }));
        await s.House.CompleteAsync("e");
        await s.CaughtUpAsync();

        Assert.Equal(["""["a",2,"12"]"""], await s.RowsAsync("ordered"));
        Assert.Equal(["""["a",4,"1234"]"""], await s.RowsAsync("distinct"));
        Assert.Equal(
            ["13:00:02 2:InOrder", "13:00:03 2:InOrder", "13:00:04 2:InOrder", "13:00:04 4:Distinct"],
            (await s.RowsAsync("r.late")).Select(row => row.Split('"')[1] + " " + row.Split('"')[3]));
    }

    [Fact]
    public async Task T6_a_windows_result_stands_at_its_end_less_a_tick_and_is_never_late_for_what_it_closed()
    {
        await using var s = await Scenario.OpenAsync();
        await s.PutAsync("14:00:00", at: "12:00:30", "a");
        await s.PutAsync("14:00:01", at: "12:01:30", "a");
        await s.PutAsync("14:00:02", at: "13:30:00", "b"); // One leap closes both windows and the hour.
        await s.RunAsync(Job.Define("r", flow => Examples.From(flow).KeyBy(e => e.Key)
            .Window(Window.Tumbling(Examples.Minute)).Aggregate(0L, (count, _) => count + 1)
            .KeyBy(minute => minute.Key)
            .Window(Window.Tumbling(Examples.Minute)).Aggregate("", (text, minute) => text + minute.Window.Start.Minute)
            .ToTable("again")));

        Assert.Equal(
            ["""["a","12:00:00","12:01:00","0",true]""", """["a","12:01:00","12:02:00","1",true]"""],
            await s.RowsAsync("again"));
        Assert.Empty(await s.RowsAsync("r.late"));
    }
}
