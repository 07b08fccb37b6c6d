using Kappa.Log.Tests.Archives;
using Xunit;

namespace Kappa.Log.Tests;

/// <summary>Rules L7 and L9: a repair of a partition whose start retention has moved.</summary>
public sealed class RepairRetentionTests
{
    private const string Home = "/log/topics/000003/0000/";
    private static readonly string Filler = new('x', 20_000);

    /// <summary>Which of the segments that are left is hurt, and how.</summary>
    public static TheoryData<string, int> Damages => new()
    {
        { "flip", 0 }, { "flip", 1 }, { "flip", -1 },
        { "header", 0 }, { "header", 1 }, { "header", -1 },
        { "missing", 0 }, { "missing", 1 }, { "missing", -1 }, { "all missing", 0 },
    };

    [Theory]
    [MemberData(nameof(Damages))]
    public async Task Repaired_partition_begins_where_retention_left_it_and_goes_on_L7_L9(string how, int which)
    {
        var (disk, time) = (new FaultyFileSystem(), new ManualTime());
        List<RecordBatch> before;
        long[] starts;
        long lastStamp;
        await using (var log = await OpenAsync(disk, time))
        {
            await FillAsync(log, time);
            before = await BatchesAsync(log);
            starts = [.. log.Topics.Single(topic => topic.Name == "orders").StartOffsets];
            lastStamp = log.CompleteTo;
        }

        Assert.True(starts[0] > 0, "retention has moved nothing");
        foreach (var isNoteThere in new[] { true, false })
        {
            var hurt = disk.Copy();
            Damage(hurt, how, which);
            if (!isNoteThere)
            {
                hurt.Put("/log/ends", [1, 2, 3]);
            }

            var untouched = hurt.Files();
            var plan = await LogRepair.PlanAsync("/log", hurt);
            Assert.NotEmpty(plan.Seen.Findings);
            var kept = await LogRepair.RunAsync("/log", hurt, plan, time);

            Assert.Empty((await EmbeddedLog.VerifyAsync("/log", hurt)).Findings);
            Assert.All(plan.Steps, step => Assert.Contains(
                hurt.Files(), file => file.Key.StartsWith(kept, StringComparison.Ordinal)
                    && file.Value.AsSpan().SequenceEqual(untouched[step.File])));
            await GoesOnAsync(hurt, time, before, starts, lastStamp);
        }
    }

    [Fact]
    public async Task Repair_that_is_cut_short_anywhere_is_finished_by_the_next_L7_L9()
    {
        var (disk, time) = (new FaultyFileSystem(), new ManualTime());
        await using (var log = await OpenAsync(disk, time))
        {
            await FillAsync(log, time);
        }

        Damage(disk, "header", 0);
        for (var step = 0; ; step++)
        {
            var random = new Random(step);
            var hurt = disk.Copy();
            var (left, isCut) = (step, false);
            hurt.Fault = (_, path) => (isCut |= left-- <= 0) ? FaultyFileSystem.BrokenDisk(path) : null;
            try
            {
                await LogRepair.RunAsync("/log", hurt, await LogRepair.PlanAsync("/log", hurt), time);
            }
            catch (KappaException) when (isCut)
            {
                // The disk failed, and was made to.
            }

            var after = hurt.Crash(random);
            if ((await EmbeddedLog.VerifyAsync("/log", after)).Findings.Count > 0)
            {
                await LogRepair.RunAsync("/log", after, await LogRepair.PlanAsync("/log", after), time);
            }

            Assert.Empty((await EmbeddedLog.VerifyAsync("/log", after)).Findings);
            await using var log = await OpenAsync(after, time);
            await log.AppendAsync("orders", "next");
            if (!isCut)
            {
                Assert.True(step > 10, "the disk was hardly used");
                return;
            }
        }
    }

    [Fact]
    public async Task Repaired_end_is_read_behind_what_the_archive_has_L7_L9()
    {
        await using var house = await House.OpenAsync(partitions: 1);
        var mirror = house.NewMirror();
        await mirror.CopyAsync(CancellationToken.None);
        house.Log.Attach(mirror.Archive);
        var all = await house.ReadAsync();
        house.RemoveMirrored(mirror);
        await house.Log.DisposeAsync();
        var last = house.Disk.Files().Keys.Last(IsSegment);
        var bytes = house.Disk.Snapshot()[last];
        bytes[^1] ^= 1;
        house.Disk.Put(last, bytes);

        await LogRepair.RunAsync("/log", house.Disk, await LogRepair.PlanAsync("/log", house.Disk), house.Time);

        await house.OpenLogAsync();
        house.Log.Attach(mirror.Archive);
        var left = await house.ReadAsync();
        Assert.Equal(all[..left.Length], left);
        Assert.InRange(left.Length, all.Length / 2, all.Length - 1);
        await house.AppendAsync(1);
        Assert.Equal(left, (await house.ReadAsync())[..left.Length]);
    }

    /// <summary>The archive has what the repair gave up: which of both is right is not for the log to say.</summary>
    [Fact]
    public async Task Records_given_up_that_the_archive_has_are_a_contradiction_and_are_named_L9_L10()
    {
        await using var house = await House.OpenAsync(partitions: 1);
        var mirror = house.NewMirror();
        await mirror.CopyAsync(CancellationToken.None);
        house.Log.Attach(mirror.Archive);
        var all = await house.ReadAsync();
        house.RemoveMirrored(mirror, but: 2);
        await house.Log.DisposeAsync();
        var first = house.Disk.Files().Keys.First(IsSegment);
        var bytes = house.Disk.Snapshot()[first];
        bytes[bytes.Length / 2] ^= 1;
        house.Disk.Put(first, bytes);

        await LogRepair.RunAsync("/log", house.Disk, await LogRepair.PlanAsync("/log", house.Disk), house.Time);

        await house.OpenLogAsync();
        await house.AppendAsync(20, seed: 2);
        var own = House.Text(await house.Log.ReadAsync(house.Log.Topics.Single(one => one.Name == "t").Start, "t"));
        house.Log.Attach(mirror.Archive);
        var read = new List<string>();
        var refused = await Logs.RefusedAsync(ErrorKind.Corrupt, async () =>
        {
            await using var sequence = house.Log.Read(["t"], Place.Start);
            while (sequence.TryRead(out var batch))
            {
                read.AddRange(House.Text([batch]));
            }
        });
        Assert.Contains(first, refused.Message, StringComparison.Ordinal);
        Assert.Contains("'memory'", refused.Message, StringComparison.Ordinal);
        Assert.NotEmpty(read);
        Assert.All(read, line => Assert.True(all.Contains(line) || own.Contains(line), line));
    }

    private static bool IsSegment(string path) =>
        path.StartsWith(Home, StringComparison.Ordinal) && path.EndsWith(".segment", StringComparison.Ordinal);

    private static void Damage(FaultyFileSystem disk, string how, int which)
    {
        var segments = disk.Files().Keys.Where(IsSegment).ToList();
        Assert.True(segments.Count > 2, "too few segments are left to hurt one of them");
        var path = which < 0 ? segments[^1] : segments[which];
        var bytes = disk.Snapshot()[path];
        switch (how)
        {
            case "flip":
                bytes[^100] ^= 1;
                disk.Put(path, bytes);
                break;
            case "header":
                bytes[40] ^= 1;
                disk.Put(path, bytes);
                break;
            case "missing":
                disk.Put(path, null);
                break;
            default:
                segments.ForEach(one => disk.Put(one, null));
                break;
        }
    }

    private static async Task GoesOnAsync(
        FaultyFileSystem disk, ManualTime time, List<RecordBatch> before, long[] starts, long lastStamp)
    {
        await using var log = await OpenAsync(disk.Crash(new Random(1)), time);
        var topic = log.Topics.Single(one => one.Name == "orders");
        Assert.Equal(starts, topic.StartOffsets);
        var after = await BatchesAsync(log);
        var front = Lines(before, 0);
        Assert.Equal(front.Take(Lines(after, 0).Count), Lines(after, 0));
        Assert.Equal(Lines(before, 1), Lines(after, 1));
        var ends = topic.EndOffsets;
        Assert.Equal(
            ends[0], after.Where(batch => batch.Partition == 0).Select(batch => batch.BaseOffset + batch.Count)
                .DefaultIfEmpty(starts[0]).Max());
        for (var i = 0; i < 20; i++)
        {
            var batch = (await log.AppendAsync("orders", $"{i}")).Batches[0];
            Assert.Equal(ends[batch.Partition], batch.BaseOffset);
            Assert.True(batch.LogTime > lastStamp, "a stamp that was given up is given again");
            ends = log.Topics.Single(one => one.Name == "orders").EndOffsets;
        }
    }

    private static List<string> Lines(List<RecordBatch> batches, int partition) =>
        [.. batches.Where(batch => batch.Partition == partition).Select(batch =>
            $"{batch.BaseOffset} {batch.LastPlace} {batch.Count} {Convert.ToBase64String(batch.EncodedRecords.Span)}")];

    private static async Task FillAsync(EmbeddedLog log, ManualTime time)
    {
        await log.ChangeAsync(
            new CreateTopic(
                "orders", 2, new TopicSettings { RetainFor = TimeSpan.FromMinutes(40), LoseHistory = true }),
            CancellationToken.None);
        for (var i = 0; i < 80; i++)
        {
            await log.AppendAsync(
                new AppendRequest("orders", [Logs.Keyed($"k{i % 9}", $"{i}." + Filler)]), CancellationToken.None);
            time.Advance(TimeSpan.FromMinutes(1));
        }

        await log.RetainAsync("orders", Place.EndOf(log.CompleteTo), CancellationToken.None);
    }

    private static async Task<List<RecordBatch>> BatchesAsync(EmbeddedLog log) =>
        [.. (await log.ReadAsync(Place.Start, "orders")).Where(batch => batch.Topic == "orders")];

    private static async Task<EmbeddedLog> OpenAsync(FaultyFileSystem disk, ManualTime time) =>
        await Logs.OpenAsync("/log", options => options with { Files = disk, Time = time, SegmentBytesMax = 64 << 10 });
}
