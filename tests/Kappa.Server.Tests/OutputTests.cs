using Xunit;

namespace Kappa.Server.Tests;

/// <summary>What jobs say to the world, over HTTP.</summary>
public sealed class OutputTests
{
    [Fact]
    public async Task A_version_says_its_output_on_a_topic_of_its_own_E1()
    {
        await using var running = await RunningServer.StartAsync();
        await Loops.AppendAsync(running, "{\"Name\":\"a\",\"Amount\":1}\n{\"Name\":\"b\",\"Amount\":20}\n");
        Assert.Equal("alerts@1", (await Loops.DeployAsync(running, CompiledJobs.Alerts())).Version);
        await Loops.UntilAsync(running, "alerts@1", "Live");

        var lines = await Outputs.ReadAsync(running, "big@1");

        Assert.Equal(["b {\"name\":\"b\",\"amount\":20}"], lines);
    }
}
