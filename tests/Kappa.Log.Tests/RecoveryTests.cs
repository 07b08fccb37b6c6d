using Xunit;

namespace Kappa.Log.Tests;

/// <summary>Rules L7 and L10: what is kept, cut and refused on opening, and what reading finds.</summary>
public sealed class RecoveryTests
{
    private const string Segment = "/log/topics/000003/0000/00000001.segment";

    [Fact]
    public async Task Torn_tail_is_cut_at_every_byte_of_the_last_batch_and_nothing_before_it_L7()
    {
        var disk = new FaultyFileSystem();
        await using var log = await OpenAsync(disk);
        await log.CreateAsync("orders");
        await log.AppendAsync("orders", "first", "second");
        var before = disk.Snapshot()[Segment].Length;
        await log.AppendAsync("orders", "torn");
        var whole = disk.Snapshot();
        for (var length = before; length < whole[Segment].Length; length++)
        {
            foreach (var fill in new byte[] { 0, 0xA5 })
            {
                var after = Disk(whole);
                var torn = Enumerable.Repeat(fill, whole[Segment].Length).ToArray();
                whole[Segment].AsSpan(..length).CopyTo(torn);
                if (torn.AsSpan().SequenceEqual(whole[Segment]))
                {
                    continue;
                }

                after.Put(Segment, torn);
                await using (var again = await OpenAsync(after))
                {
                    Assert.Equal(["first", "second"], await again.ValuesAsync("orders"));
                    var appended = await again.AppendAsync("orders", "third");
                    Assert.Equal(2, appended.Batches[0].BaseOffset);
                }

                await using var third = await OpenAsync(after);
                Assert.Equal(["first", "second", "third"], await third.ValuesAsync("orders"));
            }
        }
    }

    [Fact]
    public async Task Every_flipped_bit_gives_the_right_records_or_a_named_error_L7_L10()
    {
        var disk = new FaultyFileSystem();
        await using (var log = await OpenAsync(disk))
        {
            await log.CreateAsync("orders");
            await log.AppendAsync("orders", "a");
            await log.AppendNumberedAsync("orders", "shop", 1, Logs.Keyed("k", "b"));
            await log.AppendAsync("orders", "c");
        }

        var whole = disk.Snapshot();
        for (var bit = 0; bit < whole[Segment].Length * 8; bit++)
        {
            var after = Disk(whole);
            var flipped = (byte[])whole[Segment].Clone();
            flipped[bit / 8] ^= (byte)(1 << (bit % 8));
            after.Put(Segment, flipped);
            await using (var again = await OpenAsync(after))
            {
                var named = await Logs.RefusedAsync(ErrorKind.Corrupt, () => again.ValuesAsync("orders"));
                Assert.Contains(Segment, named.Message, StringComparison.Ordinal);
                await Logs.RefusedAsync(ErrorKind.Corrupt, async () => await again.AppendAsync("orders", "d"));
                await again.AppendAsync(new AppendRequest(Names.Lifecycle, [Logs.Value("on")]), CancellationToken.None);
                Assert.Single(await again.ReadAsync(Place.Start), batch => batch.Topic == Names.Lifecycle);
            }

            Assert.Equal(flipped, after.Snapshot()[Segment]);
            Assert.Contains((await EmbeddedLog.VerifyAsync("/log", after)).Findings, found => found.File == Segment);
        }
    }

    [Fact]
    public async Task Damage_with_a_later_group_behind_it_is_never_cut_even_after_a_crash_L7()
    {
        var disk = new FaultyFileSystem();
        await using var log = await OpenAsync(disk);
        await log.CreateAsync("orders");
        await log.AppendAsync("orders", "a");
        var first = disk.Snapshot()[Segment].Length;
        await log.AppendAsync("orders", "b");
        await log.AppendAsync("orders", "c");
        var whole = disk.Snapshot();
        var second = first + ((whole[Segment].Length - first) / 2);
        for (var at = first; at < second; at++)
        {
            var after = Disk(whole);
            var damaged = (byte[])whole[Segment].Clone();
            damaged[at] ^= 0x10;
            after.Put(Segment, damaged);
            await using var again = await OpenAsync(after);
            await Logs.RefusedAsync(ErrorKind.Corrupt, () => again.ValuesAsync("orders"));
            Assert.Equal(damaged, after.Snapshot()[Segment]);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Damage_in_a_sealed_segment_is_named_and_what_came_before_is_read_L7(bool inHeader)
    {
        var disk = new FaultyFileSystem();
        await using (var log = await OpenAsync(disk, 64 << 10))
        {
            await log.CreateAsync("orders");
            for (var i = 0; i < 8; i++)
            {
                await log.AppendAsync("orders", new string('x', 30_000));
            }
        }

        var damaged = disk.Snapshot()[Segment];
        damaged[SegmentHeader.Size + BatchHeader.Size + 30_000 + 4 + (inHeader ? 50 : 5_000)] ^= 1;
        disk.Put(Segment, damaged);
        await using var again = await OpenAsync(disk);
        var read = 0;
        var named = await Logs.RefusedAsync(ErrorKind.Corrupt, async () =>
        {
            await using var sequence = again.Read(["orders"], Place.Start);
            while (sequence.TryRead(out var batch))
            {
                read += batch.Topic == "orders" ? 1 : 0;
            }
        });
        Assert.Equal(1, read);
        Assert.Contains(Segment, named.Message, StringComparison.Ordinal);
        Assert.Equal(damaged, disk.Snapshot()[Segment]);
    }

    [Fact]
    public async Task Missing_swapped_and_foreign_files_are_named_I4()
    {
        var disk = new FaultyFileSystem();
        await using (var log = await OpenAsync(disk))
        {
            await log.CreateAsync("orders", 2);
            await log.AppendAsync(
                new AppendRequest("orders", [.. Enumerable.Range(0, 20).Select(i => Logs.Keyed($"{i}", "x"))]),
                CancellationToken.None);
        }

        var whole = disk.Snapshot();
        var other = Segment.Replace("/0000/", "/0001/", StringComparison.Ordinal);
        byte[][] replacements =
        [
            [], whole[other], whole[Segment][..^1], whole[Segment][..SegmentHeader.Size], new byte[4_096],
        ];
        foreach (var bytes in replacements)
        {
            var after = Disk(whole);
            after.Put(Segment, bytes);
            await using var again = await OpenAsync(after);
            await Logs.RefusedAsync(ErrorKind.Corrupt, () => again.ValuesAsync("orders"));
            Assert.Equal(bytes, after.Snapshot()[Segment]);
        }

        var missing = Disk(whole);
        missing.Delete(Segment);
        await using var without = await OpenAsync(missing);
        await Logs.RefusedAsync(ErrorKind.Corrupt, () => without.ValuesAsync("orders"));
    }

    [Fact]
    public async Task Power_loss_at_any_operation_loses_nothing_acknowledged_and_leaves_no_hole_L2_L7_I1_I2()
    {
        for (var seed = 0; seed < 150; seed++)
        {
            await CrashOnceAsync(seed);
        }
    }

    [Fact]
    public async Task Recovery_is_idempotent_and_may_itself_lose_power_I8()
    {
        for (var seed = 0; seed < 60; seed++)
        {
            var random = new Random(seed);
            var (crashed, acknowledged, sent) = await RunUntilCrashAsync(random);
            var power = new PowerLoss(crashed, random.Next(6), random, isBroken: true);
            var trouble = await Xunit.Record.ExceptionAsync(
                async () => await (await OpenAsync(crashed)).DisposeAsync());
            if (trouble is not null)
            {
                Assert.True(trouble is KappaException { Kind: not ErrorKind.Corrupt }, $"seed {seed}: {trouble}");
            }

            await CheckAsync(power.Ended(), acknowledged, sent, seed);
        }
    }

    private static async Task CrashOnceAsync(int seed)
    {
        var random = new Random(seed);
        var (crashed, acknowledged, sent) = await RunUntilCrashAsync(random);
        await CheckAsync(crashed, acknowledged, sent, seed);
    }

    private static async Task<(FaultyFileSystem Disk, List<string> Acknowledged, List<string> Sent)> RunUntilCrashAsync(
        Random random)
    {
        var disk = new FaultyFileSystem();
        var acknowledged = new List<string>();
        var sent = new List<string>();
        FaultyFileSystem crashed;
        await using (var log = await OpenAsync(disk, 64 << 10))
        {
            await log.CreateAsync("orders", 2);
            var power = new PowerLoss(disk, random.Next(60), random, isBroken: true);
            for (var i = 0; i < 30 && !power.HasCome; i++)
            {
                var values = Enumerable.Range(0, random.Next(1, 6))
                    .Select(n => $"{i}.{n}." + new string('x', random.Next(20) == 0 ? 9_000 : 40)).ToList();
                sent.AddRange(values);
                var appended = log.AppendAsync(
                    new AppendRequest("orders", [.. values.Select(value => Logs.Keyed(value, value))], "shop", i),
                    CancellationToken.None).AsTask();
                if (await Xunit.Record.ExceptionAsync(() => appended) is null && !power.HasCome)
                {
                    acknowledged.AddRange(values);
                }
            }

            crashed = power.Ended();
        }

        return (crashed, acknowledged, sent);
    }

    private static async Task CheckAsync(FaultyFileSystem disk, List<string> acknowledged, List<string> sent, int seed)
    {
        disk.Fault = null;
        await using var log = await OpenAsync(disk);
        var seen = await log.ValuesAsync("orders");
        Assert.True(acknowledged.All(seen.Contains), $"seed {seed}: an acknowledged record is lost");
        Assert.True(seen.All(sent.Contains), $"seed {seed}: a record was never sent");
        Assert.True(seen.Count == seen.Distinct().Count(), $"seed {seed}: a record is there twice");
        var stamps = (await log.ReadAsync(Place.Start, "orders")).Select(batch => batch.LogTime).ToList();
        Assert.Equal(stamps.Order().Distinct(), stamps);
        await log.AppendAsync("orders", "after");
        Assert.Equal(seen.Count + 1, (await log.ValuesAsync("orders")).Count);
    }

    internal static FaultyFileSystem Disk(IReadOnlyDictionary<string, byte[]> files)
    {
        var disk = new FaultyFileSystem();
        disk.CreateFolder("/log/topics");
        foreach (var (path, bytes) in files)
        {
            disk.CreateFolder(Path.GetDirectoryName(path)!);
            disk.Put(path, (byte[])bytes.Clone());
        }

        return disk;
    }

    private static async Task<EmbeddedLog> OpenAsync(FaultyFileSystem disk, long segmentBytesMax = 1 << 20) =>
        await Logs.OpenAsync("/log", options => options with { Files = disk, SegmentBytesMax = segmentBytesMax });

    /// <summary>A log that took "a", whose partition stopped then, and that was closed.</summary>
    private static async Task StopAsync(FaultyFileSystem disk)
    {
        await using var log = await OpenAsync(disk);
        await log.CreateAsync("orders");
        await log.AppendAsync("orders", "a");
        disk.Fault = (what, path) => what == "write" ? FaultyFileSystem.BrokenDisk(path) : null;
        await Logs.RefusedAsync(ErrorKind.Unavailable, () => log.AppendAsync("orders", "refused").AsTask());
        disk.Fault = null;
    }

    [Fact]
    public async Task What_is_acknowledged_after_a_partition_stopped_and_was_opened_again_survives_L2_L7()
    {
        var disk = new FaultyFileSystem();
        await StopAsync(disk);

        await using (var again = await OpenAsync(disk))
        {
            await again.AppendAsync("orders", "b");
            disk = disk.Crash(new Random(1));
        }

        await using var last = await OpenAsync(disk);
        Assert.Equal(["a", "b"], await last.ValuesAsync("orders"));
    }

    [Fact]
    public async Task A_partition_that_stopped_stays_void_behind_that_when_a_later_note_is_lost_L2_L7()
    {
        for (var seed = 1; seed <= 24; seed++)
        {
            var disk = new FaultyFileSystem();
            await StopAsync(disk);

            // Closing notes the ends again, which later reads, but the loss of power takes back.
            await (await OpenAsync(disk)).DisposeWithAsync(disk, failing: "sync folder");
            await using (var again = await OpenAsync(disk))
            {
                await again.AppendAsync("orders", "b");
                disk = disk.Crash(new Random(seed));
            }

            await using var last = await OpenAsync(disk);
            Assert.Equal(["a", "b"], await last.ValuesAsync("orders"));
        }
    }
}
