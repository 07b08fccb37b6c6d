using Kappa.Client;
using Xunit;

namespace Kappa.Server.Tests;

/// <summary>Rule E3, <c>--publish-history</c>: asked for over HTTP, by commands and by a program.</summary>
public sealed class HistoryTests
{
    private const string Before = "{\"Name\":\"before\",\"Amount\":50}\n";
    private const string BeforeLine = "before {\"name\":\"before\",\"amount\":50}";

    [Fact]
    public async Task A_first_version_says_its_history_once_over_repeats_a_restart_a_switch_and_back_E3()
    {
        var folder = RunningServer.TempFolder();
        try
        {
            DeployRequest request;
            await using (var running = await RunningServer.StartAsync(folder))
            {
                await Loops.AppendAsync(running, Before);
                var artifact = await running.Client.UploadAsync(CompiledJobs.Zip(CompiledJobs.Alerts()));
                request = new DeployRequest(artifact.Artifact, PublishHistory: true);
                var planned = Assert.Single((await running.Client.DeployAsync(request with { Plan = true })).Jobs);
                Assert.Equal(("made", "big"), (planned.Outcome, Assert.Single(planned.History)));
                Assert.Equal("big", Assert.Single(Assert.Single(
                    (await running.Client.DeployAsync(request)).Jobs).History));
                await Loops.UntilAsync(running, "alerts@1", "Live");
                await Outputs.UntilAsync(running, "big", BeforeLine);
            }

            await using var again = await RunningServer.StartAsync(folder);
            var repeated = Assert.Single((await again.Client.DeployAsync(request)).Jobs);
            Assert.Equal(("unchanged", "big"), (repeated.Outcome, Assert.Single(repeated.History)));
            await Loops.DeployAsync(again, CompiledJobs.Alerts("5"));
            await Loops.UntilAsync(again, "alerts@2", "Ready");
            await again.Client.SwitchAsync(new SwitchRequest(["alerts@2"], PublishHistory: true));
            await again.Client.RollbackAsync("alerts");
            await again.Client.AppendAsync("events", Outputs.Line("a", 20));
            await Outputs.UntilAsync(again, "big", BeforeLine, "a {\"name\":\"a\",\"amount\":20}");
            Assert.True((await again.Client.TopicAsync("big")).SaysHistory);
            Assert.Equal(await Outputs.IdsAsync(again, "big@1"), await Outputs.IdsAsync(again, "big"));
        }
        finally
        {
            RunningServer.Delete(folder);
        }
    }

    [Fact]
    public async Task A_webhook_gets_the_history_once_over_a_restart_and_a_switch_and_back_E3()
    {
        using var receiver = Receiver.Open();
        var folder = RunningServer.TempFolder();
        try
        {
            var hooked = (string over) => CompiledJobs.Alerts(over).Replace(
                ".ToTopic(\"big\",", $".ToWebhook(\"big\", new Uri(\"{receiver.Url}\"),", StringComparison.Ordinal);
            await using (var running = await RunningServer.StartAsync(folder))
            {
                await Loops.AppendAsync(running, string.Concat(Enumerable.Repeat(Before, 30)));
                var artifact = await running.Client.UploadAsync(CompiledJobs.Zip(hooked("10")));
                await running.Client.DeployAsync(new DeployRequest(artifact.Artifact, PublishHistory: true));
                await Loops.UntilAsync(() => Task.FromResult(receiver.Taken.Count == 30), "not all was posted");
            }

            await using var again = await RunningServer.StartAsync(folder);
            await Loops.DeployAsync(again, hooked("5"));
            await Loops.UntilAsync(again, "alerts@2", "Ready");
            await again.Client.SwitchAsync(new SwitchRequest(["alerts@2"]));
            await again.Client.RollbackAsync("alerts");
            await again.Client.AppendAsync("events", Outputs.Line("a", 20));
            await Loops.UntilAsync(() => Task.FromResult(receiver.Taken.Count == 31), "the new one was not posted");
            Assert.Equal(await Outputs.IdsAsync(again, "big"), receiver.Taken);
        }
        finally
        {
            RunningServer.Delete(folder);
        }
    }

    [Fact]
    public async Task A_reprocess_before_anything_is_live_keeps_the_wish_E3()
    {
        await using var running = await RunningServer.StartAsync();
        await Loops.AppendAsync(running, string.Concat(Enumerable.Repeat(Before, 200)));
        var broken = await running.Client.UploadAsync(
            CompiledJobs.Zip(CompiledJobs.Alerts("e.Amount / (e.Amount - 50)")));
        await running.Client.DeployAsync(new DeployRequest(broken.Artifact, PublishHistory: true));
        await Loops.UntilAsync(running, "alerts@1", "Failed");

        var again = await running.Client.ReprocessAsync("alerts");

        Assert.Equal("alerts@2", Assert.Single(again.Versions));
        Assert.Contains("The world hears big from the first record on", again.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_commands_publish_a_history_and_show_whose_is_whole_E3()
    {
        await using var running = await RunningServer.StartAsync();
        await Loops.AppendAsync(running, Before);
        await Loops.DeployAsync(running, CompiledJobs.Alerts());
        await Loops.UntilAsync(running, "alerts@1", "Live");

        // Another output comes with the next version: it alone can have its history.
        var both = await Commands.ProgramAsync(
            running, "2", CompiledJobs.Alerts("5", "events.ToTopic(\"all\", e => e.Name);"));
        var deployed = await Commands.RunAsync(running, ["deploy", both, "--wait"]);
        Assert.Contains(
            "--publish-history there lets the world hear all from", deployed.Out, StringComparison.Ordinal);
        var switched = await Commands.RunAsync(running, ["switch", "alerts@2", "--publish-history"]);
        Assert.Contains("The world hears all from the first record on.", switched.Out, StringComparison.Ordinal);
        await Outputs.UntilAsync(running, "all", BeforeLine);
        Assert.Empty(await Outputs.ReadAsync(running, "big"));
        var topics = (await Commands.RunAsync(running, ["topics"])).Out.Split('\n');
        Assert.Equal(
            ["all"],
            topics.Where(line => line.Contains("from the start", StringComparison.Ordinal)).Select(line => line[..3]));

        // And from the beginning, by deploy and by reprocess.
        var echo = await Commands.ProgramAsync(running, "3", CompiledJobs.Copies(("copy", "events", "copies")));
        deployed = await Commands.RunAsync(running, ["deploy", echo, "--wait", "--publish-history"]);
        Assert.Contains("to the world from the first record on: copies", deployed.Out, StringComparison.Ordinal);
        await Loops.UntilAsync(
            async () => (await Outputs.IdsAsync(running, "copies")).Count == 1, "the history was not said");
        Assert.Equal(0, (await Commands.RunAsync(running, ["reprocess", "copy", "--publish-history"])).Code);
        Assert.Equal(2, (await Commands.RunAsync(running, ["switch", "alerts@1", "--publish-history"])).Code);
    }

    [Fact]
    public async Task What_cannot_be_published_is_refused_before_anything_is_made_E3()
    {
        await using var running = await RunningServer.StartAsync();
        await Loops.AppendAsync(running, Before);
        var totals = await running.Client.UploadAsync(CompiledJobs.Zip(CompiledJobs.Totals()));
        var refused = await Assert.ThrowsAsync<RequestFailedException>(
            () => running.Client.DeployAsync(new DeployRequest(totals.Artifact, PublishHistory: true)));
        Assert.Equal(400, refused.Status);
        Assert.Contains("totals says nothing on a topic", refused.Message, StringComparison.Ordinal);

        var first = await Loops.DeployAsync(running, CompiledJobs.Alerts());
        Assert.Contains("with --publish-history: from the first record on", first.Text, StringComparison.Ordinal);
        Assert.Empty(first.History);
        await Loops.UntilAsync(running, "alerts@1", "Live");
        var changed = await running.Client.UploadAsync(CompiledJobs.Zip(CompiledJobs.Alerts("5")));
        foreach (var act in new Func<Task>[]
        {
            () => running.Client.DeployAsync(new DeployRequest(changed.Artifact, PublishHistory: true)),
            () => running.Client.ReprocessAsync("alerts", [], publishHistory: true),
            () => running.Client.SwitchAsync(new SwitchRequest(["alerts@1"], PublishHistory: true)),
        })
        {
            refused = await Assert.ThrowsAsync<RequestFailedException>(act);
            Assert.Equal(409, refused.Status);
            Assert.Contains("'big' has been said to the world since", refused.Message, StringComparison.Ordinal);
        }

        Assert.Single((await running.Client.JobAsync("alerts")).Versions);
        Assert.Empty(await Outputs.ReadAsync(running, "big"));
    }

    [Fact]
    public async Task A_program_that_publishes_its_history_may_say_so_at_each_start_E3()
    {
        var folder = RunningServer.TempFolder();
        try
        {
            await using (var running = await RunningServer.StartAsync(folder))
            {
                await Loops.AppendAsync(running, "{\"Name\":\"a\",\"Amount\":1}\n", "sightings");
            }

            for (var start = 0; start < 2; start++)
            {
                await using var server = await KappaHost.StartAsync(
                    RunningServer.OptionsOf(folder) with { PublishHistory = true }, CancellationToken.None,
                    HostTests.Echo);
                using var client = new KappaClient(
                    server.Address, await File.ReadAllTextAsync(server.Platform.Folder.AdminKey));
                await Loops.UntilAsync(
                    async () => await client.ReadAsync("echoes").CountAsync() == 1, "the history was not said");
                Assert.True((await client.TopicAsync("echoes")).SaysHistory);
            }
        }
        finally
        {
            RunningServer.Delete(folder);
        }
    }
}
