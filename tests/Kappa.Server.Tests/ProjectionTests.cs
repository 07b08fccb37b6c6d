using System.Text;
using Xunit;

namespace Kappa.Server.Tests;

/// <summary>Twins are written while a server runs, shown, used, and go when no version needs them (rule L11).</summary>
public sealed class ProjectionTests
{
    private static readonly TimeSpan Often = TimeSpan.FromMilliseconds(5);

    [Fact]
    public async Task A_server_projects_what_its_versions_read_and_cleans_up_at_its_start_L11()
    {
        var folder = RunningServer.TempFolder();
        var projections = Path.Combine(folder, "projections");
        var foreign = Path.Combine(projections, new string('0', 32) + "-" + new string('0', 64) + ".projection");
        try
        {
            await using (var running = await RunningServer.StartAsync(folder, projectEvery: Often))
            {
                var lines = new StringBuilder();
                for (var i = 0; i < 500; i++)
                {
                    lines.Append(i == 77 ? "{\"Name\":\"n\",\"Amount\":\"much\"}\n"
                        : $"{{\"Name\":\"n{i % 3}\",\"Amount\":{i}}}\n");
                }

                await Loops.AppendAsync(running, lines.ToString());
                await Loops.DeployAsync(running, CompiledJobs.Totals());
                await Loops.UntilAsync(running, "totals@1", "Live");
                await running.Client.CompleteTopicAsync("events");
                await Loops.UntilAsync(
                    async () =>
                        (await running.Client.TopicAsync("events")).ProjectionBytes > 0, "Nothing is projected");
                Assert.Single(Directory.EnumerateFiles(projections, "*.projection"));

                await Loops.DeployAsync(running, CompiledJobs.Totals("e.Amount + e.Name.Length - e.Name.Length"));
                await Loops.UntilAsync(running, "totals@2", "Ready");
                Assert.Equal(await Loops.RowsAsync(running, "totals"), await Loops.RowsAsync(running, "totals@2"));
                Assert.Equal(1, (await Loops.VersionAsync(running, "totals@2")).Progress!.Dead);
                Assert.Equal(
                    await Loops.RowsAsync(running, "totals.dead"), await Loops.RowsAsync(running, "totals.dead@2"));
            }

            File.Copy(Directory.EnumerateFiles(projections).Single(), foreign);
            await using var again = await RunningServer.StartAsync(folder, projectEvery: Often);
            await Loops.UntilAsync(() => Task.FromResult(!File.Exists(foreign)), "What is no twin stays");
            Assert.True((await again.Client.TopicAsync("events")).ProjectionBytes > 0);
            Directory.Delete(projections, recursive: true);
            await Loops.UntilAsync(
                () => Task.FromResult(Directory.Exists(projections) && Directory.EnumerateFiles(projections).Any()),
                "A twin that was deleted is not written again");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
