using Kappa.Log;
using Xunit;

namespace Kappa.Testing.Tests;

/// <summary>A job in a unit test: records in, rows out, in virtual time.</summary>
public sealed class TestRunTests
{
    // <testrun>
    [Fact]
    public void A_minute_is_final_when_the_watermark_has_passed_its_end()
    {
        var run = TestRun.Of(Orders.PerMinute)
            .Append("orders", new Order("ann", 12.50m, Orders.Noon.AddSeconds(10)))
            .Append("orders", new Order("ann", 7.50m, Orders.Noon.AddSeconds(50)))
            .Append("orders", new Order("bob", 1, Orders.Noon.AddSeconds(89)));

        var row = Assert.Single(run.Rows<MinuteRow>("spent"), row => row.Key == "ann");
        Assert.Equal(new MinuteRow("ann", Orders.Noon, 2, 20m, IsFinal: false), row);

        run.Append("orders", new Order("bob", 1, Orders.Noon.AddSeconds(90))); // 30 s of lateness have passed.

        Assert.Equal(Orders.Noon.AddSeconds(60), run.Watermark);
        Assert.Equal(true, run.Find("spent", "ann", Orders.Noon, Orders.Noon.AddMinutes(1))!["is_final"]);

        run.Append("orders", new Order("ann", 99, Orders.Noon.AddSeconds(59)));

        Assert.Equal(Orders.Noon, Assert.Single(run.Late)["window_start"]);
    }

    // </testrun>
    [Fact]
    public void Log_time_follows_event_time_and_never_turns_L1()
    {
        var run = TestRun.Of(Orders.PerMinute).Append("orders", Orders.Of("ann", 1, 30));
        Assert.Equal(Orders.Noon.AddSeconds(30), run.LogTime);

        run.Append("orders", Orders.Of("ann", 1, 20));
        Assert.Equal(Orders.Noon.AddSeconds(30).AddTicks(1), run.LogTime);

        run.Append("orders", Orders.Of("ann", 1, 40), logTime: Orders.Noon.AddSeconds(70));
        Assert.Equal(Orders.Noon.AddSeconds(70), run.LogTime);

        run.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(Orders.Noon.AddSeconds(80), run.LogTime);
        Assert.Equal(Orders.Noon.AddSeconds(10), run.Watermark);

        var refused = Assert.Throws<KappaException>(
            () => run.Append("orders", Orders.Of("ann", 1, 0), logTime: Orders.Noon));
        Assert.Contains("2026-03-01T12:01:20", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_log_time_before_the_event_time_makes_a_dead_letter_T3()
    {
        var run = TestRun.Of(Orders.PerMinute)
            .Append("orders", Orders.Of("ann", 1, 7200), logTime: Orders.Noon);

        Assert.Contains("ahead of its log time", (string)Assert.Single(run.Dead)["error"]!, StringComparison.Ordinal);
        Assert.Null(run.Watermark);
    }

    [Fact]
    public void Complete_closes_all_windows_and_refuses_later_appends_L6()
    {
        var run = TestRun.Of(Orders.PerMinute).AppendAll("orders", [Orders.Of("ann", 1, 0), Orders.Of("bob", 2, 61)]);
        Assert.All(run.Rows("spent"), row => Assert.Equal(false, row["is_final"]));

        run.Complete();

        Assert.Equal(2, run.Rows("spent").Count);
        Assert.All(run.Rows("spent"), row => Assert.Equal(true, row["is_final"]));
        var refused = Assert.Throws<KappaException>(() => run.Append("orders", Orders.Of("ann", 1, 70)));
        Assert.Equal(ErrorKind.Conflict, refused.Kind);
    }

    [Fact]
    public void What_cannot_be_decoded_is_a_dead_letter_and_moves_no_time_O6_T3()
    {
        var run = TestRun.Of(Orders.PerMinute)
            .Append("orders", Orders.Of("ann", 1, 30))
            .Append(TestRecord.OfText("orders", "{\"customer\":7}"), new TestRecord("orders", null));

        Assert.Equal(2, run.Dead.Count);
        Assert.Equal(Orders.Noon, run.Watermark);
    }

    [Fact]
    public void A_table_as_text_is_its_canonical_export()
    {
        var run = TestRun.Of(Orders.WithoutTime)
            .Append("orders", Orders.Of("zoë", 1.50m, 0), key: "zoë", partition: 2)
            .Append("orders", Orders.Of("ann", 2, 0));

        Assert.Equal(
            "{\"table\":\"totals\",\"key\":[{\"name\":\"key\",\"type\":\"text\"}],"
            + "\"values\":[{\"name\":\"count\",\"type\":\"integer\"},{\"name\":\"amount\",\"type\":\"decimal\"}]}\n"
            + "[\"ann\",1,\"2\"]\n[\"zoë\",1,\"1.50\"]\n",
            run.Text("totals"));
        Assert.Equal("[\"ann\",1,\"2\"]", run.Rows("totals")[0].ToString());
        Assert.Null(run.Find("totals", "bob"));
        Assert.Equal(3, run.Log.Topics.Single(topic => topic.Name == "orders").Partitions);
    }

    [Fact]
    public void A_wrong_table_column_or_type_says_what_there_is()
    {
        var run = TestRun.Of(Orders.WithoutTime).Append("orders", Orders.Of("ann", 2, 0));

        Assert.Contains(
            "totals, without-time.late", Assert.Throws<KappaException>(() => run.Rows("total")).Next,
            StringComparison.Ordinal);
        Assert.Contains(
            "key, count, amount", Assert.Throws<KappaException>(() => run.Rows("totals")[0]["sum"]).Next,
            StringComparison.Ordinal);
        Assert.Contains(
            "\"ann\"", Assert.Throws<KappaException>(() => run.Rows<Mistyped>("totals")).Next,
                StringComparison.Ordinal);
    }

    public sealed record Mistyped(int Key);
}
