using Kappa.Log.Tests.Archives;
using Xunit;

namespace Kappa.Log.Tests;

/// <summary>Rule L9: what goes, what never goes, and what is said of it.</summary>
public sealed class RetentionTests
{
    private static readonly string Filler = new('x', 20_000);

    [Fact]
    public async Task Exactly_the_segments_go_that_are_too_old_or_too_many_and_not_needed_L9()
    {
        for (var seed = 1; seed <= 40; seed++)
        {
            var random = new Random(seed);
            var settings = new TopicSettings
            {
                RetainFor = random.Next(2) == 0 ? TimeSpan.FromMinutes(random.Next(1, 90)) : null,
                RetainBytes = random.Next(2) == 0 ? (1 << 20) + random.Next(300_000) : null,
                LoseHistory = true,
            };
            var time = new ManualTime();
            var disk = new FaultyFileSystem();
            await using var log = await OpenAsync(disk, time);
            await log.ChangeAsync(new CreateTopic("orders", 2, settings), CancellationToken.None);
            for (var i = 0; i < 70; i++)
            {
                await log.AppendAsync(
                    new AppendRequest("orders", [Logs.Keyed($"{random.Next(9)}", $"{i}." + Filler)]),
                    CancellationToken.None);
                time.Advance(TimeSpan.FromSeconds(random.Next(120)));
            }

            var before = await BatchesAsync(log);
            var needed = random.Next(2) == 0
                ? before[random.Next(before.Count)].LastPlace : Place.EndOf(log.CompleteTo);
            var folders = Segments(disk);
            var now = log.LogTime;
            var step = await log.RetainAsync("orders", needed, CancellationToken.None);
            var gone = folders.Where(path => !disk.Snapshot().ContainsKey(path)).ToList();
            var expected = Expected(disk, folders, gone, before, settings, needed, now);
            var seen = (await BatchesAsync(log)).Select(batch => batch.LogTime);
            Assert.True(expected.SequenceEqual(seen), $"seed {seed}");
            Assert.Equal(before.Sum(batch => batch.Count) - expected.Count, step.Records);
            Assert.Equal(0, (await log.RetainAsync("orders", needed, CancellationToken.None)).Records);

            // What is needed is there, whole; and it is so for whoever opens the log next.
            Assert.All(
                before.Where(batch => batch.LastPlace > needed), batch => Assert.Contains(batch.LogTime, expected));
            await using var again = await OpenAsync(disk.Crash(random), time);
            Assert.Equal(expected, (await BatchesAsync(again)).Select(batch => batch.LogTime));
        }
    }

    [Fact]
    public async Task Places_before_the_start_are_refused_and_the_start_is_said_L9()
    {
        var (disk, time) = (new FaultyFileSystem(), new ManualTime());
        await using var log = await OpenAsync(disk, time);
        await FillAsync(log, time);
        var all = await BatchesAsync(log);
        var step = await log.RetainAsync("orders", Place.EndOf(log.CompleteTo), CancellationToken.None);
        Assert.True(step.Records > 0 && step.Bytes > 0);
        var topic = log.Topics.Single(one => one.Name == "orders");
        var first = topic.StartOffsets[0];
        Assert.Equal(step.Records, first);
        Assert.Equal(40 - first, topic.Records);
        Assert.Equal(step.NextStart, topic.Start);
        Assert.Equal(Place.EndOf(all[(int)first - 1].LogTime), topic.Start);

        // The start itself, and everything behind it, can be read; anything before is refused, and nothing is invented.
        Assert.Equal(40 - first, (await BatchesAsync(log)).Count);
        Assert.Equal(40 - first, (await log.ReadAsync(topic.Start, "orders")).Count(batch => batch.Topic == "orders"));
        foreach (var place in new[] { new Place(1, 0), all[0].LastPlace, all[(int)first - 1].PlaceOf(0) })
        {
            var refused = await Logs.RefusedAsync(ErrorKind.NotFound, () => log.ReadAsync(place, "orders"));
            Assert.Contains(topic.Start.ToString(), refused.Message, StringComparison.Ordinal);
        }

        await Logs.RefusedAsync(
            ErrorKind.NotFound, async () => await log.FindAsync("orders", 0, first - 1, CancellationToken.None));
        Assert.Equal(
            all[(int)first].PlaceOf(0), await log.FindAsync("orders", 0, first, CancellationToken.None));

        // Other topics have not moved.
        Assert.NotEmpty(await log.ReadAsync(new Place(1, 0), "others"));
    }

    [Fact]
    public async Task Places_beyond_the_end_are_refused_as_foreign_L9()
    {
        var (disk, time) = (new FaultyFileSystem(), new ManualTime());
        await using var log = await OpenAsync(disk, time);
        await FillAsync(log, time);
        await Logs.RefusedAsync(
            ErrorKind.Conflict, () => log.ReadAsync(Place.EndOf(log.CompleteTo + 1), "orders"));
        Assert.Empty(await log.ReadAsync(Place.EndOf(log.CompleteTo), "orders"));
        Assert.Empty(await log.ReadAsync(new Place(log.CompleteTo + TimeSpan.TicksPerDay, 0), "orders"));
    }

    [Fact]
    public async Task Last_record_of_a_partition_stays_and_no_stamp_or_offset_is_given_twice_L7_L9()
    {
        var (disk, time) = (new FaultyFileSystem(), new ManualTime());
        long end, last;
        await using (var log = await OpenAsync(disk, time))
        {
            await FillAsync(log, time);
            await log.SealAsync("orders", CancellationToken.None);
            time.Advance(TimeSpan.FromDays(400));
            await log.RetainAsync("orders", Place.EndOf(log.CompleteTo), CancellationToken.None);
            end = log.Topics.Single(topic => topic.Name == "orders").EndOffsets[0];
            var left = await BatchesAsync(log);
            Assert.NotEmpty(left);
            Assert.Equal(end, left[^1].BaseOffset + left[^1].Count);
            last = log.CompleteTo;
        }

        // The wall clock is far behind what the log has seen.
        var behind = new ManualTime();
        await using var again = await OpenAsync(disk.Crash(new Random(1)), behind);
        var appended = await again.AppendAsync("orders", "next");
        Assert.Equal(end, appended.Batches[0].BaseOffset);
        Assert.True(appended.Batches[0].LogTime > last);
    }

    [Fact]
    public async Task Nothing_goes_that_the_archive_has_not_verified_and_without_one_history_is_lost_only_when_said_L9()
    {
        var (disk, time) = (new FaultyFileSystem(), new ManualTime());
        await using var log = await OpenAsync(disk, time);
        var kept = new TopicSettings { RetainFor = TimeSpan.FromMinutes(1) };
        var refused = await Logs.RefusedAsync(
            ErrorKind.Conflict, async () => await log.ChangeAsync(new CreateTopic("orders", 1, kept), default));
        Assert.Contains("--lose-history", refused.Next, StringComparison.Ordinal);
        await log.CreateAsync("orders");
        await Logs.RefusedAsync(
            ErrorKind.Conflict, async () => await log.ChangeAsync(new SetTopic("orders", kept), default));

        var waiting = new ImpatientTime();
        var archive = new Archive(
            new MemoryStore("memory", waiting), "orders", new ArchivePatience { Time = waiting, Attempts = 4 });
        var mirror = new Mirror(log, archive, Guid.NewGuid(), _ => { });
        log.Attach(archive);
        await log.ChangeAsync(new SetTopic("orders", kept), default);
        await FillAsync(log, time, isCreated: true);
        var all = await BatchesAsync(log);
        var end = Place.EndOf(log.CompleteTo);
        Assert.Equal(0, (await log.RetainAsync("orders", end, default)).Records);
        await mirror.CopyAsync(default);
        Assert.True((await log.RetainAsync("orders", end, default)).Records > 10);

        // Readers still begin with the first record, out of the archive.
        Assert.Equal(Place.Start, log.Topics.Single(topic => topic.Name == "orders").Start);
        Assert.Equal(all.Select(batch => batch.LastPlace), (await BatchesAsync(log)).Select(batch => batch.LastPlace));

        // The archive is gone, and nobody said that history may be lost.
        log.Detach(archive);
        Assert.True(log.Topics.Single(topic => topic.Name == "orders").Start > Place.Start);
        time.Advance(TimeSpan.FromDays(1));
        await log.AppendAsync("orders", Filler, Filler, Filler, Filler);
        Assert.Equal(0, (await log.RetainAsync("orders", Place.EndOf(log.CompleteTo), default)).Records);
    }

    [Fact]
    public async Task Reader_that_is_on_its_way_reads_on_or_is_told_L9()
    {
        var (disk, time) = (new FaultyFileSystem(), new ManualTime());
        await using var log = await OpenAsync(disk, time);
        await FillAsync(log, time);
        await using var early = log.Read(["orders"], Place.Start);
        var seen = new List<long>();
        while (seen.Count < 5 && early.TryRead(out var batch))
        {
            seen.AddRange(batch.Topic == "orders" ? [batch.BaseOffset] : []);
        }

        await using var there = log.Read(["orders"], Place.EndOf(log.CompleteTo));
        Assert.False(there.TryRead(out _));
        await log.RetainAsync("orders", Place.EndOf(log.CompleteTo), CancellationToken.None);
        var told = Assert.Throws<KappaException>(() =>
        {
            while (early.TryRead(out var batch))
            {
                seen.AddRange(batch.Topic == "orders" ? [batch.BaseOffset] : []);
            }
        });
        Assert.Equal(ErrorKind.NotFound, told.Kind);
        Assert.Throws<KappaException>(() => early.TryRead(out _));
        Assert.Equal(Enumerable.Range(0, seen.Count).Select(i => (long)i), seen);
        await log.AppendAsync("orders", "new");
        var next = new List<RecordBatch>();
        while (there.TryRead(out var batch))
        {
            next.Add(batch);
        }

        Assert.Equal(40, Assert.Single(next, batch => batch.Topic == "orders").BaseOffset);
    }

    [Fact]
    public async Task Loss_of_power_at_any_operation_moves_the_start_or_does_not_and_loses_nothing_else_L9_L7()
    {
        for (var at = 0; at < 30; at++)
        {
            var (disk, time) = (new FaultyFileSystem(), new ManualTime());
            await using var log = await OpenAsync(disk, time);
            await FillAsync(log, time);
            var all = await BatchesAsync(log);

            // The clock may just be writing what the time that passed asked for.
            var power = new PowerLoss(
                disk, at, new Random(at), isBroken: true, path => !path.Contains("/000001/", StringComparison.Ordinal));
            var step = log.PlanRetention("orders", Place.EndOf(log.CompleteTo));
            var trouble = await Xunit.Record.ExceptionAsync(
                async () => await log.RetainAsync("orders", Place.EndOf(log.CompleteTo), CancellationToken.None));
            var crashed = power.Ended();
            await using (var again = await OpenAsync(crashed, time))
            {
                var after = await BatchesAsync(again);
                Assert.True(after.Count == all.Count || after.Count == all.Count - step.Records, $"operation {at}");
                Assert.True(trouble is not null || after.Count < all.Count, $"operation {at}: it was said to be gone");
                Assert.Equal(all[^1].LogTime, after[^1].LogTime);
                Assert.Equal(["a"], await again.ValuesAsync("others"));
                Assert.Equal(40, (await again.AppendAsync("orders", "on")).Batches[0].BaseOffset);
                await again.RetainAsync("orders", Place.EndOf(again.CompleteTo), CancellationToken.None);
            }

            var verified = await EmbeddedLog.VerifyAsync("/log", crashed);
            Assert.True(verified.Findings.Count == 0, $"operation {at}: {string.Join('\n', verified.Findings)}");

            // In the log that lived on it can be done again.
            await log.RetainAsync("orders", Place.EndOf(log.CompleteTo), CancellationToken.None);
            Assert.Equal(all.Count - step.Records, (await BatchesAsync(log)).Count);
        }
    }

    [Fact]
    public async Task Segment_that_is_missing_behind_the_start_is_damage_L7_L9()
    {
        var (disk, time) = (new FaultyFileSystem(), new ManualTime());
        await using (var log = await OpenAsync(disk, time))
        {
            await FillAsync(log, time);
            await log.RetainAsync("orders", Place.EndOf(log.CompleteTo), CancellationToken.None);
        }

        disk.Delete(Segments(disk).First());
        await using var again = await OpenAsync(disk, time);
        await Logs.RefusedAsync(ErrorKind.Corrupt, () => BatchesAsync(again));
    }

    /// <summary>What must be left, from the files as they were and the rule's own words.</summary>
    private static List<long> Expected(
        FaultyFileSystem disk, List<string> folders, List<string> gone, List<RecordBatch> before,
        TopicSettings settings, Place needed, long now)
    {
        var there = disk.Snapshot();
        var starts = folders.Except(gone).GroupBy(path => Path.GetDirectoryName(path)).Select(partition =>
        {
            Assert.Null(SegmentHeader.TryRead(there[partition.First()], out var header));
            return header;
        }).ToDictionary(header => header.Partition);
        var left = before.Where(batch => batch.BaseOffset >= starts[batch.Partition].BaseOffset).ToList();

        // Nothing too young, nothing needed, and no partition's last record went.
        var lost = before.Except(left).ToList();
        Assert.DoesNotContain(lost, batch => batch.LastPlace > needed);
        Assert.All(starts.Keys, partition => Assert.Contains(left, batch => batch.Partition == partition));
        var bytes = folders.Except(gone).Sum(path => (long)there[path].Length);
        foreach (var header in starts.Values.Where(header => header.Number > 1))
        {
            var isOld = settings.RetainFor is { } time && now - header.PreviousStamp > time.Ticks;
            Assert.True(isOld || bytes >= settings.RetainBytes, "a segment went that was neither old nor too much");
        }

        // And what could have gone did: the next segment of each partition had to stay.
        foreach (var partition in folders.Except(gone).GroupBy(path => Path.GetDirectoryName(path)))
        {
            var rest = partition.ToList();
            if (rest.Count < 2)
            {
                continue;
            }

            Assert.Null(SegmentHeader.TryRead(there[rest[1]], out var next));
            var isNeeded = next.PreviousStamp >= needed.LogTime;
            var isOld = settings.RetainFor is { } time && now - next.PreviousStamp > time.Ticks;
            var isFirst = starts.Keys.Where(other => other != next.Partition).All(other => folders.Except(gone)
                .Where(path => path.Contains($"/{other:D4}/", StringComparison.Ordinal)).Skip(1).Take(1).All(path =>
                    SegmentHeader.TryRead(there[path], out var theirs) is null
                    && (theirs.PreviousStamp > next.PreviousStamp || theirs.PreviousStamp >= needed.LogTime)));
            var isTooMuch = bytes - there[rest[0]].Length >= settings.RetainBytes;
            Assert.True(isNeeded || (!isOld && !(isTooMuch && isFirst)), "a segment stayed that had to go");
        }

        return [.. left.Select(batch => batch.LogTime)];
    }

    private static List<string> Segments(FaultyFileSystem disk) => [.. disk.Snapshot().Keys
        .Where(path => path.StartsWith("/log/topics/000003", StringComparison.Ordinal))
        .Where(path => path.EndsWith(".segment", StringComparison.Ordinal))
        .Order(StringComparer.Ordinal)];

    private static async Task FillAsync(EmbeddedLog log, ManualTime time, bool isCreated = false)
    {
        if (!isCreated)
        {
            await log.ChangeAsync(
                new CreateTopic("orders", 1, new TopicSettings
                {
                    RetainFor = TimeSpan.FromMinutes(10),
                    LoseHistory = true,
                }),
                CancellationToken.None);
        }

        await log.CreateAsync("others");
        await log.AppendAsync("others", "a");
        for (var i = 0; i < 40; i++)
        {
            await log.AppendAsync("orders", $"{i}." + Filler);
            time.Advance(TimeSpan.FromMinutes(1));
        }
    }

    private static async Task<List<RecordBatch>> BatchesAsync(EmbeddedLog log) =>
        [.. (await log.ReadAsync(Place.Start, "orders")).Where(batch => batch.Topic == "orders")];

    private static async Task<EmbeddedLog> OpenAsync(FaultyFileSystem disk, ManualTime time) =>
        await Logs.OpenAsync("/log", options => options with { Files = disk, Time = time, SegmentBytesMax = 64 << 10 });
}
