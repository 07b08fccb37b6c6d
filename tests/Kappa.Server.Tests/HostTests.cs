using Kappa.Client;
using Kappa.Streams;
using Xunit;

namespace Kappa.Server.Tests;

/// <summary>The platform inside a program of one's own: here the program is this test assembly.</summary>
public sealed class HostTests
{
    public static readonly Job Latest = Job.Define("latest", flow => flow
        .From<Reading>("readings")
        .ToTable("latest", reading => reading.Sensor));

    public static readonly Job Echo = Job.Define("echo", flow => flow
        .From<Sighting>("sightings")
        .ToTopic("echoes"));

    [Fact]
    public async Task A_program_deploys_its_own_jobs_and_starts_again_with_the_same_ones()
    {
        var folder = RunningServer.TempFolder();
        try
        {
            for (var start = 0; start < 2; start++)
            {
                await using var server = await KappaHost.StartAsync(
                    RunningServer.OptionsOf(folder), CancellationToken.None, Latest);
                var key = await File.ReadAllTextAsync(server.Platform.Folder.AdminKey);
                using var client = new KappaClient(server.Address, key);
                var job = Assert.Single(await client.JobsAsync());
                Assert.Equal("latest@1", Assert.Single(job.Versions).Version);
            }
        }
        finally
        {
            RunningServer.Delete(folder);
        }
    }

    [Fact]
    public async Task A_job_that_is_no_public_static_member_is_refused_by_name()
    {
        var folder = RunningServer.TempFolder();
        try
        {
            var local = Job.Define(
                "local", flow => flow.From<Reading>("readings").ToTable("local", reading => reading.Sensor));

            var refused = await Assert.ThrowsAsync<Log.KappaException>(
                () => KappaHost.StartAsync(RunningServer.OptionsOf(folder), CancellationToken.None, local));

            Assert.Contains("no job 'local'", refused.Message, StringComparison.Ordinal);
            Assert.Contains("public static", refused.Next, StringComparison.Ordinal);
        }
        finally
        {
            RunningServer.Delete(folder);
        }
    }

    public sealed record Reading(string Sensor, double Value);

    public sealed record Sighting(string Name, long Amount);
}
