using System.Text;
using Kappa.Client;
using Xunit;

namespace Kappa.Server.Tests;

/// <summary>Versions, marks and switches under traffic, through the API (rules V1, V4 to V8, promise P4).</summary>
public sealed class SwitchingTests
{
    [Fact]
    public async Task Code_that_is_being_reprocessed_goes_on_when_it_is_deployed_again_V1_V5_V8()
    {
        await using var running = await RunningServer.StartAsync();
        await Loops.AppendAsync(running, "{\"Name\":\"a\",\"Amount\":1}\n");
        await Loops.DeployAsync(running, CompiledJobs.Totals());
        await Loops.UntilAsync(running, "totals@1", "Live");

        // The next version waits at its first record until the gate is there.
        var gate = Path.Combine(running.Folder, "state", "gate");
        var gated = CompiledJobs.Totals($"Gate.Open(\"{gate}\") * e.Amount") + """

            public static class Gate
            {
                public static long Open(string file)
                {
                    System.Threading.SpinWait.SpinUntil(() => System.IO.File.Exists(file), 60_000);
                    return 5;
                }
            }
            """;
        Assert.Equal(("totals@2", "made"), Outcome(await Loops.DeployAsync(running, gated)));
        Assert.Equal(("totals@2", "resumed"), Outcome(await Loops.DeployAsync(running, gated)));
        Assert.Equal("Reprocessing", (await Loops.VersionAsync(running, "totals@2")).State);
        var early = await Assert.ThrowsAsync<RequestFailedException>(
            () => running.Client.SwitchAsync(new SwitchRequest(["totals@2"])));
        Assert.Equal(409, early.Status);
        Assert.Equal(["a 1"], await Loops.RowsAsync(running, "totals"));

        // Its tables can be read already, and the answer says that it is not whole (rule C3).
        await Loops.UntilAsync(
            async () => (await running.Client.TablesAsync()).Any(table => table.Version == "totals@2"),
                "totals@2 is not there");
        Assert.Equal("Reprocessing", (await running.Client.RowsAsync("totals@2")).State);

        await File.WriteAllTextAsync(gate, "");
        await Loops.UntilAsync(running, "totals@2", "Ready");
        Assert.Equal(("totals@2", "switchable"), Outcome(await Loops.DeployAsync(running, gated)));
        Assert.Equal(("totals@1", "unchanged"), Outcome(await Loops.DeployAsync(running, CompiledJobs.Totals())));

        // At most one live and one Ready version run (rule V5).
        Assert.Equal(("totals@3", "made"),
            Outcome(await Loops.DeployAsync(running, CompiledJobs.Totals("e.Amount * 3"))));
        await Loops.UntilAsync(running, "totals@3", "Ready");
        await Loops.UntilAsync(running, "totals@2", "Retired");

        // A Ready version is retired and dropped in one command, and its number is gone (rules V1, V8).
        await running.Client.DropAsync("totals@3");
        Assert.Equal("Dropped", (await Loops.VersionAsync(running, "totals@3")).State);
        Assert.Equal(["totals@4"], (await running.Client.ReprocessAsync("totals")).Versions);
    }

    [Fact]
    public async Task Two_versions_are_compared_at_one_mark_while_records_come_V4()
    {
        await using var running = await RunningServer.StartAsync();
        await Loops.AppendAsync(running, "{\"Name\":\"a\",\"Amount\":1}\n");
        await Loops.DeployAsync(running, CompiledJobs.Totals());
        await Loops.UntilAsync(running, "totals@1", "Live");
        await running.Client.ReprocessAsync("totals");
        await Loops.UntilAsync(running, "totals@2", "Ready");
        using var stop = new CancellationTokenSource();
        var traffic = TrafficAsync(running, stop.Token);

        // The same code agrees at every mark; two reads at two moments would not.
        var places = new List<Log.Place>();
        for (var i = 0; i < 10; i++)
        {
            var diff = await running.Client.DiffAsync(new DiffRequest("totals@1", "totals@2"));
            Assert.True(diff.Same);
            Assert.True(Log.Place.TryParse(diff.Place, out var place));
            places.Add(place);
        }

        await stop.CancelAsync();
        Assert.True(await traffic > 10);
        Assert.Equal(places.Distinct().Order(), places);
    }

    [Fact]
    public async Task No_answer_mixes_versions_and_no_position_goes_back_while_it_is_switched_to_and_fro_P4_V6_V7()
    {
        await using var running = await RunningServer.StartAsync();
        await Loops.AppendAsync(running, "{\"Name\":\"a\",\"Amount\":1}\n{\"Name\":\"b\",\"Amount\":1}\n");
        await Loops.DeployAsync(running, CompiledJobs.Totals());
        await Loops.UntilAsync(running, "totals@1", "Live");
        await Loops.DeployAsync(running, CompiledJobs.Totals("e.Amount + 1000000"));
        await Loops.UntilAsync(running, "totals@2", "Ready");
        using var stop = new CancellationTokenSource();
        var traffic = TrafficAsync(running, stop.Token);
        var reading = ReadAsync(running, stop.Token);
        for (var i = 0; i < 4; i++)
        {
            await running.Client.SwitchAsync(new SwitchRequest([i % 2 == 0 ? "totals@2" : "totals@1"]));
        }

        await running.Client.RollbackAsync("totals");
        await stop.CancelAsync();

        Assert.True(await traffic > 0);
        var answers = await reading;
        Assert.Equal(2, answers.Select(answer => answer.Version).Distinct().Count());
        var last = Log.Place.Start;
        foreach (var answer in answers)
        {
            Assert.True(Log.Place.TryParse(answer.Place, out var place));
            Assert.True(place >= last, $"{place} after {last}");
            last = place;

            // Every row of version 2 is above a million, none of version 1 is.
            Assert.All(answer.Rows, row => Assert.Equal(answer.Version == "totals@2", row[1].GetInt64() > 1_000_000));
        }
    }

    private static (string Version, string Outcome) Outcome(DeployedJob job) => (job.Version, job.Outcome);

    private static async Task<List<RowsAnswer>> ReadAsync(RunningServer running, CancellationToken stop)
    {
        var answers = new List<RowsAnswer>();
        while (!stop.IsCancellationRequested)
        {
            answers.Add(await running.Client.RowsAsync("totals", cancel: CancellationToken.None));
        }

        return answers;
    }

    private static async Task<int> TrafficAsync(RunningServer running, CancellationToken stop)
    {
        var sent = 0;
        for (; !stop.IsCancellationRequested && sent < 20_000; sent++)
        {
            await running.Client.AppendAsync(
                "events",
                Encoding.UTF8.GetBytes($"{{\"Name\":\"{(sent % 2 == 0 ? "a" : "b")}\",\"Amount\":1}}\n"),
                cancel: CancellationToken.None);
        }

        return sent;
    }
}
