using Xunit;

namespace Kappa.Crash;

/// <summary>Rule L7: what the note of ends proves, and what its own damage proves.</summary>
public sealed class NotedEndsTests
{
    private const string Ends = "/log/ends";
    private const string Segment = "/log/topics/000003/0000/00000001.segment";
    private readonly ManualTime _time = new();

    [Fact]
    public async Task Missing_records_are_missed_again_by_every_later_opening_L7()
    {
        var disk = await WrittenAsync();
        var whole = disk.Files()[Segment];

        // Exactly at the end of a batch, so that only the note knows of more.
        disk.Put(Segment, whole[..BatchPatch.Starts(whole).Skip(1).First()]);

        for (var opening = 0; opening < 4; opening++)
        {
            await using var log = await OpenAsync(disk);
            var damage = await Assert.ThrowsAsync<KappaException>(() => Contents.ReadAsync(log));
            Assert.Equal(ErrorKind.Corrupt, damage.Kind);
            await Assert.ThrowsAsync<KappaException>(async () => await AppendAsync(log));
        }

        disk.Put(Segment, whole);
        await using var restored = await OpenAsync(disk);
        Assert.Equal(3, (await Contents.ReadAsync(restored)).Partitions[("orders", 0)].Count);
    }

    [Fact]
    public async Task Nothing_is_cut_or_deleted_when_the_note_of_ends_cannot_be_read_L7()
    {
        foreach (var left in new[] { 0, 50, 96, 150 })
        {
            var disk = await WrittenAsync();
            disk.Put(Ends, [1, 2, 3]);
            var torn = disk.Files()[Segment][..left];
            disk.Put(Segment, [.. torn, .. new byte[7]]);

            for (var opening = 0; opening < 2; opening++)
            {
                await using var log = await OpenAsync(disk);
                var damage = await Assert.ThrowsAsync<KappaException>(() => Contents.ReadAsync(log));
                Assert.Contains(Segment, damage.Message, StringComparison.Ordinal);
            }

            Assert.Equal(left + 7, disk.Files()[Segment].Length);
        }
    }

    private static async Task AppendAsync(EmbeddedLog log) => await log.AppendAsync(
        new AppendRequest("orders", [NewRecord.Of(null, "1.0."u8.ToArray())]), CancellationToken.None);

    private async Task<FaultyFileSystem> WrittenAsync()
    {
        var disk = new FaultyFileSystem();
        await using var log = await OpenAsync(disk);
        await log.ChangeAsync(new CreateTopic("orders"), CancellationToken.None);
        for (var i = 0; i < 3; i++)
        {
            await AppendAsync(log);
        }

        return disk;
    }

    private async Task<EmbeddedLog> OpenAsync(FaultyFileSystem disk) => await EmbeddedLog.OpenAsync(
        Workload.OptionsFor(disk, _time, Plant.None), CancellationToken.None);
}
