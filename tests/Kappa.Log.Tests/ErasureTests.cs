using System.Text;
using Xunit;

namespace Kappa.Log.Tests;

/// <summary>Rule L10: values go for ever; offsets, stamps and places stay.</summary>
public sealed class ErasureTests
{
    private static readonly byte[] Canary = "canary-7f3a"u8.ToArray();

    [Theory]
    [InlineData(Compression.None, false)]
    [InlineData(Compression.None, true)]
    [InlineData(Compression.Brotli, false)]
    [InlineData(Compression.Brotli, true)]
    public async Task Erased_values_leave_no_byte_and_all_places_stay_L10(Compression compression, bool withKeys)
    {
        var disk = new FaultyFileSystem();
        List<string> before;
        await using (var log = await OpenAsync(disk))
        {
            await FillAsync(log, compression, withKeys);
            before = await ShownAsync(log, withKeys);
            Assert.Equal(40, await log.EraseAsync("orders", IsCanary, withKeys, default));
            Assert.Equal(0, await log.EraseAsync("orders", IsCanary, withKeys, default));
            Assert.Equal(before, await ShownAsync(log, withKeys));
            await log.AppendAsync("orders", "on");

            // A request that is repeated is still known, whatever of it was erased.
            Assert.True((await log.AppendNumberedAsync("orders", "shop", 3, Request(3, withKeys))).Repeated);
        }

        foreach (var (path, bytes) in disk.Snapshot())
        {
            Assert.True(bytes.AsSpan().IndexOf(Canary) < 0, path);
        }

        Assert.Empty((await EmbeddedLog.VerifyAsync("/log", disk)).Findings);
        await using var again = await OpenAsync(disk.Crash(new Random(1)));
        Assert.Equal(before, (await ShownAsync(again, withKeys)).Take(before.Count));
        Assert.True((await again.AppendNumberedAsync("orders", "shop", 3, Request(3, withKeys))).Repeated);
        Assert.Equal(1, (await again.FindAsync("orders", 0, 6, default)).Index);
    }

    [Theory]
    [InlineData(Compression.None)]
    [InlineData(Compression.Brotli)]
    public async Task Keys_go_also_of_records_whose_values_went_before_L10(Compression compression)
    {
        var disk = new FaultyFileSystem();
        await using var log = await OpenAsync(disk);
        await FillAsync(log, compression, withKeys: true);
        var before = await ShownAsync(log, withKeys: true);
        Assert.Equal(40, await log.EraseAsync("orders", IsCanary, false, default));
        Assert.Contains(
            await ShownAsync(log, withKeys: false), text => text.Contains("canary", StringComparison.Ordinal));
        Assert.Equal(40, await log.EraseAsync("orders", IsCanaryKey, true, default));
        Assert.Equal(0, await log.EraseAsync("orders", IsCanaryKey, true, default));
        Assert.Equal(0, await log.EraseAsync("orders", IsCanaryKey, false, default));
        Assert.All(disk.Snapshot(), file => Assert.True(file.Value.AsSpan().IndexOf(Canary) < 0, file.Key));
        Assert.Equal(before, await ShownAsync(log, withKeys: true));

        static bool IsCanaryKey(in Record record) => record.Key.IndexOf(Canary) >= 0;
    }

    [Fact]
    public async Task Loss_of_power_at_any_operation_leaves_every_segment_as_it_was_or_erased_L10_L7()
    {
        for (var at = 0; at < 60; at += 3)
        {
            var disk = new FaultyFileSystem();
            await using var log = await OpenAsync(disk);
            await FillAsync(log, Compression.None);
            var before = await ShownAsync(log, withKeys: false);
            var power = new PowerLoss(disk, at, new Random(at), isBroken: true);
            await Xunit.Record.ExceptionAsync(async () => await log.EraseAsync("orders", IsCanary, false, default));
            var crashed = power.Ended();
            await using (var again = await OpenAsync(crashed))
            {
                Assert.Equal(before, await ShownAsync(again, withKeys: false));
                await again.EraseAsync("orders", IsCanary, false, default);
                Assert.Equal(before, await ShownAsync(again, withKeys: false));
            }

            Assert.All(crashed.Snapshot(), file => Assert.True(file.Value.AsSpan().IndexOf(Canary) < 0, file.Key));
            Assert.Empty((await EmbeddedLog.VerifyAsync("/log", crashed)).Findings);

            // The log that lived on sees what its disk has, and can go on.
            Assert.Equal(before, await ShownAsync(log, withKeys: false));
        }
    }

    [Fact]
    public async Task Reader_goes_on_over_a_segment_that_is_written_again_under_it_L10()
    {
        var disk = new FaultyFileSystem();
        await using var log = await OpenAsync(disk);
        await FillAsync(log, Compression.None);
        var expected = await ShownAsync(log, withKeys: false);
        await using var sequence = log.Read(["orders"], Place.Start);
        var seen = new List<string>();
        var erasedBehind = 0;
        while (sequence.TryRead(out var batch))
        {
            Show(batch, withKeys: false, seen);
            if (seen.Count is > 20 and < 30)
            {
                await log.EraseAsync("orders", IsCanary, false, default);
            }

            foreach (var record in batch)
            {
                erasedBehind += seen.Count > 40 && record.IsErased ? 1 : 0;
            }
        }

        Assert.Equal(expected, seen);
        Assert.True(erasedBehind > 20);
    }

    [Fact]
    public async Task Damage_is_not_written_again_as_if_it_were_right_L10()
    {
        var disk = new FaultyFileSystem();
        await using var log = await OpenAsync(disk);
        await FillAsync(log, Compression.None);
        await log.SealAsync("orders", default);
        var path = disk.Snapshot().Keys.First(path => path.Contains("000003", StringComparison.Ordinal)
            && path.EndsWith(".segment", StringComparison.Ordinal));
        var bytes = disk.Snapshot()[path];
        bytes[1_000] ^= 4;
        disk.Put(path, bytes);
        await Logs.RefusedAsync(
            ErrorKind.Corrupt, async () => await log.EraseAsync("orders", IsCanary, false, default));
        Assert.Equal(bytes, disk.Snapshot()[path]);
        Assert.DoesNotContain(disk.Snapshot().Keys, name => name.EndsWith(".new", StringComparison.Ordinal));
    }

    private static bool IsCanary(in Record record) => record.Value.IndexOf(Canary) >= 0;

    private static NewRecord[] Request(int i, bool withKeys) => [.. Enumerable.Range(0, 5).Select(n => new NewRecord(
        Encoding.UTF8.GetBytes(n == 2 && withKeys ? $"canary-7f3a-{i}" : $"k{n}"),
        Encoding.UTF8.GetBytes(n == 2 ? "of canary-7f3a " + new string('a', 900) : $"{i}.{n}." + new string('b', 900)),
        [new("h", Encoding.UTF8.GetBytes(n == 2 ? "canary-7f3a" : "x"))]))];

    private static async Task FillAsync(EmbeddedLog log, Compression compression, bool withKeys = false)
    {
        await log.ChangeAsync(
            new CreateTopic("orders", 1, new TopicSettings { Compression = compression }), default);
        for (var i = 0; i < 40; i++)
        {
            await log.AppendNumberedAsync("orders", "shop", i, Request(i, withKeys));
            await log.AppendAsync("orders", new string((char)('a' + (i % 26)), 9_000));
        }
    }

    private static async Task<EmbeddedLog> OpenAsync(FaultyFileSystem disk) =>
        await Logs.OpenAsync("/log", options => options with { Files = disk, SegmentBytesMax = 128 << 10 });

    /// <summary>What must not change: places, offsets, and everything of records that are not to be erased.</summary>
    private static async Task<List<string>> ShownAsync(EmbeddedLog log, bool withKeys)
    {
        var shown = new List<string>();
        foreach (var batch in await log.ReadAsync(Place.Start, "orders"))
        {
            Show(batch, withKeys, shown);
        }

        return shown;
    }

    private static void Show(RecordBatch batch, bool withKeys, List<string> into)
    {
        if (batch.Topic != "orders")
        {
            return;
        }

        foreach (var record in batch)
        {
            var isGone = record.IsErased || IsCanary(record);
            into.Add($"{record.Place} {record.Offset} " + (isGone
                ? withKeys ? "gone" : Encoding.UTF8.GetString(record.Key)
                : $"{Encoding.UTF8.GetString(record.Key)}={Encoding.UTF8.GetString(record.Value)}"));
        }
    }
}
