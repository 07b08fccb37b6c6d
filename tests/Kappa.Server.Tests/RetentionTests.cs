using System.Globalization;
using System.Text;
using Kappa.Client;
using Kappa.Log;
using Xunit;

namespace Kappa.Server.Tests;

/// <summary>Rule L9 over HTTP and by commands: settings, what jobs still need, where replays begin, deletion.</summary>
public sealed class RetentionTests
{
    private static readonly TopicSettingsRequest OneMegabyte = new(RetainBytes: 1 << 20, LoseHistory: true);

    [Fact]
    public async Task Settings_are_given_changed_and_compared_and_history_is_lost_only_when_said_L9()
    {
        await using var running = await RunningServer.StartAsync();
        var refused = await Assert.ThrowsAsync<RequestFailedException>(
            () => running.Client.CreateTopicAsync(new("events", 1, new(RetainSeconds: 3_600))));
        Assert.Equal(409, refused.Status);
        Assert.Contains("--lose-history", refused.Next, StringComparison.Ordinal);
        var made = await running.Client.CreateTopicAsync(
            new("events", 1, new(Compression: "brotli", RetainSeconds: 3_600, LoseHistory: true)));
        Assert.Equal(("brotli", 3_600L, true), (made.Compression, made.RetainSeconds, made.LoseHistory));
        refused = await Assert.ThrowsAsync<RequestFailedException>(
            () => running.Client.CreateTopicAsync(new("events", 1, new(Compression: "none"))));
        Assert.Equal(409, refused.Status);
        Assert.Contains("exists with other settings", refused.Message, StringComparison.Ordinal);

        // It was said once; bounds of 0 are none; what is not named stays.
        var changed = await running.Client.SetTopicAsync("events", new(RetainBytes: 5 << 20, RetainSeconds: 0));
        Assert.Equal(
            ("brotli", 5L << 20, null, true),
            (changed.Compression, changed.RetainBytes, changed.RetainSeconds, changed.LoseHistory));
        foreach (var wrong in new TopicSettingsRequest[]
        {
            new(Compression: "zip"), new(RetainBytes: -1), new(RetainBytes: 5), new(RetainSeconds: 5),
        })
        {
            refused = await Assert.ThrowsAsync<RequestFailedException>(
                () => running.Client.SetTopicAsync("events", wrong));
            Assert.Equal(400, refused.Status);
        }

        var text = $"{{\"text\":\"{new string('x', 900)}\"}}\n";
        await running.Client.AppendAsync("events", Encoding.UTF8.GetBytes(text));
        await foreach (var line in running.Client.ReadAsync("events"))
        {
            Assert.Contains(new string('x', 900), line, StringComparison.Ordinal);
        }

        var listed = await Commands.RunAsync(running, ["topics", "set", "events", "--retain-days", "1.5"]);
        Assert.Contains("1.5 days, 5.0M, brotli", listed.Out, StringComparison.Ordinal);
        Assert.Equal(2, (await Commands.RunAsync(running, ["topics", "set", "events"])).Code);
        Assert.Equal(2, (await Commands.RunAsync(running, ["topics", "set", "events", "--retain-bytes", "x"])).Code);
    }

    [Fact]
    public async Task What_a_running_version_needs_stays_and_then_replays_begin_where_the_log_does_L9()
    {
        var folder = RunningServer.TempFolder();
        try
        {
            await using (var running = await StartAsync(folder))
            {
                await running.Client.CreateTopicAsync(new("events", 1, OneMegabyte));
                await Loops.DeployAsync(running, CompiledJobs.Totals());
                await FillAsync(running);
                await Loops.UntilAsync(async () => await SumAsync(running) == 300, "the sum is not 300");

                // Nobody has looked at a state yet: everything would be needed after a crash.
                await running.Server.Platform.Retaining.RunAsync(CancellationToken.None);
                Assert.Null((await running.Client.TopicAsync("events")).Start);
                Assert.Null((await running.Client.JobAsync("totals")).Earliest);
            }

            // Stopping wrote a state file: what is before it may go, and what is gone is said before and after.
            await using (var running = await StartAsync(folder))
            {
                await Loops.UntilAsync(
                    async () => (await Loops.VersionAsync(running, "totals@1")).Progress is not null,
                    "it does not run");
                await Loops.UntilAsync(
                    async () => (await running.Client.TopicAsync("events")).StartSoon is not null, "nothing may go");
                var warned = (await Commands.RunAsync(running, ["topics"])).Out;
                Assert.Contains(
                    "totals can be replayed from the start on; within a day", warned, StringComparison.Ordinal);
                await running.Server.Platform.Retaining.RunAsync(CancellationToken.None);
                var topic = await running.Client.TopicAsync("events");
                Assert.True(topic.StartOffsets![0] > 0 && topic.Records < 300, "nothing went");
                Assert.Equal(topic.Start, (await running.Client.JobAsync("totals")).Earliest);
                var refused = await Assert.ThrowsAsync<RequestFailedException>(async () =>
                {
                    await foreach (var _ in running.Client.ReadAsync("events", from: "0"))
                    {
                    }
                });
                Assert.Equal(404, refused.Status);
                await running.Client.AppendAsync("events", "{\"Name\":\"a\",\"Amount\":1}\n"u8.ToArray());
                await Loops.UntilAsync(async () => await SumAsync(running) == 301, "the sum is not 301");

                // A plan says where a replay begins, and a new version is what it can be.
                var planned = await running.Client.DeployAsync(new DeployRequest(
                    (await running.Client.UploadAsync(CompiledJobs.Zip(CompiledJobs.Totals("e.Amount * 2")))).Artifact,
                    Plan: true));
                Assert.Equal(topic.Start, Assert.Single(planned.Jobs).Earliest);
                await Loops.DeployAsync(running, CompiledJobs.Totals("e.Amount * 2"));
                await Loops.UntilAsync(running, "totals@2", "Ready");
                var doubled = (await Loops.RowsAsync(running, "totals@2"))[0].Split()[1];
                Assert.Equal($"{2 * (300 - topic.StartOffsets[0] + 1)}", doubled);
                await running.Client.DropAsync("totals@2");
            }

            await RestartAsync(folder);
        }
        finally
        {
            RunningServer.Delete(folder);
        }
    }

    [Fact]
    public async Task A_topic_with_an_archive_loses_nothing_soon_and_begins_at_the_start_L9()
    {
        var folder = RunningServer.TempFolder();
        var store = RunningServer.TempFolder();
        try
        {
            await using var running = await StartAsync(folder);
            await running.Client.CreateTopicAsync(new("events", 1, OneMegabyte));
            await FillAsync(running);
            var retaining = running.Server.Platform.Retaining;

            // The same topic, without an archive and with one.
            Assert.True(retaining.Soon(Topic())!.Records > 0);
            Assert.NotNull((await running.Client.TopicAsync("events")).StartSoon);
            await running.Client.MirrorAsync(new MirrorRequest("events", store));
            Assert.Null(retaining.Soon(Topic()));
            Assert.Null((await running.Client.TopicAsync("events")).StartSoon);
            Assert.Null(retaining.EarliestOf(["events"], soon: true));
            await Loops.UntilAsync(
                async () => (await running.Client.MirrorsAsync())[0] is { Waiting: 0, Segments: > 10 }, "not copied");

            await retaining.RunAsync(CancellationToken.None);

            // Removed from the log, and not lost.
            Assert.True(running.Server.Platform.Embedded.BeginOffsets("events")[0] > 0);
            Assert.Null(retaining.Soon(Topic()));
            Assert.Null(retaining.EarliestOf(["events"]));
            Assert.Equal(300, (await running.Client.TopicAsync("events")).Records);
            Assert.Equal(300, (await Outputs.RecordsAsync(running, "events")).Count);

            Log.Topic Topic() => running.Server.Platform.Log.Topics.Single(topic => topic.Name == "events");
        }
        finally
        {
            RunningServer.Delete(folder);
            RunningServer.Delete(store);
        }
    }

    [Fact]
    public async Task What_cannot_be_removed_of_one_topic_does_not_keep_another_L9()
    {
        var disk = new DyingDisk(DiskFileSystem.ForThisPlatform(), int.MaxValue);
        await using var running = await RunningServer.StartAsync(change: options => options with
        {
            SegmentBytesMax = 64 << 10,
            RetainEvery = TimeSpan.FromDays(1),
            Files = disk,
        });
        string[] names = ["events", "others"];
        foreach (var name in names)
        {
            await running.Client.CreateTopicAsync(new(name, 1, OneMegabyte));
            await FillAsync(running, name);
        }

        var left = 1;
        disk.Refuses = path => path.Contains("log.json", StringComparison.Ordinal)
            && Interlocked.Decrement(ref left) >= 0;
        var refused = await Assert.ThrowsAnyAsync<KappaException>(
            () => running.Server.Platform.Retaining.RunAsync(CancellationToken.None));
        Assert.Contains("log.json", refused.Message, StringComparison.Ordinal);
        Assert.Single(names, name => running.Server.Platform.Embedded.BeginOffsets(name)[0] > 0);
        await running.Server.Platform.Retaining.RunAsync(CancellationToken.None);
        Assert.All(names, name => Assert.True(running.Server.Platform.Embedded.BeginOffsets(name)[0] > 0));
    }

    [Fact]
    public async Task Topic_that_is_read_is_deleted_only_by_its_name_and_its_readers_say_so()
    {
        await using var running = await RunningServer.StartAsync();
        await Loops.AppendAsync(running, "{\"Name\":\"x\",\"Amount\":1}\n");
        await Loops.AppendAsync(running, "{\"Name\":\"x\",\"Amount\":1}\n", "unread");
        await Loops.DeployAsync(running, CompiledJobs.Totals());
        await Loops.UntilAsync(running, "totals@1", "Live");
        var gone = await Commands.RunAsync(running, ["topics", "delete", "unread"]);
        Assert.Equal(0, gone.Code);
        var refused = await Commands.RunAsync(running, ["topics", "delete", "events"]);
        Assert.Equal(2, refused.Code);
        Assert.Contains("totals@1", refused.Error, StringComparison.Ordinal);
        Assert.Equal(2, (await Commands.RunAsync(running, ["topics", "delete", "events", "--force", "unread"])).Code);
        Assert.Equal(2, (await Commands.RunAsync(running, ["topics", "delete", "_kappa.clock"])).Code);
        var forced = await Commands.RunAsync(running, ["topics", "delete", "events", "--force", "events"]);
        Assert.Contains("totals@1", forced.Out, StringComparison.Ordinal);
        await Loops.UntilAsync(
            async () => (await Loops.VersionAsync(running, "totals@1")).State == "Failed", "it did not say so");
        Assert.Contains(
            "'events' was dropped", (await Loops.VersionAsync(running, "totals@1")).Error, StringComparison.Ordinal);
        Assert.DoesNotContain(await running.Client.TopicsAsync(), topic => topic.Name is "events" or "unread");
        await Loops.AppendAsync(running, "{\"Name\":\"y\",\"Amount\":1}\n");
        Assert.Equal(1, (await running.Client.TopicAsync("events")).Records);
    }

    private static async Task RestartAsync(string folder)
    {
        // A restart goes on from its state; without one its tables could not be computed again, and it says so.
        await using (var running = await StartAsync(folder))
        {
            await Loops.UntilAsync(async () => await SumAsync(running) == 301, "the sum is not 301");
            Assert.Equal("Live", (await Loops.VersionAsync(running, "totals@1")).State);
        }

        Directory.Delete(Path.Combine(folder, "state"), recursive: true);
        await using var without = await StartAsync(folder);
        await Loops.UntilAsync(
            async () => (await Loops.VersionAsync(without, "totals@1")).State == "Failed", "it did not say so");
        Assert.Contains(
            "no state file left", (await Loops.VersionAsync(without, "totals@1")).Error, StringComparison.Ordinal);
        Assert.Equal(301, await SumAsync(without));
    }

    private static Task<RunningServer> StartAsync(string folder) => RunningServer.StartAsync(
        folder, change: options => options with { SegmentBytesMax = 64 << 10, RetainEvery = TimeSpan.FromDays(1) });

    private static async Task<long> SumAsync(RunningServer running) =>
        (await Loops.RowsAsync(running, "totals")) is [var row, ..]
            ? long.Parse(row.Split()[1], CultureInfo.InvariantCulture) : 0;

    private static async Task FillAsync(RunningServer running, string topic = "events")
    {
        var line = $"{{\"Name\":\"a\",\"Amount\":1,\"Filler\":\"{new string('x', 8_000)}\"}}\n";
        for (var i = 0; i < 30; i++)
        {
            await running.Client.AppendAsync(
                topic, Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat(line, 10))));
        }
    }
}
