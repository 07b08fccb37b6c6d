using System.Globalization;
using System.Text;
using Kappa.Client;
using Kappa.Log;
using Xunit;

namespace Kappa.Server.Tests;

/// <summary>
/// Backups of topics of which retention removed what archives have: the restored server reads these archives, and the
/// old one goes on writing them.
/// </summary>
public sealed class ArchivedBackupTests
{
    [Fact]
    public async Task Restored_tables_are_the_same_though_only_an_archive_has_the_beginning_V4_L9()
    {
        using var folders = new Backups();
        await using var running = await StartAsync();
        await Loops.AppendAsync(running, Lines(0, 50));
        await AppendAsync(running, "n", CancellationToken.None, requests: 39);
        await running.Client.MirrorAsync(new MirrorRequest("events", folders["first"]));
        await Loops.DeployAsync(running, CompiledJobs.Totals());
        await Loops.DeployAsync(running, CompiledJobs.Alerts("90"));
        await Loops.UntilAsync(running, "totals@1", "Live");
        await Loops.UntilAsync(running, "alerts@1", "Live");
        await Loops.UntilAsync(() => Task.FromResult(RemoveArchived(running) > 0), "nothing is archived");

        // Producer, mirror and retention go on beside the backup, and after it.
        using var stop = new CancellationTokenSource();
        var load = AppendAsync(running, "old", stop.Token);
        var moving = MoveAsync(running, stop.Token);
        var taken = await running.Client.BackupAsync(new BackupRequest(folders["backup"]));
        Assert.True(Place.TryParse(taken.Place, out var place));
        var begin = running.Server.Platform.Embedded.BeginOffsets("events")[0];
        await Loops.UntilAsync(
            () => Task.FromResult(running.Server.Platform.Embedded.BeginOffsets("events")[0] > begin),
            "the old server does not go on");
        await stop.CancelAsync();
        await load;
        await moving;
        var old = await RecordsAsync(running);
        var expected = old.Where(one => one.At <= place).Select(one => one.Text).ToList();
        Assert.True(expected.Count < old.Count, "nothing was appended behind the backup's place");

        var restored = Backups.Restore(folders["backup"], folders["restored"]);
        Assert.Contains(restored.Notes, note => note.Contains(folders["first"], StringComparison.Ordinal));
        await File.WriteAllTextAsync(Path.Combine(folders["restored"], "admin.key"), running.Key);
        await using (var again = await StartAsync(folders["restored"]))
        {
            await Backups.UntilSameAsync(again, "totals@1", "alerts@1");
            Assert.True(again.Server.Platform.Embedded.BeginOffsets("events")[0] > 0);
            Assert.Equal(expected, (await RecordsAsync(again)).Select(one => one.Text));
            Assert.Equal("inherited", Assert.Single(await again.Client.MirrorsAsync()).State);

            // It goes its own way: other records in segments of the same numbers as those the old server archived.
            await AppendAsync(again, "new", CancellationToken.None, requests: 60);
            var begins = again.Server.Platform.Embedded.BeginOffsets("events")[0];
            Assert.Equal(begins, RemoveArchived(again));
            await ReprocessAsync(again, "totals@2");
            await RefusedAsync(again, folders["first"]);
        }

        // A program that does not know of inherited archives refuses the folder, also after it was opened.
        Assert.StartsWith(
            "{\"format\":3,", await File.ReadAllTextAsync(Path.Combine(folders["restored"], "kappa.json")),
            StringComparison.Ordinal);
        await GoOnAsync(folders, expected, running.Key);
    }

    [Fact]
    public async Task A_mirror_whose_archive_is_not_needed_is_named_and_not_kept_L9()
    {
        using var folders = new Backups();
        await using var running = await StartAsync();
        await Loops.AppendAsync(running, Lines(0, 1_000));
        await running.Client.MirrorAsync(new MirrorRequest("events", folders["store"]));
        await running.Client.BackupAsync(new BackupRequest(folders["backup"]));
        var restored = Backups.Restore(folders["backup"], folders["restored"]);
        Assert.Contains(folders["store"], Assert.Single(restored.Notes), StringComparison.Ordinal);
        Assert.StartsWith(
            "{\"format\":2,", await File.ReadAllTextAsync(Path.Combine(folders["restored"], "kappa.json")),
            StringComparison.Ordinal);
        await using var again = await Backups.StartAsync(folders["restored"], running.Key);
        Assert.Empty(await again.Client.MirrorsAsync());
        Assert.Equal(1_000, (await RecordsAsync(again)).Count);
        Assert.Contains("another log", (await Assert.ThrowsAsync<RequestFailedException>(
            () => again.Client.MirrorAsync(new MirrorRequest("events", folders["store"])))).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_the_archive_lost_is_named_and_a_later_archive_does_not_hide_it_L9()
    {
        using var folders = new Backups();
        string key;
        await using (var running = await StartAsync())
        {
            key = running.Key;
            await Loops.AppendAsync(running, Lines(0, 50));
            await AppendAsync(running, "n", CancellationToken.None, requests: 39);
            await running.Client.MirrorAsync(new MirrorRequest("events", folders["first"]));
            await Loops.UntilAsync(() => Task.FromResult(RemoveArchived(running) > 0), "nothing is archived");
            await running.Client.BackupAsync(new BackupRequest(folders["backup"]));
        }

        Backups.Restore(folders["backup"], folders["restored"]);
        await File.WriteAllTextAsync(Path.Combine(folders["restored"], "admin.key"), key);
        Directory.Move(folders["first"], folders["away"]);
        await using var again = await StartAsync(folders["restored"]);
        await AppendAsync(again, "new", CancellationToken.None, requests: 60);
        await again.Client.MirrorAsync(new MirrorRequest("events", folders["second"]));
        await Loops.UntilAsync(
            async () => (await again.Client.MirrorsAsync()).All(one => one.Error is not null), "nothing is told");

        // The new archive does not begin somewhere else because the old one does not answer.
        var refused = await Assert.ThrowsAsync<RequestFailedException>(() => RecordsAsync(again));
        Assert.Contains(folders["first"], refused.Message, StringComparison.Ordinal);
        var told = Assert.Single(await again.Client.MirrorsAsync(), one => one.State == "inherited");
        Assert.Contains(folders["first"], told.Error, StringComparison.Ordinal);
        Directory.Move(folders["away"], folders["first"]);
        await Loops.UntilAsync(
            async () => (await again.Client.MirrorsAsync()).All(one => one is { Error: null, Waiting: 0 }),
            "it is not found again");
        Assert.Equal(2_000 + (60 * 50), (await RecordsAsync(again)).Count);
    }

    /// <summary>The restored server gets a mirror of its own, and a backup of it is restored.</summary>
    private static async Task GoOnAsync(Backups folders, List<string> expected, string key)
    {
        await using var again = await StartAsync(folders["restored"]);
        var all = await RecordsAsync(again);
        Assert.Equal(expected, all.Take(expected.Count).Select(one => one.Text));
        var begins = again.Server.Platform.Embedded.BeginOffsets("events")[0];
        await again.Client.MirrorAsync(new MirrorRequest("events", folders["second"]));
        await Loops.UntilAsync(() => Task.FromResult(RemoveArchived(again) > begins), "nothing is archived");
        Assert.Equal(all, await RecordsAsync(again));

        // It took along what only the old archive had; as long as both are there, both are inherited.
        Assert.False(again.Server.Platform.Embedded.IsNeeded("events", archive: null));
        await ReprocessAsync(again, "totals@3");
        await again.Client.BackupAsync(new BackupRequest(folders["next"]));
        Backups.Restore(folders["next"], folders["third"]);
        await File.WriteAllTextAsync(Path.Combine(folders["third"], "admin.key"), key);
        await using var third = await StartAsync(folders["third"]);
        await Backups.UntilSameAsync(third, "totals@1", "totals@3", "alerts@1");
        Assert.Equal(all.Select(one => one.Text), (await RecordsAsync(third)).Select(one => one.Text));
        var mirrors = await third.Client.MirrorsAsync();
        Assert.Equal(["inherited", "inherited"], mirrors.Select(mirror => mirror.State));
        await third.Client.DeleteMirrorAsync(mirrors.Single(one => one.Store == folders["first"]).Name);
        Assert.Equal(409, (await Assert.ThrowsAsync<RequestFailedException>(
            () => third.Client.DeleteMirrorAsync(mirrors.Single(one => one.Store == folders["second"]).Name))).Status);
        Assert.Equal(all.Select(one => one.Text), (await RecordsAsync(third)).Select(one => one.Text));
    }

    private static Task<RunningServer> StartAsync(string? folder = null) => RunningServer.StartAsync(
        folder,
        change: options => options with
        {
            SegmentBytesMax = 64 << 10,
            MirrorEvery = TimeSpan.FromMilliseconds(20),
            ArchivePatience = new ArchivePatience
            {
                Attempts = 2,
                FirstWait = TimeSpan.FromMilliseconds(1),
            },
        });

    private static async Task ReprocessAsync(RunningServer running, string version)
    {
        await running.Client.ReprocessAsync("totals");
        await Loops.UntilAsync(running, version, "Ready");
        Assert.True((await running.Client.DiffAsync(new DiffRequest("totals@1", version))).Same);
        var sums = (await RecordsAsync(running)).GroupBy(one => one.Name)
            .OrderBy(group => group.Key, StringComparer.Ordinal)
            .Select(group => $"{group.Key} {group.Sum(one => one.Amount)}");
        Assert.Equal(sums, await Loops.RowsAsync(running, "totals"));
    }

    private static async Task RefusedAsync(RunningServer running, string store)
    {
        foreach (var stopped in new[] { false, true })
        {
            var refused = await Assert.ThrowsAsync<RequestFailedException>(
                () => running.Client.MirrorAsync(new MirrorRequest("events", store, stopped, TakeOver: true)));
            Assert.Equal(409, refused.Status);
            Assert.Contains("restored from", refused.Message, StringComparison.Ordinal);
        }
    }

    /// <summary>As retention does; where the log begins then.</summary>
    private static long RemoveArchived(RunningServer running)
    {
        var log = running.Server.Platform.Embedded;
        if (log.ArchiveEndsOf("events") is [> 0 and var end])
        {
            log.RemoveBefore("events", 0, end);
        }

        return log.BeginOffsets("events")[0];
    }

    private static Task MoveAsync(RunningServer running, CancellationToken stop) => Task.Run(
        () =>
        {
            while (!stop.IsCancellationRequested)
            {
                RemoveArchived(running);
                Thread.Yield();
            }
        },
        CancellationToken.None);

    private static async Task AppendAsync(
        RunningServer running, string prefix, CancellationToken stop, int requests = int.MaxValue)
    {
        for (var request = 0; request < requests && !stop.IsCancellationRequested; request++)
        {
            await running.Client.AppendAsync(
                "events", Encoding.UTF8.GetBytes(Lines(request * 50, 50, prefix)), cancel: CancellationToken.None);
        }
    }

    private static string Lines(int from, int count, string prefix = "n")
    {
        var lines = new StringBuilder();
        for (var i = from; i < from + count; i++)
        {
            lines.Append(
                CultureInfo.InvariantCulture,
                $"{{\"Name\":\"{prefix}{i % 10}\",\"Amount\":{i % 97},\"More\":\"{new string('x', 60)}\"}}\n");
        }

        return lines.ToString();
    }

    private static async Task<List<Stored>> RecordsAsync(RunningServer running) =>
        [.. (await Outputs.RecordsAsync(running, "events")).Select(record =>
        {
            Assert.True(Place.TryParse(record.GetProperty("place").GetString(), out var at));
            var value = record.GetProperty("value");
            return new Stored(
                at, record.GetRawText(), value.GetProperty("Name").GetString()!,
                value.GetProperty("Amount").GetInt64());
        })];

    private sealed record Stored(Place At, string Text, string Name, long Amount);
}
