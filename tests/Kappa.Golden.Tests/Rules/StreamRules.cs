using System.Text.Json;
using Kappa.Streams;
using Xunit;

namespace Kappa.Golden.Tests.Rules;

/// <summary>Rules of jobs with several streams: T1, T2, T3, T5 to T8, O3, one example each, written by hand.</summary>
public sealed class StreamRules
{
    [Fact]
    public async Task T1_a_source_without_an_event_yet_holds_the_merge_it_feeds_and_is_named()
    {
        await using var s = await Scenario.OpenAsync();
        await s.House.TopicAsync("f", 1);
        await s.PutAsync("13:00:00", at: "12:00:30", "a");
        await s.PutAsync("13:00:01", at: "12:05:00", "a", n: 2);
        await s.RunAsync(MergedMinutes());
        Assert.All(await s.RowsAsync("minutes"), row => Assert.EndsWith("false]", row, StringComparison.Ordinal));
        Assert.Equal("f", s.Run.ProgressOf(s.Version)!.Holding);

        // The merge's watermark is the lower of both: 12:01:00 closes the first minute, and no other.
        await PutOtherAsync(s, "12:01:00", "b", 3);
        await s.CaughtUpAsync();
        Assert.Equal(
            [
                """["a","12:00:00","12:01:00",1,"1",true]""", """["a","12:05:00","12:06:00",1,"2",false]""",
                """["b","12:01:00","12:02:00",1,"3",false]""",
            ],
            await s.RowsAsync("minutes"));
    }

    [Fact]
    public async Task T2_a_quiet_source_follows_the_log_time_and_its_windows_close_without_a_record_L5()
    {
        await using var s = await Scenario.OpenAsync(firesTimers: true);
        await s.PutAsync("12:00:30", at: "12:00:20", "a");
        await s.RunAsync(Job.Define("r", flow => flow
            .From<Event>("e", e => e.At, lateness: TimeSpan.FromSeconds(10), quietAfter: TimeSpan.FromMinutes(2))
            .KeyBy(e => e.Key).Window(Window.Tumbling(Examples.Minute))
            .Aggregate(Tally.None, (tally, e) => tally.Add(e)).ToTable("minutes")));

        s.Pass("12:02:29");
        Assert.EndsWith("false]", Assert.Single(await s.RowsAsync("minutes")), StringComparison.Ordinal);

        // Quiet since 12:02:30: W = 12:02:20, behind the end of the window. Nothing but the clock was written.
        s.Pass("12:02:31");
        await s.UntilAsync("minutes", "true]");
        await s.PutAsync("12:02:40", at: "12:00:40", "a", n: 2);
        await s.CaughtUpAsync();
        Assert.Single(await s.RowsAsync("r.late"));
    }

    [Fact]
    public async Task T2_a_settling_source_keeps_its_watermark_after_the_log_opened()
    {
        await using var s = await Scenario.OpenAsync();
        await s.PutAsync("12:00:30", at: "12:00:20", "a");
        await s.PutAsync("14:00:00", at: "13:59:59", "a", n: 2); // Behind a gap: "opened" came before it.
        await s.PutAsync("14:00:10", at: "12:00:40", "a", n: 3); // Stored by the device, and sent now.
        await s.RunAsync(Job.Define("r", flow => flow
            .From<Event>("e", e => e.At, settle: TimeSpan.FromMinutes(5))
            .KeyBy(e => e.Key).Window(Window.Tumbling(Examples.Minute))
            .Aggregate(Tally.None, (tally, e) => tally.Add(e)).ToTable("minutes")));
        Assert.Equal("""["a","12:00:00","12:01:00",2,"13",false]""", (await s.RowsAsync("minutes"))[0]);

        await s.PutAsync("14:05:01", at: "14:00:00", "a", n: 4); // Settled.
        await s.PutAsync("14:05:02", at: "12:00:50", "a", n: 5);
        await s.CaughtUpAsync();
        Assert.Equal("""["a","12:00:00","12:01:00",2,"13",true]""", (await s.RowsAsync("minutes"))[0]);
        Assert.Single(await s.RowsAsync("r.late"));
    }

    [Fact]
    public async Task T3_a_re_timed_stream_refuses_the_far_future_and_has_a_watermark_of_its_own()
    {
        await using var s = await Scenario.OpenAsync();
        await s.PutAsync("12:10:00", at: "12:00:00", "a", n: 60); // At 12:01:00 from here on.
        await s.PutAsync("12:10:01", at: "12:00:00", "a", n: 671); // 12:11:11: a minute and ten seconds ahead.
        await s.PutAsync("12:10:02", at: "12:09:00", "a", n: -400); // 12:02:20
        await s.PutAsync("12:10:03", at: "12:09:00", "a", n: -480); // 12:01:00: its minute is closed.
        await s.RunAsync(Job.Define("r", flow => Examples.From(flow)
            .EventTime(e => e.At.AddSeconds(e.N), lateness: TimeSpan.FromSeconds(20), maxAhead: Examples.Minute)
            .KeyBy(e => e.Key).Window(Window.Tumbling(Examples.Minute))
            .Aggregate(Tally.None, (tally, e) => tally.Add(e)).ToTable("minutes")));

        Assert.Equal(
            ["""["a","12:01:00","12:02:00",1,"60",true]""", """["a","12:02:00","12:03:00",1,"-400",false]"""],
            await s.RowsAsync("minutes"));
        Assert.Contains("1:EventTime", Assert.Single(await s.RowsAsync("r.dead")), StringComparison.Ordinal);
        Assert.Contains("\"12:01:00\"", Assert.Single(await s.RowsAsync("r.late")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task O3_T6_a_join_includes_both_bounds_and_its_result_stands_at_the_later_side()
    {
        await using var s = await Scenario.OpenAsync();
        await s.PutAsync("13:00:00", at: "12:00:10", "a", n: 1, tag: "left");
        await s.PutAsync("13:00:01", at: "12:00:05", "a", n: 2, tag: "right"); // Five before: the lower bound.
        await s.PutAsync("13:00:02", at: "12:00:20", "a", n: 3, tag: "right"); // Ten after: the upper bound.
        await s.PutAsync("13:00:03", at: "12:00:21", "a", n: 4, tag: "right");
        await s.PutAsync("13:00:04", at: "12:00:15", "a", n: 5, tag: "right"); // W = 12:00:21: left has left, late.
        await s.RunAsync(Job.Define("r", flow =>
        {
            var (left, right) = Sides(flow);
            Examples.TraceOf(left.Join(
                right, Interval.Between(TimeSpan.FromSeconds(-5), TimeSpan.FromSeconds(10)),
                (l, r) => l.N + "+" + r.N).KeyBy(_ => 0).Process(new TimeSpeaker()));
        }));

        Assert.Equal("1+2@12:00:10;1+3@12:00:20;", await s.TraceAsync());
        Assert.Contains("Join", Assert.Single(await s.RowsAsync("r.late")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task T5_T6_an_outer_row_leaves_when_the_watermark_has_passed_its_time_and_reach()
    {
        await using var s = await Scenario.OpenAsync();
        await s.PutAsync("13:00:00", at: "12:00:10", "a", n: 1, tag: "left");
        await s.PutAsync("13:00:01", at: "12:00:20", "b", n: 2, tag: "right"); // W = its time + its reach: not yet.
        await s.RunAsync(Job.Define("r", flow =>
        {
            var (left, right) = Sides(flow);
            Examples.TraceOf(left.LeftJoin(
                right, Interval.Between(TimeSpan.Zero, TimeSpan.FromSeconds(10)),
                (l, r) => l.N + "+" + r?.N).KeyBy(_ => 0).Process(new TimeSpeaker()));
        }));
        Assert.Empty(await s.RowsAsync("trace"));

        await s.PutAsync("13:00:02", at: "12:00:21", "b", n: 3, tag: "right");
        await s.CaughtUpAsync();
        Assert.Equal("1+@12:00:10;", await s.TraceAsync());
    }

    [Fact]
    public async Task T7_a_timer_of_log_time_fires_at_the_first_place_that_has_it_before_its_record()
    {
        await using var s = await Scenario.OpenAsync();
        await s.PutAsync("13:00:00", at: "12:00:00", "a", n: 10); // A timer at log time 13:00:10.
        await s.PutAsync("13:00:09", at: "12:00:01", "b", n: 90);
        await s.PutTogetherAsync("13:00:10", ("12:00:02", "a", 80), ("12:00:03", "a", 70));
        await s.RunAsync(Examples.Trace(() => new LogSpeaker()));

        Assert.Equal("a10;b90;a@13:00:10;a80;a70;", await s.TraceAsync());
    }

    [Fact]
    public async Task T8_what_one_record_gives_to_a_merge_comes_side_by_side_in_the_order_written()
    {
        await using var s = await Scenario.OpenAsync();
        await s.PutTogetherAsync("13:00:00", ("12:00:00", "a", 1), ("12:00:01", "a", 2));
        await s.RunAsync(Job.Define("r", flow =>
        {
            var events = Examples.From(flow);
            var second = events.SelectMany(e => new[] { "x" + e.N, "y" + e.N });
            var first = events.Select(e => "f" + e.N);
            Examples.TraceOf(first.Merge(second, events.Select(e => "l" + e.N)));
        }));

        Assert.Equal("f1;x1;y1;l1;f2;x2;y2;l2;", await s.TraceAsync());
    }

    [Fact]
    public async Task T8_a_self_joins_left_side_comes_first()
    {
        await using var s = await Scenario.OpenAsync();
        await s.PutTogetherAsync("13:00:00", ("12:00:00", "a", 1), ("12:00:00", "a", 2));
        await s.RunAsync(Job.Define("r", flow =>
        {
            var events = Examples.From(flow).KeyBy(e => e.Key);
            Examples.TraceOf(events.Join(events, Interval.Within(TimeSpan.Zero), (l, r) => l.N + "" + r.N));
        }));

        // The left 1 meets nobody yet; the right 1 meets it; the left 2 meets the right 1; the right 2 meets both.
        Assert.Equal("11;21;12;22;", await s.TraceAsync());
    }

    private static Job MergedMinutes() => Job.Define("r", flow => Examples.From(flow)
        .Merge(flow.From<Event>("f", e => e.At))
        .KeyBy(e => e.Key).Window(Window.Tumbling(Examples.Minute))
        .Aggregate(Tally.None, (tally, e) => tally.Add(e)).ToTable("minutes"));

    private static (KeyedStream<string, Event> Left, KeyedStream<string, Event> Right) Sides(Flow flow) => (
        Examples.From(flow).Where(e => e.Tag == "left").KeyBy(e => e.Key),
        Examples.From(flow).Where(e => e.Tag == "right").KeyBy(e => e.Key));

    private static async Task PutOtherAsync(Scenario s, string at, string key, long n) =>
        await s.House.AppendAsync("f", ("",
        JsonSerializer.Serialize(new Event(key, Scenario.Time(at), n), JsonSerializerOptions.Web)));

    /// <summary>Says each value with its event time.</summary>
    private sealed class TimeSpeaker : Process<int, string, int, string>
    {
        public override void OnRecord(ProcessContext<string> context, int key, ref int state, string value) =>
            context.Emit(FormattableString.Invariant($"{value}@{context.EventTime:HH:mm:ss}"));
    }

    /// <summary>Sets a timer of log time N seconds behind each record's place, and says both.</summary>
    private sealed class LogSpeaker : Process<string, Event, int, string>
    {
        public override void OnRecord(ProcessContext<string> context, string key, ref int state, Event value)
        {
            context.Emit(key + value.N);
            context.SetLogTimer(context.Place.Time.AddSeconds(value.N));
        }

        public override void OnLogTimer(
            ProcessContext<string> context, string key, ref int state, DateTimeOffset due) =>
            context.Emit(FormattableString.Invariant($"{key}@{context.EventTime:HH:mm:ss}"));
    }
}
