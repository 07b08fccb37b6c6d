using Kappa.Cli;
using Kappa.Log;
using Kappa.Tables.Loop;
using Xunit;

namespace Kappa.Server.Tests;

/// <summary><c>kappa verify</c> and <c>kappa repair</c> on a stopped server's folder (rule L7).</summary>
public sealed class RepairCommandTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("kappa-repair-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Repair_says_what_it_would_do_and_does_it_when_told_to_L7()
    {
        var log = Path.Combine(_folder, "log");
        await using (var open = await EmbeddedLog.OpenAsync(new LogOptions { Folder = log }, CancellationToken.None))
        {
            await open.ChangeAsync(new CreateTopic("orders"), CancellationToken.None);
            for (var i = 0; i < 3; i++)
            {
                await open.AppendAsync(
                    new AppendRequest("orders", [NewRecord.Of(null, "abc"u8.ToArray())]), CancellationToken.None);
            }
        }

        var path = Path.Combine(log, "topics", "000003", "0000", "00000001.segment");
        var bytes = await File.ReadAllBytesAsync(path);
        bytes[^120] ^= 1;
        await File.WriteAllBytesAsync(path, bytes);

        var (code, said) = await RunAsync("verify");
        Assert.Equal(ExitCode.Failed, code);
        Assert.Contains(path, said, StringComparison.Ordinal);
        Assert.Contains("topic orders, partition 0, from offset 1", said, StringComparison.Ordinal);

        (code, said) = await RunAsync("repair");
        Assert.Equal(ExitCode.Failed, code);
        Assert.Contains("'orders' 0 ends at offset 1", said, StringComparison.Ordinal);
        Assert.Contains("Nothing was changed.", said, StringComparison.Ordinal);
        Assert.Equal(bytes, await File.ReadAllBytesAsync(path));

        (code, said) = await RunAsync("repair", "--yes");
        Assert.Equal(ExitCode.Done, code);
        var kept = Path.Combine(log, LogRepair.FolderName, "0001");
        Assert.Contains(kept, said, StringComparison.Ordinal);
        Assert.Equal(bytes, await File.ReadAllBytesAsync(Path.Combine(kept, "000003-0000-00000001.segment")));
        Assert.Contains("orders", await File.ReadAllTextAsync(Path.Combine(kept, "repair.json")));

        Assert.Equal(ExitCode.Done, (await RunAsync("verify")).Code);
        (code, said) = await RunAsync("repair", "--yes");
        Assert.Equal(ExitCode.Done, code);
        Assert.Contains("nothing to repair", said, StringComparison.Ordinal);
        await using var again = await EmbeddedLog.OpenAsync(new LogOptions { Folder = log }, CancellationToken.None);
        Assert.Equal(1, again.Topics.Single(topic => topic.Name == "orders").Records);
    }

    [Fact]
    public async Task Repair_is_a_record_of_the_journal_once_a_server_opens_the_folder_L7_V3()
    {
        var options = new PlatformOptions { Folder = _folder };
        await using (var platform = await Platform.OpenAsync(options, CancellationToken.None))
        {
            await platform.Log.ChangeAsync(new CreateTopic("orders"), CancellationToken.None);
            for (var i = 0; i < 3; i++)
            {
                await platform.Log.AppendAsync(
                    new AppendRequest("orders", [NewRecord.Of(null, "abc"u8.ToArray())]), CancellationToken.None);
            }
        }

        foreach (var (repair, offset) in new[] { (1, 2), (2, 1) })
        {
            var path = Directory.EnumerateFiles(Path.Combine(_folder, "log", "topics", "000003", "0000")).Order()
                .First(file => file.EndsWith(".segment", StringComparison.Ordinal));
            var bytes = await File.ReadAllBytesAsync(path);
            bytes[^1] ^= 1;
            await File.WriteAllBytesAsync(path, bytes);
            Assert.Equal(ExitCode.Done, (await RunAsync("repair", "--yes")).Code);

            for (var opening = 0; opening < 2; opening++)
            {
                await using var platform = await Platform.OpenAsync(options, CancellationToken.None);
                var records = await RepairedAsync(platform.Log);
                Assert.Equal(repair, records.Count);
                Assert.Equal($"000{repair}", records[^1].Id);
                Assert.Equal(Environment.UserName, records[^1].By);
                Assert.Equal(KeyValuePair.Create("orders/0", (long)offset), records[^1].GivenUp.Single());
            }
        }
    }

    private static async Task<List<LogRepaired>> RepairedAsync(ILog log)
    {
        var records = new List<LogRepaired>();
        await using var sequence = log.Read(["_kappa.lifecycle"], Place.Start);
        while (sequence.TryRead(out var batch))
        {
            foreach (var record in batch)
            {
                if (batch.Topic == "_kappa.lifecycle" && JournalCodec.Decode(record.Value) is LogRepaired repaired)
                {
                    records.Add(repaired);
                }
            }
        }

        return records;
    }

    private async Task<(int Code, string Said)> RunAsync(params string[] args)
    {
        var terminal = Commands.Terminal(out _, out var text, out var error);
        var code = await Program.RunAsync([.. args, "--data", _folder], terminal, CancellationToken.None);
        return (code, $"{text}{error}");
    }
}
