using System.Text;
using Kappa.Client;
using Xunit;

namespace Kappa.Server.Tests;

/// <summary>The place of what is preloaded (rule O3), and removals, over HTTP.</summary>
public sealed class PreloadTests
{
    private static byte[] Line(string name, long amount) =>
        Encoding.UTF8.GetBytes($"{{\"Name\":\"{name}\",\"Amount\":{amount}}}\n");

    [Fact]
    public async Task A_reprocess_keeps_the_place_of_what_is_preloaded_and_a_deploy_takes_a_new_one_and_says_so_O3()
    {
        await using var running = await RunningServer.StartAsync();
        await Loops.AppendAsync(running, Encoding.UTF8.GetString(Line("a", 1)));
        await running.Client.CreateTopicAsync(new CreateTopicRequest("names"));
        await running.Client.AppendAsync("names", Line("a", 100), keyField: "Name");

        // The row is younger than the event, and known all the same.
        var first = await Loops.DeployAsync(running, CompiledJobs.Named());
        await Loops.UntilAsync(running, "named@1", "Live");
        await Loops.UntilRowsAsync(running, "named", "a 101");
        var place = Assert.Single(first.Preloads);
        Assert.Equal("names", place.Key);
        Assert.Equal(first.Preloads, (await Loops.VersionAsync(running, "named@1")).Preloads);

        // Rows behind the place come in their turn: a reprocess sees what the first version saw.
        await running.Client.AppendAsync("names", Line("a", 500), keyField: "Name");
        await running.Client.ReprocessAsync("named");
        await Loops.UntilAsync(running, "named@2", "Ready");
        Assert.Equal(first.Preloads, (await Loops.VersionAsync(running, "named@2")).Preloads);
        Assert.True((await running.Client.DiffAsync(new DiffRequest("named@1", "named@2"))).Same);
        Assert.Equal("unchanged", (await Loops.DeployAsync(running, CompiledJobs.Named())).Outcome);

        var third = await Loops.DeployAsync(running, CompiledJobs.Named("1000"));
        Assert.NotEqual(first.Preloads["names"], third.Preloads["names"]);
        Assert.Contains($"preloads names: {place.Value} -> {third.Preloads["names"]}", third.Changes);
        await Loops.UntilAsync(running, "named@3", "Ready");
        Assert.Equal(["a 1501"], await Loops.RowsAsync(running, "named@3"));
    }

    [Fact]
    public async Task A_row_is_removed_over_http_O3()
    {
        await using var running = await RunningServer.StartAsync();
        await running.Client.CreateTopicAsync(new CreateTopicRequest("names"));
        await running.Client.AppendAsync("names", Line("a", 100), keyField: "Name");
        await running.Client.RemoveAsync("names", Line("a", 0), "Name");
        await Loops.AppendAsync(running, Encoding.UTF8.GetString(Line("a", 1)));

        await Loops.DeployAsync(running, CompiledJobs.Named());
        await Loops.UntilAsync(running, "named@1", "Live");

        await Loops.UntilRowsAsync(running, "named", "a 1");
        var keyless = await Assert.ThrowsAsync<RequestFailedException>(
            () => running.Client.RemoveAsync("names", Line("a", 0), "Other"));
        Assert.Equal(400, keyless.Status);
    }
}
