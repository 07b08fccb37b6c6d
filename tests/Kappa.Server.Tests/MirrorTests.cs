using System.Globalization;
using System.Text;
using System.Text.Json;
using Kappa.Cli;
using Kappa.Client;
using Kappa.Log;
using Kappa.Tables;
using Xunit;

namespace Kappa.Server.Tests;

/// <summary>Mirrors as operators have them: over HTTP and the command line, across restarts (rule L9).</summary>
public sealed class MirrorTests
{
    [Fact]
    public async Task A_mirror_runs_on_after_a_restart_into_several_stores_L9()
    {
        var folder = RunningServer.TempFolder();
        var stores = new[] { RunningServer.TempFolder(), RunningServer.TempFolder() };
        try
        {
            await using (var running = await StartAsync(folder))
            {
                await AppendAsync(running, 2_000);
                foreach (var store in stores)
                {
                    var made = await running.Client.MirrorAsync(new MirrorRequest("events", store));
                    Assert.Null(made.Error);
                }

                // The same again is the same mirror.
                await running.Client.MirrorAsync(new MirrorRequest("events", stores[0]));
                Assert.Equal(2, (await running.Client.MirrorsAsync()).Count);
                await UntilIdleAsync(running, 2);
            }

            await using var again = await StartAsync(folder);
            var before = (await UntilIdleAsync(again, 2)).Min(one => one.Segments);
            await AppendAsync(again, 3_000);
            var after = await UntilIdleAsync(again, before + 1);
            Assert.All(after, one => Assert.Equal("idle", one.State));

            var stopped = await again.Client.MirrorAsync(new MirrorRequest("events", stores[1], IsStopped: true));
            Assert.Equal("stopped", stopped.State);
            await again.Client.DeleteMirrorAsync(stopped.Name);
            Assert.Single(await again.Client.MirrorsAsync());
        }
        finally
        {
            Array.ForEach([folder, .. stores], RunningServer.Delete);
        }
    }

    [Fact]
    public async Task A_replay_across_the_edge_while_mirror_and_removal_move_it_gives_the_same_table_L9_L4()
    {
        var store = RunningServer.TempFolder();
        try
        {
            await using var running = await StartAsync();
            await AppendAsync(running, 3_000);
            await Loops.DeployAsync(running, CompiledJobs.Totals());
            await Loops.UntilAsync(running, "totals@1", "Live");
            var mirror = await running.Client.MirrorAsync(new MirrorRequest("events", store));
            using var done = new CancellationTokenSource();
            var moving = MoveAsync(running, done.Token);
            for (var round = 2; round <= 5; round++)
            {
                await AppendAsync(running, 1_000);
                await running.Client.ReprocessAsync("totals");
                await Loops.UntilAsync(running, $"totals@{round}", "Ready");
                var diff = await running.Client.DiffAsync(new DiffRequest("totals@1", $"totals@{round}"));
                Assert.True(diff.Same, $"round {round} differs");
            }

            await done.CancelAsync();
            await moving;
            Assert.True(running.Server.Platform.Embedded.BeginOffsets("events")[0] > 3_000);

            // From the beginning also by HTTP, by offset, and not without the archive.
            Assert.Equal(7_000, (await Outputs.RecordsAsync(running, "events")).Count);
            Assert.Equal(7_000 - 17, (await RecordsAsync(running, "events", "?from=17")).Count);
            var needed = await Assert.ThrowsAsync<RequestFailedException>(
                () => running.Client.DeleteMirrorAsync(mirror.Name));
            Assert.Equal(409, needed.Status);
        }
        finally
        {
            RunningServer.Delete(store);
        }
    }

    [Fact]
    public async Task A_store_that_is_another_logs_or_unknown_is_refused_with_what_to_do_L9()
    {
        var store = RunningServer.TempFolder();
        try
        {
            await using var running = await StartAsync();
            await using var other = await StartAsync();
            await AppendAsync(running, 10);
            await AppendAsync(other, 10);
            await running.Client.MirrorAsync(new MirrorRequest("events", store));

            var foreign = await Assert.ThrowsAsync<RequestFailedException>(
                () => other.Client.MirrorAsync(new MirrorRequest("events", store)));
            Assert.Equal(409, foreign.Status);
            Assert.Contains("another log", foreign.Message, StringComparison.Ordinal);
            Assert.Empty(await other.Client.MirrorsAsync());
            foreach (var (wrong, status) in new[]
                { ("gopher://x/y", 400), ("relative", 400), ("s3://name:hush@x", 400) })
            {
                var refused = await Assert.ThrowsAsync<RequestFailedException>(
                    () => other.Client.MirrorAsync(new MirrorRequest("events", wrong)));
                Assert.Equal(status, refused.Status);
                Assert.DoesNotContain("hush", refused.Message, StringComparison.Ordinal);
            }

            Assert.Equal(404, (await Assert.ThrowsAsync<RequestFailedException>(
                () => other.Client.MirrorAsync(new MirrorRequest("nothing", store)))).Status);
        }
        finally
        {
            RunningServer.Delete(store);
        }
    }

    [Fact]
    public async Task What_is_erased_goes_from_archives_by_their_mirrors_also_after_a_restart_L10()
    {
        var folder = RunningServer.TempFolder();
        var stores = new[] { RunningServer.TempFolder(), RunningServer.TempFolder() };
        try
        {
            await using (var running = await StartAsync(folder))
            {
                await AppendAsync(running, 2_000);
                foreach (var store in stores)
                {
                    await running.Client.MirrorAsync(new MirrorRequest("events", store));
                }

                await UntilIdleAsync(running, 3);
                await running.Client.MirrorAsync(new MirrorRequest("events", stores[1], IsStopped: true));
                var log = running.Server.Platform.Embedded;
                log.RemoveBefore("events", 0, log.ArchiveEndsOf("events")![0]);
                Assert.Equal(2, await log.EraseAsync("events", IsSecret, false, CancellationToken.None));
                await Loops.UntilAsync(
                    async () => (await running.Client.MirrorsAsync()).Count(one => one.State == "idle") == 1,
                    "the mirror that runs is not idle");
                Assert.False(Holds(stores[0]));
                Assert.True(Holds(stores[1]));
            }

            await using var again = await StartAsync(folder);
            await again.Client.MirrorAsync(new MirrorRequest("events", stores[1]));
            await UntilIdleAsync(again, 3);
            Assert.All(stores, store => Assert.False(Holds(store)));
            Assert.Equal(2_000, (await Outputs.RecordsAsync(again, "events")).Count);
            Assert.False(Holds(folder));
            Assert.All(stores, store => Assert.Equal(0, RunAsync(["verify", "--archive", store]).Result.Code));
        }
        finally
        {
            Array.ForEach([folder, .. stores], RunningServer.Delete);
        }

        static bool IsSecret(in Log.Record record) => record.Value.IndexOf("\"Amount\":17,"u8) >= 0
            || record.Value.IndexOf("\"Amount\":1234,"u8) >= 0;

        static bool Holds(string folder) => Directory.EnumerateFiles(folder, "*.segment", SearchOption.AllDirectories)
            .Any(path => File.ReadAllBytes(path).AsSpan().IndexOf("\"Amount\":17,"u8) >= 0
                || File.ReadAllBytes(path).AsSpan().IndexOf("\"Amount\":1234,"u8) >= 0);
    }

    [Fact]
    public async Task A_lost_folder_comes_back_from_its_archive_by_commands_L9()
    {
        var store = RunningServer.TempFolder();
        var found = RunningServer.TempFolder();
        try
        {
            List<string> lost;
            await using (var running = await StartAsync())
            {
                await AppendAsync(running, 3_000);
                Assert.Contains("events", (await RunAsync(
                    ["mirror", "events", "--to", store, "--data", running.Folder])).Out, StringComparison.Ordinal);
                await UntilIdleAsync(running, 1);
                Assert.Contains(
                    "idle", (await RunAsync(["mirror", "--data", running.Folder])).Out, StringComparison.Ordinal);
                lost = [.. (await Outputs.RecordsAsync(running, "events")).Select(one => one.GetRawText())];
            }

            var whole = await RunAsync(["verify", "--archive", store]);
            Assert.Equal((0, true), (whole.Code, whole.Out.Contains("whole", StringComparison.Ordinal)));
            var restored = await RunAsync(["restore", "--from-archive", store, "--data", found]);
            Assert.Equal(0, restored.Code);
            Assert.Equal(0, (await RunAsync(["verify", "--data", found])).Code);
            Assert.NotEqual(0, (await RunAsync(["restore", "--from-archive", store, "--data", found])).Code);
            await using (var again = await StartAsync(found))
            {
                var records = (await Outputs.RecordsAsync(again, "events")).Select(one => one.GetRawText()).ToList();
                Assert.InRange(records.Count, 100, lost.Count);
                Assert.Equal(lost[..records.Count], records);
                await Loops.DeployAsync(again, CompiledJobs.Totals());
                await Loops.UntilAsync(again, "totals@1", "Live");
                await AppendAsync(again, 5);
            }

            var segment = Directory.EnumerateFiles(store, "*.segment", SearchOption.AllDirectories).First();
            var bytes = await File.ReadAllBytesAsync(segment);
            bytes[^5] ^= 1;
            await File.WriteAllBytesAsync(segment, bytes);
            var damaged = await RunAsync(["verify", "--archive", store]);
            Assert.NotEqual(0, damaged.Code);
            Assert.Contains(Path.GetFileName(segment), damaged.Out, StringComparison.Ordinal);
        }
        finally
        {
            RunningServer.Delete(store);
            RunningServer.Delete(found);
        }
    }

    [Fact]
    public async Task A_mirror_is_removed_only_where_its_records_stay_in_reach_L9()
    {
        var stores = new[] { RunningServer.TempFolder(), RunningServer.TempFolder(), RunningServer.TempFolder() };
        try
        {
            await using var running = await StartAsync();
            await AppendAsync(running, 3_000);
            var first = await running.Client.MirrorAsync(new MirrorRequest("events", stores[0]));
            var second = await running.Client.MirrorAsync(new MirrorRequest("events", stores[1]));
            await UntilIdleAsync(running, 3);
            var log = running.Server.Platform.Embedded;
            log.RemoveBefore("events", 0, log.ArchiveEndsOf("events")![0]);

            // Either of two that have it all may go, and then the other may not.
            await running.Client.DeleteMirrorAsync(second.Name);
            await RefusedAsync(first);

            // One that is made later takes along what was removed before: then the first may go, and it may not.
            var late = await running.Client.MirrorAsync(new MirrorRequest("events", stores[2]));
            await AppendAsync(running, 2_000);
            await UntilIdleAsync(running, 3);
            Assert.Equal(5_000, (await Outputs.RecordsAsync(running, "events")).Count);
            await running.Client.DeleteMirrorAsync(first.Name);
            await RefusedAsync(late);
            Assert.Equal(5_000, (await Outputs.RecordsAsync(running, "events")).Count);

            // Unless somebody says that what it has is to be out of reach.
            await running.Client.DeleteMirrorAsync(late.Name, loseHistory: true);
            Assert.InRange((await Outputs.RecordsAsync(running, "events")).Count, 1, 4_999);

            async Task RefusedAsync(MirrorView mirror) => Assert.Equal(409, (
                await Assert.ThrowsAsync<RequestFailedException>(
                    () => running.Client.DeleteMirrorAsync(mirror.Name))).Status);
        }
        finally
        {
            Array.ForEach(stores, RunningServer.Delete);
        }
    }

    [Fact]
    public async Task A_mirror_runs_although_whoever_asked_for_it_did_not_wait_L9()
    {
        var store = RunningServer.TempFolder();
        var gate = new TaskCompletionSource();
        try
        {
            await using var running = await StartAsync(store: store, gate: gate.Task);
            await AppendAsync(running, 1_000);
            using var gone = new CancellationTokenSource();
            var asked = running.Server.Platform.Mirrors.PutAsync("events", "gated://x/y", false, false, gone.Token);
            await gone.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asked);
            gate.SetResult();
            await UntilIdleAsync(running, 1);
        }
        finally
        {
            RunningServer.Delete(store);
        }
    }

    [Fact]
    public async Task A_version_without_a_state_waits_for_the_archive_it_begins_in_L9_C2()
    {
        var folder = RunningServer.TempFolder();
        var store = RunningServer.TempFolder();
        try
        {
            string[] before;
            await using (var running = await StartAsync(folder, store, Task.CompletedTask))
            {
                await AppendAsync(running, 3_000);
                await Loops.DeployAsync(running, CompiledJobs.Totals());
                await Loops.UntilAsync(running, "totals@1", "Live");
                await running.Client.MirrorAsync(new MirrorRequest("events", "gated://x/y"));
                await UntilIdleAsync(running, 3);
                var log = running.Server.Platform.Embedded;
                log.RemoveBefore("events", 0, log.ArchiveEndsOf("events")![0]);
                before = [.. await Loops.RowsAsync(running, "totals")];
            }

            Directory.Delete(Path.Combine(folder, "state"), recursive: true);
            var gate = new TaskCompletionSource();
            await using var again = await StartAsync(folder, store, gate.Task);
            Assert.Equal("Live", (await Loops.VersionAsync(again, "totals@1")).State);
            var asked = again.Client.ReprocessAsync("totals");
            gate.SetResult();
            await asked;
            await AppendAsync(again, 50);
            await Loops.UntilAsync(
                async () => !(await Loops.RowsAsync(again, "totals")).SequenceEqual(before), "it does not go on");
            Assert.Equal("Live", (await Loops.VersionAsync(again, "totals@1")).State);
            await Loops.UntilAsync(again, "totals@2", "Ready");
            Assert.Empty(again.Server.Platform.Journal.Catalog.Find(JobVersion.Parse("totals@2"))!.Made.Beginnings);
            Assert.True((await again.Client.DiffAsync(new DiffRequest("totals@1", "totals@2"))).Same);
        }
        finally
        {
            RunningServer.Delete(folder);
            RunningServer.Delete(store);
        }
    }

    private static async Task<(int Code, string Out)> RunAsync(string[] args)
    {
        var text = new StringWriter { NewLine = "\n" };
        var terminal = new Terminal(Stream.Null, text, Stream.Null, text, IsInteractive: false, _ => null);
        return (await Program.RunAsync(args, terminal, CancellationToken.None), text.ToString());
    }

    private static Task<RunningServer> StartAsync(string? folder = null, string? store = null, Task? gate = null) =>
        RunningServer.StartAsync(
            folder,
            change: options => options with
            {
                SegmentBytesMax = 64 << 10,
                MirrorEvery = TimeSpan.FromMilliseconds(20),
                ArchiveStores = new Dictionary<string, Func<Uri, IArchiveStore>>
                {
                    ["gated"] = _ => new GatedStore(new ArchiveFolder(store!, options.Files), gate!),
                },
            });

    private static async Task AppendAsync(RunningServer running, int records)
    {
        var filler = new string('x', 90);
        for (var at = 0; at < records; at += 50)
        {
            var lines = new StringBuilder();
            for (var i = at; i < Math.Min(records, at + 50); i++)
            {
                lines.Append(
                    CultureInfo.InvariantCulture,
                    $"{{\"Name\":\"n{i % 7}\",\"Amount\":{i},\"More\":\"{filler}\"}}\n");
            }

            await Loops.AppendAsync(running, lines.ToString());
        }
    }

    private static async Task<IReadOnlyList<MirrorView>> UntilIdleAsync(RunningServer running, int segments)
    {
        IReadOnlyList<MirrorView> all = [];
        await Loops.UntilAsync(
            async () =>
            {
                all = await running.Client.MirrorsAsync();
                return all.Count > 0 && all.All(one => one.State == "idle" && one.Segments >= segments);
            },
            "the mirrors are not idle");
        return all;
    }

    // What retention will do: what archives have verified leaves the log, again and again.
    private static Task MoveAsync(RunningServer running, CancellationToken cancel) => Task.Run(
        () =>
        {
            var log = running.Server.Platform.Embedded;
            while (!cancel.IsCancellationRequested)
            {
                log.RemoveBefore("events", 0, log.ArchiveEndsOf("events")![0]);
                Thread.Yield();
            }
        },
        CancellationToken.None);

    private static async Task<List<JsonElement>> RecordsAsync(RunningServer running, string topic, string query)
    {
        var text = await running.Http.GetStringAsync(new Uri($"/v1/topics/{topic}/records{query}", UriKind.Relative));
        return [.. text.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => JsonSerializer.Deserialize<JsonElement>(line))];
    }
}
