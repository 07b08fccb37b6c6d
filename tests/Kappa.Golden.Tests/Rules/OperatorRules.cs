using Kappa.Streams;
using Xunit;

namespace Kappa.Golden.Tests.Rules;

/// <summary>Rules O1, O2, O4, O6 and O7, one example each, expected rows written by hand.</summary>
public sealed class OperatorRules
{
    [Fact]
    public async Task O1_a_table_sees_every_update_and_is_final_when_the_window_closed()
    {
        await using var s = await Scenario.OpenAsync();
        await s.PutAsync("13:00:00", at: "12:00:59", "a", n: 1);
        await s.RunAsync(Examples.Minutes(lateness: 10));
        Assert.Equal(["""["a","12:00:00","12:01:00",1,"1",false]"""], await s.RowsAsync("minutes"));

        await s.PutAsync("13:00:01", at: "12:00:00", "a", n: 2); // The start belongs to it …
        await s.PutAsync("13:00:02", at: "12:01:00", "a", n: 3); // … the end does not.
        await s.CaughtUpAsync();
        Assert.Equal(
            ["""["a","12:00:00","12:01:00",2,"12",false]""", """["a","12:01:00","12:02:00",1,"3",false]"""],
            await s.RowsAsync("minutes"));

        await s.PutAsync("13:00:03", at: "12:01:10", "b", n: 4);
        await s.PutAsync("13:00:04", at: "12:00:30", "a", n: 5); // Late: changes no final row.
        await s.CaughtUpAsync();
        Assert.Equal(
            [
                """["a","12:00:00","12:01:00",2,"12",true]""", """["a","12:01:00","12:02:00",1,"3",false]""",
                """["b","12:01:00","12:02:00",1,"4",false]""",
            ],
            await s.RowsAsync("minutes"));
    }

    [Fact]
    public async Task O1_what_flows_on_from_a_window_is_each_result_once_when_final()
    {
        await using var s = await Scenario.OpenAsync();
        await s.PutAsync("13:00:00", at: "12:00:01", "a");
        await s.PutAsync("13:00:01", at: "12:00:02", "a");
        await s.PutAsync("13:00:02", at: "12:01:00", "b");
        await s.RunAsync(Job.Define("r", flow => Examples.TraceOf(Examples.From(flow).KeyBy(e => e.Key)
            .Window(Window.Tumbling(Examples.Minute)).Aggregate(0L, (count, _) => count + 1)
            .Select(minute => minute.Key + minute.Value))));

        Assert.Equal("a2;", await s.TraceAsync());
    }

    [Fact]
    public async Task O2_a_fold_runs_in_order_of_the_sequence_and_begins_anew_behind_null()
    {
        await using var s = await Scenario.OpenAsync();
        await s.PutAsync("13:00:00", at: "12:00:09", "a", n: 1);
        await s.PutAsync("13:00:01", at: "12:00:05", "a", n: 2, partition: 1);
        await s.PutAsync("13:00:02", at: "12:00:07", "b", n: 3);
        var job = Job.Define("r", flow => Examples.From(flow).KeyBy(e => e.Key)
            .Aggregate((Tally?)Tally.None, (tally, e) => e.N == 0 ? null : tally!.Add(e)).ToTable("running"));
        await s.RunAsync(job);
        Assert.Equal(["""["a",2,"12"]""", """["b",1,"3"]"""], await s.RowsAsync("running"));

        await s.PutAsync("13:00:03", at: "12:00:09", "a", n: 0);
        await s.CaughtUpAsync();
        Assert.Equal(["""["b",1,"3"]"""], await s.RowsAsync("running"));

        await s.PutAsync("13:00:04", at: "12:00:09", "a", n: 7);
        await s.CaughtUpAsync();
        Assert.Equal(["""["a",1,"7"]""", """["b",1,"3"]"""], await s.RowsAsync("running"));
    }

    [Fact]
    public async Task O4_distinct_drops_an_id_that_passed_at_most_within_away_whichever_came_first()
    {
        await using var s = await Scenario.OpenAsync();
        await s.PutAsync("13:00:00", at: "12:00:30", "a", n: 1, tag: "x");
        await s.PutAsync("13:00:01", at: "12:00:40", "a", n: 2, tag: "x"); // 10 s behind: dropped.
        await s.PutAsync("13:00:02", at: "12:00:41", "a", n: 3, tag: "x"); // 11 s behind one that passed: passes.
        await s.PutAsync("13:00:03", at: "12:00:20", "a", n: 4, tag: "x"); // 10 s before: dropped.
        await s.PutAsync("13:00:04", at: "12:00:19", "a", n: 5, tag: "x"); // 11 s before: passes.
        await s.PutAsync("13:00:05", at: "12:00:30", "b", n: 6, tag: "x"); // Another key.
        await s.PutAsync("13:00:06", at: "12:00:30", "a", n: 7, tag: "y"); // Another id.
        await s.RunAsync(Job.Define("r", flow => Examples.From(flow, lateness: 60).KeyBy(e => e.Key)
            .Distinct(e => e.Tag, TimeSpan.FromSeconds(10))
                .Aggregate(Tally.None, (tally, e) => tally.Add(e)).ToTable("kept")));

        Assert.Equal(["""["a",4,"1357"]""", """["b",1,"6"]"""], await s.RowsAsync("kept"));
        Assert.Empty(await s.RowsAsync("r.late"));
    }

    [Fact]
    public async Task O6_a_throw_undoes_state_timers_and_emissions_of_that_record_in_that_operator()
    {
        await using var s = await Scenario.OpenAsync();
        await s.PutAsync("13:00:00", at: "12:00:00", "a", n: 1);
        await s.PutAsync("13:00:01", at: "12:00:01", "a", n: 5, tag: "throw");
        await s.PutAsync("13:00:02", at: "12:00:02", "new", n: 5, tag: "throw");
        await s.PutAsync("13:00:03", at: "12:00:30", "a", n: 2, tag: "count");
        await s.PutAsync("13:00:04", at: "12:00:31", "new", n: 3, tag: "count");
        await s.RunAsync(Examples.Trace(() => new Speaker()));

        // No timer fired, and each count leaves the thrown one out.
        Assert.Equal("1;count2;count2;count3;count1;", await s.TraceAsync());
        Assert.Equal(
            [
                """["13:00:01",1,"2:Process","a",null,0,"e",0,1,"12:00:01","InvalidOperationException: thirteen"]""",
                """["13:00:02",1,"2:Process","new",null,0,"e",0,2,"12:00:02","InvalidOperationException: thirteen"]""",
            ],
            (await s.RowsAsync("r.dead")).Select(WithoutBytes));
    }

    [Fact]
    public async Task O6_a_throw_in_one_operator_leaves_what_the_record_did_in_others()
    {
        await using var s = await Scenario.OpenAsync();
        await s.PutAsync("13:00:00", at: "12:00:00", "a", n: 0);
        await s.PutAsync("13:00:01", at: "12:00:01", "a", n: 5);
        await s.RunAsync(Job.Define("r", flow =>
        {
            var events = Examples.From(flow);
            events.KeyBy(e => e.Key).Aggregate(0L, (count, _) => count + 1).ToTable("all");
            events.KeyBy(e => e.Key).Aggregate(100L, (sum, e) => sum + (10 / e.N)).ToTable("tenths");
        }));

        Assert.Equal(["""["a",2]"""], await s.RowsAsync("all"));
        Assert.Equal(["""["a",102]"""], await s.RowsAsync("tenths"));
        Assert.Contains("DivideByZeroException", Assert.Single(await s.RowsAsync("r.dead")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task O7_late_and_dead_records_are_tables_of_the_version_exported_and_diffed()
    {
        await using var s = await Scenario.OpenAsync();
        await s.PutAsync("13:00:00", at: "12:01:00", "a");
        await s.PutRawAsync("13:00:01", """{"key":"a","at":"2026-01-01T12:00:30Z","n":2}""", partition: 1);
        await s.PutRawAsync("13:00:02", """{"key":"a","n":3}""", partition: 1);
        var job = Examples.Minutes();
        await s.RunAsync(job);
        string[] late = await s.RowsAsync("r.late"), dead = await s.RowsAsync("r.dead");

        Assert.Equal(
            """["13:00:01",1,"2:Window.Aggregate","a","12:00:00",0,"e",1,0,"12:00:30","""
            + $"\"{Base64("""{"key":"a","at":"2026-01-01T12:00:30Z","n":2}""")}\"" + ""","12:01:00"]""",
            Assert.Single(late));
        Assert.StartsWith(
            """["13:00:02",1,"0:From",null,null,0,"e",1,1,null,"""
                + $"\"{Base64("""{"key":"a","n":3}""")}\",\"JsonException: ",
            Assert.Single(dead), StringComparison.Ordinal);

        var first = s.Version;
        await s.RunAsync(job);
        await s.Run.StateAsync(s.Version, Tables.Loop.VersionState.Ready);
        var diff = await s.Run.DiffAsync(first, s.Version);
        Assert.True(diff.IsSame);
        Assert.Equal([1L, 1L],
            diff.Tables.Where(table => table.Table is "r.late" or "r.dead").Select(table => table.Same));
    }

    private static string Base64(string text) => Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(text));

    private static string WithoutBytes(string row)
    {
        var parts = row.Split(',');
        return string.Join(',', parts.Where((_, i) => i != 10));
    }
}
