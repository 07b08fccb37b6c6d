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

    [Fact]
    public async Task A_switch_takes_along_what_reads_the_output_and_so_does_the_way_back_E2_V6()
    {
        await using var running = await RunningServer.StartAsync();
        await Loops.AppendAsync(running, "{\"Name\":\"a\",\"Amount\":20}\n{\"Name\":\"b\",\"Amount\":7}\n");

        // Both at once: the upstream comes first, whatever their names.
        var artifact = await running.Client.UploadAsync(CompiledJobs.Zip(CompiledJobs.Chain("10")));
        var made = (await running.Client.DeployAsync(new Client.DeployRequest(artifact.Artifact))).Jobs;
        Assert.Equal(["zeta@1", "alpha@1"], made.Select(job => job.Version));
        Assert.Equal(["big@1"], made[0].Outputs);
        Assert.Empty(made[1].CreatedTopics);
        await Loops.UntilAsync(running, "alpha@1", "Live");
        await Loops.UntilRowsAsync(running, "counts", "a 1");

        // The upstream changes: its reader comes again with it, and reads the new one.
        artifact = await running.Client.UploadAsync(CompiledJobs.Zip(CompiledJobs.Chain("5")));
        var request = new Client.DeployRequest(artifact.Artifact, ["zeta"], Plan: true);
        var planned = (await running.Client.DeployAsync(request)).Jobs;
        made = (await running.Client.DeployAsync(request with { Plan = false })).Jobs;
        Assert.Equal([("zeta@2", "made"), ("alpha@2", "along")], made.Select(job => (job.Version, job.Outcome)));
        Assert.Equal(made.Select(job => job.Version), planned.Select(job => job.Version));
        Assert.Contains("reads big: zeta@1 -> zeta@2", made[1].Changes);

        // Again, with both jobs named: what is there already goes on.
        made = (await running.Client.DeployAsync(new Client.DeployRequest(artifact.Artifact))).Jobs;
        Assert.Equal(["zeta@2", "alpha@2"], made.Select(job => job.Version));
        await Loops.UntilAsync(running, "zeta@2", "Ready");
        await Loops.UntilAsync(running, "alpha@2", "Ready");
        await RefusedAsync(() => running.Client.SwitchAsync(new Client.SwitchRequest(["alpha@2"])), "zeta@2");
        await Loops.UntilRowsAsync(running, "counts", "a 1");

        var switched = await running.Client.SwitchAsync(new Client.SwitchRequest(["zeta@2"]));
        Assert.Equal(["zeta@2", "alpha@2"], switched.Versions);
        await running.Client.AppendAsync("events", Outputs.Line("c", 6));
        await running.Client.AppendAsync("events", Outputs.Line("d", 60));
        await Loops.UntilRowsAsync(running, "counts", "a 1", "b 1", "c 1", "d 1");

        await RefusedAsync(() => running.Client.RollbackAsync("alpha"), "zeta@1");
        Assert.Equal(["zeta@1", "alpha@1"], (await running.Client.RollbackAsync("zeta")).Versions);
        await Loops.UntilRowsAsync(running, "counts", "a 1", "d 1");
        await running.Client.SwitchAsync(new Client.SwitchRequest(["zeta@2", "alpha@2"]));
        await RefusedAsync(() => running.Client.DropAsync("zeta@1"), "alpha@1");
        await running.Client.DropAsync("alpha@1");
        await running.Client.DropAsync("zeta@1");
    }

    [Fact]
    public async Task A_reader_that_was_deployed_meanwhile_is_made_again_for_the_new_output_E2()
    {
        await using var running = await RunningServer.StartAsync();
        await Loops.AppendAsync(running, "{\"Name\":\"a\",\"Amount\":20}\n{\"Name\":\"b\",\"Amount\":7}\n");
        var artifact = await running.Client.UploadAsync(CompiledJobs.Zip(CompiledJobs.Chain("10")));
        await running.Client.DeployAsync(new Client.DeployRequest(artifact.Artifact));
        await Loops.UntilAsync(running, "alpha@1", "Live");
        Assert.Equal(["zeta@2", "alpha@2"], (await running.Client.ReprocessAsync("zeta")).Versions);
        await Loops.UntilAsync(running, "alpha@2", "Ready");

        // Of its own it reads the live version, and takes the place of the one that was ready.
        Assert.Equal(["alpha@3"], (await running.Client.ReprocessAsync("alpha")).Versions);
        await Loops.UntilAsync(running, "alpha@2", "Retired");
        await Loops.UntilAsync(running, "zeta@2", "Ready");
        await RefusedAsync(
            () => running.Client.SwitchAsync(new Client.SwitchRequest(["zeta@2"])),
            "no version of 'alpha' reads zeta@2");
        Assert.Equal(["alpha@4"], (await running.Client.ReprocessAsync("alpha", ["zeta@2"])).Versions);
        await Loops.UntilAsync(running, "alpha@4", "Ready");
        Assert.Equal(
            ["zeta@2", "alpha@4"], (await running.Client.SwitchAsync(new Client.SwitchRequest(["zeta@2"]))).Versions);
        var wrong = await Assert.ThrowsAsync<Client.RequestFailedException>(
            () => running.Client.ReprocessAsync("zeta", ["alpha@4"]));
        Assert.Contains("alpha@4 says nothing", wrong.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Jobs_that_would_read_in_a_circle_or_write_what_is_anothers_are_refused_E2()
    {
        await using var running = await RunningServer.StartAsync();
        await Loops.AppendAsync(running, "{\"Name\":\"a\",\"Amount\":20}\n", "taken");

        await RefusedAsync(running, CompiledJobs.Copies(("one", "x", "y"), ("two", "y", "x")), "reads");
        await RefusedAsync(running, CompiledJobs.Copies(("one", "events", "taken")), "taken");
        await RefusedAsync(
            running, CompiledJobs.Copies(("one", "events", "same"), ("two", "events", "same")), "belongs to job");
        await Loops.DeployAsync(running, CompiledJobs.Copies(("one", "x", "y")));
        await RefusedAsync(running, CompiledJobs.Copies(("two", "y", "x")), "reads");
        await RefusedAsync(running, CompiledJobs.Copies(("three", "events", "y")), "belongs to job 'one'");
        Assert.Single(await running.Client.JobsAsync());
    }

    [Fact]
    public async Task Topics_say_whose_they_are_and_how_far_they_are_relayed_E3()
    {
        await using var running = await RunningServer.StartAsync();
        await Loops.AppendAsync(running, "{\"Name\":\"before\",\"Amount\":50}\n");
        await Loops.DeployAsync(running, CompiledJobs.Alerts());
        await Loops.UntilAsync(running, "alerts@1", "Live");
        await running.Client.AppendAsync("events", Outputs.Line("a", 20));
        await Outputs.UntilAsync(running, "big", Said("a", 20));

        Assert.Equal("topic", (await running.Client.TopicAsync("events")).Kind);
        var derived = await running.Client.TopicAsync("big@1");
        Assert.Equal(("derived", "alerts", null), (derived.Kind, derived.Job, derived.Relayed));
        var output = await running.Client.TopicAsync("big");
        Assert.Equal(("output", "alerts"), (output.Kind, output.Job));
        Assert.True(Log.Place.TryParse(output.Relayed, out _));
        Assert.Equal(["big@1"], (await Loops.VersionAsync(running, "alerts@1")).Outputs);
    }

    private static Task RefusedAsync(RunningServer running, string source, string why) =>
        RefusedAsync(() => Loops.DeployAsync(running, source), why);

    private static async Task RefusedAsync(Func<Task> act, string why)
    {
        var refused = await Assert.ThrowsAsync<Client.RequestFailedException>(act);
        Assert.Equal(409, refused.Status);
        Assert.Contains(why, refused.Message, StringComparison.Ordinal);
    }

    private static string Said(string name, long amount) => $"{name} {{\"name\":\"{name}\",\"amount\":{amount}}}";
}
