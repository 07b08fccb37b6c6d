using System.Globalization;
using System.Text;
using System.Text.Json;
using Kappa.Client;
using Kappa.Log;
using Xunit;

namespace Kappa.Server.Tests;

/// <summary>A backup of a running server, and what is restored of it: the same answers at the same place.</summary>
public sealed class BackupTests
{
    [Fact]
    public async Task Under_load_and_a_reprocess_the_restored_tables_are_those_at_the_backups_place_V4_L9()
    {
        using var folders = new Backups();
        await using var running = await RunningServer.StartAsync();
        await Loops.AppendAsync(running, Lines(0, 2_000));
        await Loops.DeployAsync(running, CompiledJobs.Totals());
        await Loops.DeployAsync(running, CompiledJobs.Alerts("90"));
        await Loops.UntilAsync(running, "totals@1", "Live");
        await Loops.UntilAsync(running, "alerts@1", "Live");
        using var stop = new CancellationTokenSource();
        var load = AppendAsync(running, stop.Token);
        await running.Client.ReprocessAsync("totals");
        var taken = await running.Client.BackupAsync(new BackupRequest(folders["backup"]));
        await stop.CancelAsync();
        Assert.True(await load > 0);
        Assert.True(Place.TryParse(taken.Place, out var place));
        var expected = Sums(await RecordsAsync(running, place));
        Assert.True(
            (await running.Client.TopicAsync("events")).Records > expected.Sum(one => one.Count),
            "nothing was appended behind the backup's place");

        var restored = Backups.Restore(folders["backup"], folders["restored"]);
        Assert.Equal(place, restored.Place);
        await using var again = await Backups.StartAsync(folders["restored"], running.Key);
        await Backups.UntilSameAsync(again, "totals@1", "alerts@1");
        Assert.NotEqual(taken.Log, again.Server.Platform.Log.Id.ToString());

        // Nothing lies behind the place, so the tables now are those at the place: by another sum, and by checksum.
        Assert.Equal(expected, Sums(await RecordsAsync(again, Place.EndOf(long.MaxValue >> 2))));
        Assert.Equal(
            expected.Select(one => $"{one.Name} {one.Sum}"), await Loops.RowsAsync(again, "totals"));
        var version = taken.Versions.Single(one => one.Version == "totals@1");
        Assert.Equal(version.Checksums["totals"], await again.Client.ExportAsync("totals@1", Stream.Null));

        // The version that was being made goes on, and everything else, too.
        await Loops.UntilAsync(again, "totals@2", "Ready");
        Assert.True((await again.Client.DiffAsync(new DiffRequest("totals@1", "totals@2"))).Same);
        var said = (await again.Client.TopicAsync("big@1")).Records;
        await again.Client.AppendAsync("events", Outputs.Line("z", 1_000));
        await Loops.UntilAsync(
            async () => (await again.Client.TopicAsync("big@1")).Records == said + 1, "nothing more was said");
        Assert.Equal(
            (await RecordsAsync(again, Place.EndOf(long.MaxValue >> 2))).Count(one => one.Amount > 90), said + 1);
        await again.Client.SwitchAsync(new SwitchRequest(["totals@2"]));

        // And a backup of the restored server can be restored.
        await again.Client.BackupAsync(new BackupRequest(folders["second"]));
        Backups.Restore(folders["second"], folders["third"]);
        await using var third = await Backups.StartAsync(folders["third"], running.Key);
        await Backups.UntilSameAsync(third, "totals@1", "totals@2", "alerts@1");
        Assert.Equal("totals@2", (await third.Client.RowsAsync("totals")).Version);
    }

    [Fact]
    public async Task Answers_say_that_they_are_incomplete_until_the_tables_are_there_again_V7()
    {
        using var folders = new Backups();
        await using var running = await RunningServer.StartAsync();
        await Loops.AppendAsync(running, Lines(0, 100));
        await Loops.DeployAsync(running, CompiledJobs.Totals());
        await Loops.UntilAsync(running, "totals@1", "Live");
        await running.Client.BackupAsync(new BackupRequest(folders["backup"]));
        Backups.Restore(folders["backup"], folders["restored"]);
        await using var again = await Backups.StartAsync(folders["restored"], running.Key);
        var platform = again.Server.Platform;
        var live = platform.Journal.Catalog.Live("totals")!;
        var from = platform.RestoreCheck.From!;
        Assert.Equal("Reprocessing", platform.StateOf(live, new Place(from.Place.LogTime - 1, 1)).ToString());
        Assert.Equal("Live", platform.StateOf(live, new Place(from.Place.LogTime, 1)).ToString());
        await Backups.UntilSameAsync(again, "totals@1");
        Assert.Equal("Live", (await again.Client.RowsAsync("totals")).State);
    }

    [Fact]
    public async Task A_version_that_reads_one_that_had_failed_is_where_it_was_E2()
    {
        using var folders = new Backups();
        await using var running = await RunningServer.StartAsync();
        await Loops.AppendAsync(running, Lines(1, 90));
        var artifact = await running.Client.UploadAsync(CompiledJobs.Zip(CompiledJobs.Chain("100 / e.Amount")));
        await running.Client.DeployAsync(new DeployRequest(artifact.Artifact));
        await Loops.UntilAsync(running, "zeta@1", "Live");
        await Loops.UntilAsync(running, "alpha@1", "Live");
        await running.Client.AppendAsync(
            "events", Encoding.UTF8.GetBytes(string.Concat(
                Enumerable.Repeat("{\"Name\":\"x\",\"Amount\":0}\n", 300))));
        await Loops.UntilAsync(
            async () => (await Loops.VersionAsync(running, "zeta@1")).State == "Failed", "zeta@1 does not fail");
        var counts = await Loops.RowsAsync(running, "counts");
        Assert.NotEmpty(counts);
        var taken = await running.Client.BackupAsync(new BackupRequest(folders["backup"], WaitSeconds: 0));
        Assert.NotNull(taken.Versions.Single(one => one.Version == "zeta@1").Note);

        Backups.Restore(folders["backup"], folders["restored"]);
        await using var again = await Backups.StartAsync(folders["restored"], running.Key);
        await Loops.UntilAsync(
            async () => (await Loops.VersionAsync(again, "alpha@1")) is { State: "Live" } alpha
                && (await Loops.RowsAsync(again, "counts")).SequenceEqual(counts)
                && (await again.Client.RowsAsync("counts")).State == "Live",
            "the counts did not come back");
    }

    [Fact]
    public async Task A_difference_is_told_and_kept_P2()
    {
        using var folders = new Backups();
        await using var running = await RunningServer.StartAsync();
        await Loops.AppendAsync(running, Lines(0, 10));
        await Loops.DeployAsync(running, CompiledJobs.Totals());
        await Loops.UntilAsync(running, "totals@1", "Live");
        await running.Client.BackupAsync(new BackupRequest(folders["backup"]));
        Backups.Restore(folders["backup"], folders["restored"]);
        var path = Path.Combine(folders["restored"], "restored.json");
        var known = JsonDocument.Parse(await File.ReadAllTextAsync(path)).RootElement.GetProperty("versions")[0]
            .GetProperty("checksums").GetProperty("totals").GetString()!;
        await File.WriteAllTextAsync(
            path, (await File.ReadAllTextAsync(path)).Replace(known, new string('0', 64), StringComparison.Ordinal));
        for (var start = 0; start < 2; start++)
        {
            await using var again = await Backups.StartAsync(folders["restored"], running.Key);
            await Loops.UntilAsync(
                async () => (await again.Client.RestoredAsync()).Versions[0].Verdict == "totals differ",
                "the difference was not told");
            Assert.Equal(1, (await Commands.RunAsync(again, ["restored"])).Code);
        }
    }

    [Fact]
    public async Task Producers_consumers_and_subscriptions_of_the_old_log_go_on_or_are_refused_L8_L9()
    {
        using var receiver = Receiver.Open();
        using var folders = new Backups();
        await using var running = await RunningServer.StartAsync();
        await Loops.AppendAsync(running, "{\"Name\":\"a\",\"Amount\":1}\n");
        await running.Client.PutSubscriptionAsync("plain", new SubscriptionRequest("events", receiver.Url)
        {
            From = "start",
        });
        await running.Client.PutSubscriptionAsync("secret", new SubscriptionRequest("events", receiver.Url)
        {
            From = "start",
            Headers = new Dictionary<string, string> { ["X-Secret"] = "do-not-tell" },
        });
        await Loops.UntilAsync(() => Task.FromResult(receiver.Taken.Count == 2), "not both were posted");
        Assert.Equal(1, (await NumberedAsync(running, 1)).GetProperty("records").GetInt32());
        await running.Client.BackupAsync(new BackupRequest(folders["backup"]));

        foreach (var file in Backups.FilesOf(folders["backup"]))
        {
            var bytes = await File.ReadAllBytesAsync(Path.Combine(folders["backup"], file));
            Assert.True(bytes.AsSpan().IndexOf("do-not-tell"u8) < 0, file);
            Assert.True(bytes.AsSpan().IndexOf(Encoding.UTF8.GetBytes(running.Key)) < 0, file);
        }

        Backups.Restore(folders["backup"], folders["restored"]);
        await using var again = await Backups.StartAsync(folders["restored"], running.Key);
        Assert.True((await NumberedAsync(again, 1)).GetProperty("repeated").GetBoolean());
        Assert.False((await NumberedAsync(again, 2)).GetProperty("repeated").GetBoolean());
        await Loops.UntilAsync(
            async () => (await again.Client.SubscriptionsAsync()).Any(one =>
                one.Name == "secret" && one.Error?.Contains("X-Secret", StringComparison.Ordinal) == true),
            "the subscription does not say what it lacks");
        await Loops.UntilAsync(
            () => Task.FromResult(receiver.All.Any(one => one.Body.Contains("n-2", StringComparison.Ordinal))),
            "the plain one did not go on");
        Assert.DoesNotContain(receiver.All, one => one.Secret == "");
    }

    private static async Task<JsonElement> NumberedAsync(RunningServer server, int number)
    {
        var (status, answer) = await server.PostAsync(
            "/v1/topics/events/records", $"{{\"Name\":\"n-{number}\",\"Amount\":1}}\n", "application/x-ndjson",
            ("Kappa-Request", $"producer:{number}"));
        Assert.Equal(200, status);
        return answer;
    }

    private static string Lines(int from, int count)
    {
        var lines = new StringBuilder();
        for (var i = from; i < from + count; i++)
        {
            lines.Append(CultureInfo.InvariantCulture, $"{{\"Name\":\"n{i % 10}\",\"Amount\":{i % 97}}}\n");
        }

        return lines.ToString();
    }

    private static async Task<int> AppendAsync(RunningServer running, CancellationToken stop)
    {
        var requests = 0;
        for (; !stop.IsCancellationRequested; requests++)
        {
            await running.Client.AppendAsync(
                "events", Encoding.UTF8.GetBytes(Lines(requests * 50, 50)), cancel: CancellationToken.None);
        }

        return requests;
    }

    /// <summary>What topic "events" holds up to a place, read as it is stored.</summary>
    private static async Task<List<(string Name, long Amount)>> RecordsAsync(RunningServer running, Place upTo)
    {
        var found = new List<(string, long)>();
        foreach (var record in await Outputs.RecordsAsync(running, "events"))
        {
            Assert.True(Place.TryParse(record.GetProperty("place").GetString(), out var place));
            if (place <= upTo)
            {
                var value = record.GetProperty("value");
                found.Add((value.GetProperty("Name").GetString()!, value.GetProperty("Amount").GetInt64()));
            }
        }

        return found;
    }

    private static List<(string Name, long Sum, int Count)> Sums(List<(string Name, long Amount)> records) =>
        [.. records.GroupBy(one => one.Name).OrderBy(group => group.Key, StringComparer.Ordinal)
            .Select(group => (group.Key, group.Sum(one => one.Amount), group.Count()))];
}
