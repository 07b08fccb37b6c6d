using Kappa.Log;
using Kappa.Tables;
using Kappa.Tables.Loop;
using Xunit;

namespace Kappa.Streams.Tests;

/// <summary>What may be preloaded, and what becomes of its place (rule O3).</summary>
public sealed class PreloadTests
{
    [Fact]
    public void A_topic_with_an_event_time_is_not_preloaded() => Refused(
        flow => flow.From<Reading>("readings").LookUp(
            flow.From<Reading>("rows", row => row.At).KeyBy(row => row.Device).Latest(), reading => reading.Device,
            (asked, row) => asked with { Seq = row?.Seq ?? 0 }, preload: true).ToTable("x", reading => reading.Seq),
        "'rows'", "event time");

    [Fact]
    public void What_is_preloaded_feeds_no_table() => Refused(
        flow =>
        {
            var rows = flow.Table<string, Reading>("rows");
            rows.ToTable("rows");
            Asking(flow, rows);
        },
        "'rows'", "writes");

    [Fact]
    public void What_is_preloaded_feeds_no_output() => Refused(
        flow =>
        {
            var rows = flow.Table<string, Reading>("rows");
            rows.ToTopic("said");
            Asking(flow, rows);
        },
        "'rows'", "writes");

    [Fact]
    public void What_is_preloaded_is_not_merged_with_what_is_not() => Refused(
        flow =>
        {
            var rows = flow.Table<string, Reading>("rows");
            rows.Merge(flow.From<Reading>("others")).Select(reading => reading.Seq).ToTable("merged", seq => seq);
            Asking(flow, rows);
        },
        "'rows'", "not");

    [Fact]
    public void A_table_may_be_preloaded_that_was_made_with_another_preloaded_one()
    {
        var topology = Job.Define("chained", flow =>
        {
            var rows = flow.Table<string, Reading>("rows");
            var named = flow.From<Reading>("names")
                .LookUp(rows, name => name.Device, (name, row) => name with { Seq = row?.Seq ?? 0 }, preload: true)
                .KeyBy(name => name.Device).Latest();
            Asking(flow, named);
        }).Build();

        Assert.Equal(["names", "rows"], topology.PreloadedTopics);
        Assert.Contains("preload true", topology.Describe(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_restart_without_state_and_a_reprocess_keep_the_place_and_another_place_is_another_table_C2_P2()
    {
        var readings = Sequence.Random(9, 600, 1, complete: false).Readings.Select(pair => pair.Reading).ToList();
        using var folder = new TemporaryFolder();
        var code = new Dictionary<JobVersion, Job>();
        JobVersion first;
        await using (var house = await House.OpenAsync(folder.Path, code))
        {
            await house.TopicsAsync(StreamJobs.Preloaded);
            await house.AppendAsync(readings[..300]);
            first = await house.MakeAsync(StreamJobs.Preloaded);
            await house.AppendAsync(readings[300..]);
            await house.CaughtUpAsync(first);
        }

        Directory.Delete(Path.Combine(folder.Path, "state"), recursive: true);
        await using var again = await House.OpenAsync(folder.Path, code, workers: 3, stepRecords: 33);
        await again.CaughtUpAsync(first);
        Assert.Empty(again.Reports);
        var second = await again.MakeAsync(StreamJobs.Preloaded);
        await again.StateAsync(second, VersionState.Ready);
        Assert.True((await again.DiffAsync(first, second)).IsSame);
        Assert.Equal(
            again.Journal.Catalog.Find(first)!.Made.Preloads, again.Journal.Catalog.Find(second)!.Made.Preloads);

        var made = again.Journal.Catalog.Find(second)!.Made;
        code[second with { Number = 3 }] = StreamJobs.Preloaded;
        await new Reprocess(again.Journal, again.Versions, again.Store, TimeProvider.System).RunAsync(
            made with
            {
                Version = second with { Number = 3 },
                Settings = new[] { VersionMade.PreloadSetting("rows", Place.EndOf(again.Log.CompleteTo)) }
                    .ToDictionary(),
            },
            CancellationToken.None);
        await again.StateAsync(second with { Number = 3 }, VersionState.Ready);
        Assert.False((await again.DiffAsync(first, second with { Number = 3 })).IsSame);
    }

    [Fact]
    public async Task A_version_that_has_no_place_for_what_it_preloads_fails_and_says_so()
    {
        using var folder = new TemporaryFolder();
        var code = new Dictionary<JobVersion, Job>();
        await using var house = await House.OpenAsync(folder.Path, code);
        await house.TopicsAsync(StreamJobs.Preloaded);
        var topology = StreamJobs.Preloaded.Build();
        var version = new JobVersion("preloaded", 1);
        code[version] = StreamJobs.Preloaded;
        await new Reprocess(house.Journal, house.Versions, house.Store, TimeProvider.System).RunAsync(
            new VersionMade(
                version, "test", "fingerprint", topology.Tables, topology.Topics, new Dictionary<string, string>(),
                Place.Start),
            CancellationToken.None);

        await house.StateAsync(version, VersionState.Failed);
        Assert.Contains("'rows'", house.Journal.Catalog.Find(version)!.Error, StringComparison.Ordinal);
    }

    private static void Asking(Flow flow, RunningResults<string, Reading> rows) => flow.From<Reading>("readings")
        .LookUp(
            rows, reading => reading.Device, (asked, row) => asked with { Seq = row?.Seq ?? 0 }, preload: true)
        .ToTable("asked", reading => reading.Seq);

    private static void Refused(Action<Flow> define, params string[] parts)
    {
        var error = Assert.Throws<KappaException>(() => Job.Define("refused", define).Build());
        Assert.All(parts, part => Assert.Contains(part, error.Message, StringComparison.Ordinal));
        Assert.NotEmpty(error.Next);
    }
}
