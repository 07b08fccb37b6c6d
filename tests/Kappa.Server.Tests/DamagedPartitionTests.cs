using System.Globalization;
using Kappa.Log;
using Xunit;

namespace Kappa.Server.Tests;

/// <summary>What a server says and does when a partition of its log is damaged (rule L7).</summary>
public sealed class DamagedPartitionTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("kappa-damaged-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_server_whose_journal_is_damaged_does_not_start_with_what_came_before_the_damage_V3_L7()
    {
        await using (var running = await RunningServer.StartAsync(_folder))
        {
            await Loops.DeployAsync(running, CompiledJobs.Totals());
            await Loops.UntilAsync(running, "totals@1", "Live");
        }

        var path = Path.Combine(_folder, "log", "topics", "000002", "0000", "00000001.segment");
        var bytes = await File.ReadAllBytesAsync(path);
        bytes[^20] ^= 1;
        await File.WriteAllBytesAsync(path, bytes);

        for (var start = 0; start < 2; start++)
        {
            var refused = await Assert.ThrowsAsync<KappaException>(() => RunningServer.StartAsync(_folder));
            Assert.Equal(ErrorKind.Corrupt, refused.Kind);
            Assert.Contains("journal", refused.Message, StringComparison.Ordinal);
            Assert.Contains(path, refused.Message, StringComparison.Ordinal);
            Assert.Contains("kappa verify", refused.Next, StringComparison.Ordinal);
        }

        await File.WriteAllBytesAsync(path, [.. bytes[..^20], (byte)(bytes[^20] ^ 1), .. bytes[^19..]]);
        await using var again = await RunningServer.StartAsync(_folder);
        await Loops.UntilAsync(again, "totals@1", "Live");
    }

    [Fact]
    public async Task Topics_say_which_partition_stands_still_and_why_L7()
    {
        await using (var running = await RunningServer.StartAsync(_folder))
        {
            await running.PostAsync("/v1/topics", "{\"name\":\"orders\",\"partitions\":2}");
            for (var i = 0; i < 3; i++)
            {
                await running.PostAsync("/v1/topics/orders/records", "{\"a\":1}\n", "application/x-ndjson");
            }
        }

        var path = Directory.EnumerateFiles(
            Path.Combine(_folder, "log", "topics", "000003"), "*.segment", SearchOption.AllDirectories).First();
        var partition = int.Parse(Path.GetFileName(Path.GetDirectoryName(path))!, CultureInfo.InvariantCulture);
        var bytes = await File.ReadAllBytesAsync(path);
        bytes[^20] ^= 1;
        await File.WriteAllBytesAsync(path, bytes);

        await using var again = await RunningServer.StartAsync(_folder);
        var topic = await again.Client.TopicAsync("orders", CancellationToken.None);
        var stopped = Assert.Single(topic.Stopped!);
        Assert.Equal(partition, stopped.Key);
        Assert.Contains(path, stopped.Value, StringComparison.Ordinal);
        var said = (await Commands.RunAsync(again, ["topics"])).Out;
        Assert.Contains("stopped", said, StringComparison.Ordinal);
        Assert.Contains($"orders, partition {partition}, stands still", said, StringComparison.Ordinal);
        Assert.All(
            (await again.Client.TopicsAsync(CancellationToken.None)).Where(other => other.Name != "orders"),
            other => Assert.Null(other.Stopped));
    }
}
