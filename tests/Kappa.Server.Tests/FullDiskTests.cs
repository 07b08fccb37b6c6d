using System.Text.Json;
using Xunit;

namespace Kappa.Server.Tests;

/// <summary>
/// No space left, on a real disk: refused by name, nothing acknowledged lost, and it goes on (P3, L2).
/// </summary>
public sealed class FullDiskTests
{
    private const string Lines = "application/x-ndjson";

    [SmallDiskFact]
    public async Task A_full_disk_refuses_appends_by_name_and_the_server_goes_on_when_there_is_space_P3()
    {
        var disk = Directory.CreateTempSubdirectory("kappa-disk-").FullName;
        Assert.True(SmallDiskFactAttribute.Mount(disk, 24));
        try
        {
            var folder = Path.Combine(disk, "data");
            long acknowledged = 0;
            await using (var running = await RunningServer.StartAsync(folder))
            {
                await Loops.AppendAsync(running, Line(1));
                acknowledged++;
                await Loops.DeployAsync(running, CompiledJobs.Totals());
                await Loops.UntilAsync(running, "totals@1", "Live");
                Fill(Path.Combine(disk, "ballast"));

                var (status, answer) = (200, default(JsonElement));
                for (var i = 0; i < 2000 && status == 200; i++)
                {
                    (status, answer) = await running.PostAsync("/v1/topics/events/records", Line(1), Lines);
                    acknowledged += status == 200 ? 1 : 0;
                }

                Assert.Equal(503, status);
                Assert.Contains("full", answer.GetProperty("detail").GetString(), StringComparison.Ordinal);
                Assert.NotEmpty(answer.GetProperty("next").GetString()!);
                Assert.Equal(acknowledged, (await running.Client.TopicAsync("events")).Records);
                Assert.NotEmpty(await Loops.RowsAsync(running, "totals"));

                File.Delete(Path.Combine(disk, "ballast"));
                await Loops.AppendAsync(running, Line(1000));
                acknowledged++;
                await Loops.UntilRowsAsync(running, "totals", $"a {acknowledged - 1 + 1000}");
                Assert.Equal("Live", (await Loops.VersionAsync(running, "totals@1")).State);
            }

            await using var again = await RunningServer.StartAsync(folder);
            Assert.Equal(acknowledged, (await again.Client.TopicAsync("events")).Records);
            await Loops.UntilRowsAsync(again, "totals", $"a {acknowledged - 1 + 1000}");
        }
        finally
        {
            Assert.True(SmallDiskFactAttribute.Unmount(disk));
            Directory.Delete(disk);
        }
    }

    /// <summary>A record of 4 KB, so that few of them need a new page of the disk.</summary>
    private static string Line(long amount) =>
        $"{{\"Name\":\"a\",\"Amount\":{amount},\"Padding\":\"{new string('x', 4000)}\"}}\n";

    private static void Fill(string file)
    {
        using var ballast = new FileStream(file, FileMode.Create, FileAccess.Write, FileShare.None, 1);
        var block = new byte[4096];
        try
        {
            while (true)
            {
                ballast.Write(block);
            }
        }
        catch (IOException)
        {
            // The disk is full, which is what was wanted.
            return;
        }
    }
}
