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

    [Fact]
    public async Task The_topic_carries_what_the_live_version_says_over_a_switch_and_a_restart_E3_V8()
    {
        var folder = RunningServer.TempFolder();
        try
        {
            await using (var running = await RunningServer.StartAsync(folder))
            {
                await Loops.AppendAsync(running, "{\"Name\":\"before\",\"Amount\":50}\n");
                await Loops.DeployAsync(running, CompiledJobs.Alerts());
                await Loops.UntilAsync(running, "alerts@1", "Live");
                await running.Client.AppendAsync("events", Outputs.Line("a", 20));
                await Outputs.UntilAsync(running, "big", Said("a", 20));

                // What lies before the journal record that first made a version live is not said to the world.
                Assert.Equal([Said("before", 50), Said("a", 20)], await Outputs.ReadAsync(running, "big@1"));

                await Loops.DeployAsync(running, CompiledJobs.Alerts("5"));
                await Loops.UntilAsync(running, "alerts@2", "Ready");
                await running.Client.AppendAsync("events", (byte[])[.. Outputs.Line("b", 7), .. Outputs.Line("c", 30)]);
                await Outputs.UntilAsync(running, "big@2", Said("before", 50), Said("a", 20), Said("b", 7), Said("c",
                    30));
                await Outputs.UntilAsync(running, "big", Said("a", 20), Said("c", 30));
                await running.Client.SwitchAsync(new Client.SwitchRequest(["alerts@2"]));
                await running.Client.AppendAsync("events", Outputs.Line("d", 8));
                await Outputs.UntilAsync(running, "big", Said("a", 20), Said("c", 30), Said("d", 8));
            }

            await using var again = await RunningServer.StartAsync(folder);
            await again.Client.AppendAsync("events", Outputs.Line("e", 9));
            await Outputs.UntilAsync(again, "big", Said("a", 20), Said("c", 30), Said("d", 8), Said("e", 9));
            Assert.Equal(
                (await Outputs.IdsAsync(again, "big@2"))[3..], (await Outputs.IdsAsync(again, "big"))[1..]);

            await again.Client.DropAsync("alerts@1");
            Assert.Equal(
                ["big", "big@2", "events"],
                (await again.Client.TopicsAsync()).Select(topic => topic.Name).Where(name => name[0] != '_'));
            Assert.Equal(4, (await again.Client.TopicAsync("big")).Records);
        }
        finally
        {
            RunningServer.Delete(folder);
        }
    }

    [Fact]
    public async Task Only_the_platform_writes_what_a_job_says_E3()
    {
        await using var running = await RunningServer.StartAsync();
        await Loops.DeployAsync(running, CompiledJobs.Alerts());
        await Loops.UntilAsync(running, "alerts@1", "Live");
        foreach (var topic in new[] { "big", "big@1", "big@7" })
        {
            var refused = await Assert.ThrowsAsync<Client.RequestFailedException>(
                () => running.Client.AppendAsync(topic, Outputs.Line("x", 1)));
            Assert.Equal(403, refused.Status);
            refused = await Assert.ThrowsAsync<Client.RequestFailedException>(
                () => running.Client.CompleteTopicAsync(topic));
            Assert.Equal(403, refused.Status);
        }

        var created = await Assert.ThrowsAsync<Client.RequestFailedException>(
            () => running.Client.CreateTopicAsync(new Client.CreateTopicRequest("mine@1")));
        Assert.Equal(400, created.Status);
    }

    private static string Said(string name, long amount) => $"{name} {{\"name\":\"{name}\",\"amount\":{amount}}}";
}
