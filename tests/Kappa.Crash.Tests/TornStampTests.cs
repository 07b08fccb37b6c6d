using Xunit;

namespace Kappa.Crash;

/// <summary>
/// Rule L7: a stamp that lies in two sectors. A loss of power may keep one of them, and what is then read as a stamp is
/// none.
/// </summary>
public sealed class TornStampTests
{
    private const int StampAt = 40;
    private const int Sector = 512;
    private const string Segment = "/log/topics/000003/0000/00000001.segment";

    /// <summary>How many of the stamp's eight bytes lie in the first sector.</summary>
    public static TheoryData<int> Splits => [0, 1, 2, 3, 4, 5, 6, 7];

    [Theory]
    [MemberData(nameof(Splits))]
    public async Task Torn_tail_is_cut_where_power_took_half_of_its_stamp_L7(int split)
    {
        var (disk, at) = await WrittenAsync(split, isAcknowledged: false);
        foreach (var isFirstLost in new[] { true, false })
        {
            var torn = disk.Copy();
            var bytes = torn.Snapshot()[Segment];
            var edge = at + StampAt + split;
            bytes.AsSpan(isFirstLost ? at..edge : edge..bytes.Length).Clear();
            torn.Put(Segment, bytes);

            await using var log = await OpenAsync(torn, new ManualTime());
            var found = await Contents.ReadAsync(log);

            Assert.Single(found.Partitions[("orders", 0)]);
            Assert.Equal(3, found.Partitions[("trips", 0)].Count);
        }
    }

    /// <summary>One byte of the header is changed: its mark, its offset, its group, its number of records.</summary>
    [Theory]
    [MemberData(nameof(Splits))]
    public async Task Damaged_header_of_an_acknowledged_batch_is_named_wherever_its_stamp_lies_L7(int split)
    {
        var (disk, at) = await WrittenAsync(split, isAcknowledged: true);
        foreach (var damaged in new[] { 1, 29, 33, 60, 90 })
        {
            var copy = disk.Copy();
            var bytes = copy.Snapshot()[Segment];
            bytes[at + damaged] ^= 0x20;
            copy.Put(Segment, bytes);

            await using var log = await OpenAsync(copy, new ManualTime());
            var refused = await Assert.ThrowsAsync<KappaException>(() => Contents.ReadAsync(log));

            Assert.Equal(ErrorKind.Corrupt, refused.Kind);
            Assert.Contains(Segment, refused.Message, StringComparison.Ordinal);
        }
    }

    /// <summary>
    /// An old record of orders, three newer ones of trips, and one more of orders whose stamp lies as it should. It is
    /// on the disk, but not yet synced, or acknowledged and followed by one more of trips that says so.
    /// </summary>
    private static async Task<(FaultyFileSystem Disk, int At)> WrittenAsync(int split, bool isAcknowledged)
    {
        for (var fill = 0; ; fill++)
        {
            var (disk, time) = (new FaultyFileSystem(), new ManualTime());
            var log = await OpenAsync(disk, time);
            await log.ChangeAsync(new CreateTopic("orders"), CancellationToken.None);
            await log.ChangeAsync(new CreateTopic("trips"), CancellationToken.None);
            await AppendAsync(log, "orders", fill);
            var at = disk.Files()[Segment].Length;
            if ((at + StampAt + split) % Sector != 0)
            {
                await log.DisposeAsync();
                continue;
            }

            time.Advance(TimeSpan.FromHours(1));
            for (var i = 0; i < 3; i++)
            {
                await AppendAsync(log, "trips", 1);
            }

            FaultyFileSystem? before = null;
            disk.Fault = (what, path) =>
            {
                before ??= what == "sync" && path == Segment ? disk.Copy() : null;
                return null;
            };
            await AppendAsync(log, "orders", 700);
            disk.Fault = null;
            await AppendAsync(log, "trips", 1);
            var after = disk.Copy();
            await log.DisposeAsync();
            return ((isAcknowledged ? after : before!).CrashKeepingAll(), at);
        }
    }

    private static async Task AppendAsync(EmbeddedLog log, string topic, int fill) => await log.AppendAsync(
        new AppendRequest(topic, [NewRecord.Of(null, new byte[fill])]), CancellationToken.None);

    private static async Task<EmbeddedLog> OpenAsync(FaultyFileSystem disk, ManualTime time) =>
        await EmbeddedLog.OpenAsync(Workload.OptionsFor(disk, time, Plant.None), CancellationToken.None);
}
