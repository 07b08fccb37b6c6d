using Kappa.Streams;
using Kappa.Tables.Loop;
using Xunit;

namespace Kappa.Golden.Tests.Rules;

/// <summary>A row of the reference topic "rows".</summary>
public sealed record Named(string Name, DateTimeOffset? From = null);

/// <summary>Rule O3 of reference topics, an example each, in four modes: straight, restarted, reprocessed.</summary>
public sealed class TableRules
{
    [Fact]
    public async Task O3_a_record_with_a_key_and_no_value_removes_the_row()
    {
        await using var s = await Scenario.OpenAsync();
        await s.PutAsync("13:00:00", at: "12:00:00", "a", n: 1);
        await s.PutRowAsync("13:00:01", "a", """{"Name":"Ada"}""");
        await s.PutAsync("13:00:02", at: "12:00:00", "a", n: 2);
        await s.PutRowAsync("13:00:03", "a", null);
        await s.PutAsync("13:00:04", at: "12:00:00", "a", n: 3);
        await s.PutRowAsync("13:00:05", "a", """{"Name":"Anna"}""");
        await s.PutRowAsync("13:00:06", "b", """{"Name":"Bob"}""");
        await s.PutRowAsync("13:00:07", "a", ""); // An empty value is none.
        await s.PutRowAsync("13:00:08", "c", null); // There was none.
        await s.PutAsync("13:00:09", at: "12:00:00", "a", n: 4);
        await s.RunAsync(Asking(preload: false, keepsRows: true));

        Assert.Equal("1-;2Ada;3-;4-;", await s.TraceAsync());
        Assert.Equal(["""["b","Bob",null]"""], await s.RowsAsync("rows"));
        Assert.Empty(await s.RowsAsync("r.dead"));
        await FourWaysAsync(s, Asking(preload: false, keepsRows: true));
    }

    [Fact]
    public async Task O3_a_preloaded_table_is_known_before_the_first_place_up_to_a_place_that_a_reprocess_keeps()
    {
        await using var s = await Scenario.OpenAsync();
        await s.PutAsync("13:00:00", at: "12:00:00", "a", n: 1);
        await s.PutRowAsync("13:00:01", "a", """{"Name":"Ada"}""");
        await s.PutAsync("13:00:02", at: "12:00:00", "a", n: 2);
        await s.PutRowAsync("13:00:03", "a", """{"Name":"Anna"}""");
        await s.RunAsync(Asking(preload: true)); // Up to here is read first, and not applied again.
        await s.PutAsync("13:00:04", at: "12:00:00", "a", n: 3);
        await s.PutRowAsync("13:00:05", "a", null);
        await s.PutAsync("13:00:06", at: "12:00:00", "a", n: 4);
        await s.PutRowAsync("13:00:07", "a", """{"Name":"Al"}""");
        await s.PutAsync("13:00:08", at: "12:00:00", "a", n: 5);
        await s.CaughtUpAsync();

        Assert.Equal("1Anna;2Anna;3Anna;4-;5Al;", await s.TraceAsync());
        await FourWaysAsync(s, Asking(preload: true));
    }

    [Fact]
    public async Task O3_a_preloaded_row_counts_from_the_event_time_on_at_which_it_is_valid()
    {
        await using var s = await Scenario.OpenAsync();
        await s.PutAsync("13:00:00", at: "12:00:00", "a", n: 1);
        await s.PutAsync("13:00:01", at: "12:20:00", "a", n: 2);
        await s.PutRowAsync("13:00:02", "a", """{"Name":"Ada","From":"2026-01-01T12:10:00Z"}""");
        await s.PutRowAsync("13:00:03", "a", """{"Name":"Anna","From":"2026-01-01T12:30:00Z"}""");
        await s.PutAsync("13:00:04", at: "12:30:00", "a", n: 3);
        var job = Job.Define("r", flow => Examples.TraceOf(Examples.From(flow).LookUp(
            flow.Table<string, Named>("rows"), e => e.Key, (e, row) => e.N + (row?.Name ?? "-"),
            validFrom: row => row.From!.Value, preload: true)));
        await s.RunAsync(job);

        Assert.Equal("1-;2Ada;3Anna;", await s.TraceAsync());
        await FourWaysAsync(s, job);
    }

    [Fact]
    public async Task O3_T8_a_keyed_stream_looks_into_a_table_of_another_key_and_keeps_its_own_and_its_order()
    {
        await using var s = await Scenario.OpenAsync();
        await s.PutRowAsync("13:00:00", "1", """{"Name":"one"}""");
        await s.PutRowAsync("13:00:01", "2", """{"Name":"two"}""");
        await s.PutTogetherAsync("13:00:02", ("12:00:00", "a", 2), ("12:00:00", "b", 1), ("12:00:00", "a", 1));
        await s.PutAsync("13:00:03", at: "12:00:00", "a", n: 3);
        await s.PutRowAsync("13:00:04", "2", null);
        await s.PutAsync("13:00:05", at: "12:00:00", "a", n: 2);
        var job = Job.Define("r", flow => Examples.From(flow).KeyBy(e => e.Key)
            .LookUp(flow.Table<long, Named>("rows"), e => e.N, (e, row) => e.N + (row?.Name ?? "-") + ";")
            .Aggregate("", (trace, one) => trace + one).ToTable("traces"));
        await s.RunAsync(job, workers: 3);

        Assert.Equal(["""["a","2two;1one;3-;2-;"]""", """["b","1one;"]"""], await s.RowsAsync("traces"));
        await FourWaysAsync(s, job);
    }

    private static Job Asking(bool preload, bool keepsRows = false) => Job.Define("r", flow =>
    {
        var rows = flow.Table<string, Named>("rows");
        if (keepsRows)
        {
            rows.ToTable("rows");
        }

        Examples.TraceOf(Examples.From(flow).LookUp(
            rows, e => e.Key, (e, row) => e.N + (row?.Name ?? "-"), preload: preload));
    });

    /// <summary>
    /// Straight was before; restarted from its state; restarted without one, which computes all again and compares;
    /// reprocessed with other workers: the same bytes, and an empty diff (promise P2, rule C2).
    /// </summary>
    private static async Task FourWaysAsync(Scenario s, Job job)
    {
        var straight = await s.Run.DigestAsync(s.Version);
        await s.RestartAsync(workers: 2);
        await s.CaughtUpAsync();
        Assert.Equal(straight, await s.Run.DigestAsync(s.Version));
        await s.RestartAsync(workers: 4, between: () => Directory.Delete(s.Run.StateFolder, recursive: true));
        await s.CaughtUpAsync();
        Assert.Empty(s.Run.Reports);
        var first = s.Version;
        await s.RunAsync(job);
        await s.Run.StateAsync(s.Version, VersionState.Ready);
        Assert.True((await s.Run.DiffAsync(first, s.Version)).IsSame);
        Assert.Equal(straight, await s.Run.DigestAsync(s.Version));
    }
}
