using Xunit;

namespace Kappa.Testing.Tests;

/// <summary>Promise P2, checked for a job in a unit test.</summary>
public sealed class ReplayTests
{
    // <replay>
    [Fact]
    public void The_job_gives_the_same_tables_however_it_is_run() => Replay.Check(
        Orders.PerMinute,
        Enumerable.Range(0, 300).Select(i => TestRecord.Of("orders", Orders.Of("c" + (i % 7), i, i - (i % 11)))));

    // </replay>
    [Fact]
    public void Every_run_is_compared_in_all_its_rows_P2()
    {
        var rows = Replay.Check(Orders.PerMinute, Orders.Many(400), schedules: 6);

        var run = TestRun.Of(Orders.PerMinute).Append(Orders.Many(400)).Complete();
        Assert.True(run.Late.Count > 0);
        Assert.Equal(run.Rows("spent").Count + run.Late.Count, rows);
    }

    public static TheoryData<string> Planted => ["counting", "identified"];

    [Theory]
    [MemberData(nameof(Planted))]
    public void A_static_counter_or_an_id_of_its_own_is_found_at_once(string name)
    {
        var job = new[] { Orders.Counting, Orders.Identified }.Single(job => job.Name == name);

        var found = Assert.Throws<ReplayException>(() => Replay.Check(job, Orders.Many(60)));

        Assert.Equal(name == "counting" ? "counted" : "ids", found.Table);
        Assert.StartsWith("(\"c", found.Key, StringComparison.Ordinal);
        Assert.NotEqual(found.Expected, found.Found);
        Assert.Contains(found.Key, found.Message, StringComparison.Ordinal);
        Assert.Contains(found.Expected, found.Message, StringComparison.Ordinal);
        Assert.Contains(found.Found, found.Message, StringComparison.Ordinal);
        Assert.Contains(found.Schedule, found.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void State_beside_the_state_is_found_by_a_restart_C2()
    {
        var found = Assert.Throws<ReplayException>(() => Replay.Check(Orders.Remembering, Orders.Many(60)));

        Assert.Equal("remembered", found.Table);
    }

    [Fact]
    public void The_seed_of_a_difference_shows_it_again()
    {
        var records = Orders.Many(200);
        var lost = Schedule.Random(3) with { RestartEvery = 2, Reload = (_, _) => { } };
        var batches = TestRun.Of(Orders.WithoutTime).Append(records).Log.Batches;
        var straight = Schedule.Straight.Run(Orders.WithoutTime, batches);

        var first = straight.FirstDifference(lost.Run(Orders.WithoutTime, batches));
        var second = straight.FirstDifference(lost.Run(Orders.WithoutTime, batches));

        Assert.NotNull(first);
        Assert.Equal(first.ToString(), second!.ToString());
        Assert.Equal((first.KeyText, first.LeftText, first.RightText),
            (second.KeyText, second.LeftText, second.RightText));
        Assert.Null(straight.FirstDifference((lost with { Reload = Schedule.Straight.Reload })
            .Run(Orders.WithoutTime, batches)));
    }
}
