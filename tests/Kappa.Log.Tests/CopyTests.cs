using System.Globalization;
using System.Text;
using Xunit;

namespace Kappa.Log.Tests;

/// <summary>A copy of a running log holds everything up to one place and nothing behind; put back, it is another log
/// (rules L3, L7, L8, L9).</summary>
public sealed class CopyTests
{
    private static readonly string[] Topics = ["orders", "alerts@1"];

    [Fact]
    public async Task A_copy_under_load_holds_exactly_what_was_appended_up_to_its_place_and_appends_go_on_L3()
    {
        for (var seed = 1; seed <= 12; seed++)
        {
            var disk = new FaultyFileSystem();
            var pausing = new PausingDisk(disk);
            var time = new ManualTime();
            var log = await OpenAsync(pausing, time);
            await log.CreateAsync("orders", 3);
            await log.CreateAsync("alerts@1");
            using var stop = new CancellationTokenSource();
            var producers = Enumerable.Range(0, 3).Select(number => ProduceAsync(log, number, stop.Token)).ToList();
            var random = new Random(seed);

            // Some is there before, and at every file of the copy more has come.
            await UntilAsync(log, random.Next(20, 200));
            pausing.BeforeCreate = path =>
            {
                if (path.StartsWith("/copy", StringComparison.Ordinal))
                {
                    UntilAsync(log, Records(log) + random.Next(1, 20)).GetAwaiter().GetResult();
                }
            };
            var copied = await log.CopyAsync("/copy", _ => new((Place?)null), CancellationToken.None);
            pausing.BeforeCreate = _ => { };
            await stop.CancelAsync();
            await Task.WhenAll(producers);

            var expected = await ContentAsync(log, copied.Place);
            var behind = Records(log) - expected.Count(line => !line.StartsWith('_'));
            Assert.True(behind > 0, $"seed {seed}: nothing was appended during the copy.");
            await log.DisposeAsync();
            Restore(disk, copied, "/copy", "/again", Guid.NewGuid());
            await using var again = await OpenAsync(disk, time, "/again");
            Assert.Equal(expected, await ContentAsync(again, copied.Place));
            Assert.Equal(expected.Count(line => !line.StartsWith('_')), Records(again));
            Assert.NotEqual(copied.Log, again.Id);
            foreach (var topic in again.Topics.Where(topic => Topics.Contains(topic.Name)))
            {
                // Whatever is appended from now on lies behind the place.
                var appended = await again.AppendAsync(topic.Name, "more");
                Assert.True(appended.Batches[0].LogTime > copied.Place.LogTime, $"seed {seed}");
            }
        }
    }

    [Fact]
    public async Task A_restored_log_knows_its_producers_and_refuses_segments_of_the_old_one_L8_L9()
    {
        var disk = new FaultyFileSystem();
        var time = new ManualTime();
        await using var log = await OpenAsync(disk, time);
        await log.CreateAsync("orders");
        var first = await log.AppendNumberedAsync("orders", "p", 1, Logs.Value("one"));
        var copied = await log.CopyAsync("/copy", _ => new((Place?)null), CancellationToken.None);
        await log.AppendNumberedAsync("orders", "p", 2, Logs.Value("lost"));

        Restore(disk, copied, "/copy", "/again", Guid.NewGuid());
        await using (var again = await OpenAsync(disk, time, "/again"))
        {
            var repeated = await again.AppendNumberedAsync("orders", "p", 1, Logs.Value("one"));
            Assert.True(repeated.Repeated);
            Assert.Equal(first.Batches, repeated.Batches);
            await Logs.RefusedAsync(
                ErrorKind.Conflict, async () => await again.AppendNumberedAsync("orders", "p", 1, Logs.Value("x")));
            Assert.False((await again.AppendNumberedAsync("orders", "p", 2, Logs.Value("two"))).Repeated);
        }

        // A segment of the old log under the new one's name is no part of it.
        const string Segment = "topics/000003/0000/00000001.segment";
        disk.Put("/again/" + Segment, disk.Snapshot()["/copy/" + Segment]);
        await using var mixed = await OpenAsync(disk, time, "/again");
        var refused = await Logs.RefusedAsync(
            ErrorKind.Corrupt, async () => await mixed.AppendAsync("orders", "more"));
        Assert.Contains("another log", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_damaged_byte_anywhere_in_a_segment_is_named_and_no_copy_is_made_L10()
    {
        var disk = new FaultyFileSystem();
        await using var log = await OpenAsync(disk, new ManualTime());
        await log.CreateAsync("orders");
        for (var i = 0; i < 5; i++)
        {
            await log.AppendAsync("orders", "value " + i);
        }

        const string Path = "/log/topics/000003/0000/00000001.segment";
        var whole = disk.Snapshot()[Path];
        for (var at = 0; at < whole.Length; at++)
        {
            byte[] damaged = [.. whole];
            damaged[at] ^= 0x10;
            disk.Put(Path, damaged);
            var into = "/copy" + at.ToString(CultureInfo.InvariantCulture);
            var refused = await Logs.RefusedAsync(
                ErrorKind.Corrupt,
                async () => await log.CopyAsync(into, _ => new((Place?)null), CancellationToken.None));
            Assert.Contains(Path, refused.Message, StringComparison.Ordinal);
            Assert.False(disk.Exists(into + "/log.json"), $"byte {at}");
        }
    }

    [Fact]
    public async Task A_topic_dropped_during_a_copy_keeps_its_files_until_the_copy_is_done()
    {
        var disk = new FaultyFileSystem();
        var pausing = new PausingDisk(disk);
        await using var log = await OpenAsync(pausing, new ManualTime());
        await log.CreateAsync("alerts@1");
        await log.CreateAsync("orders");
        await log.AppendAsync("alerts@1", "said");
        await log.AppendAsync("orders", "one");
        var isDropped = false;
        pausing.BeforeCreate = path =>
        {
            if (path.StartsWith("/copy", StringComparison.Ordinal) && !isDropped)
            {
                isDropped = true;
                log.ChangeAsync(new DropTopic("alerts@1"), CancellationToken.None).AsTask().GetAwaiter().GetResult();
            }
        };
        var copied = await log.CopyAsync("/copy", _ => new((Place?)null), CancellationToken.None);

        Assert.True(isDropped);
        Assert.Contains(copied.Files, file => file.Name == "topics/000003/0000/00000001.segment");
        Assert.DoesNotContain(log.Topics, topic => topic.Name == "alerts@1");
        Assert.False(disk.Exists("/log/topics/000003/0000/00000001.segment"));
        Restore(disk, copied, "/copy", "/again", Guid.NewGuid());
        await using var again = await OpenAsync(disk, new ManualTime(), "/again");
        Assert.Equal(["said"], await again.ValuesAsync("alerts@1"));
    }

    [Fact]
    public async Task Retention_waits_for_a_copy_and_what_it_left_is_copied_with_what_is_known_of_producers_L8_L9()
    {
        var disk = new FaultyFileSystem();
        var pausing = new PausingDisk(disk);
        var time = new ManualTime();
        await using var log = await OpenAsync(pausing, time);
        var settings = new TopicSettings { RetainFor = TimeSpan.FromMinutes(2), LoseHistory = true };
        await log.ChangeAsync(new CreateTopic("orders", 1, settings), CancellationToken.None);
        await log.CreateAsync("alerts@1");
        var filler = new string('x', 8_000);
        for (var number = 1; number <= 60; number++)
        {
            await log.AppendNumberedAsync("orders", "p", number, Logs.Value(number + filler));
            time.Advance(TimeSpan.FromSeconds(10));
        }

        Assert.True((await RetainAsync(log)) > 10);
        time.Advance(TimeSpan.FromMinutes(5));
        await log.AppendNumberedAsync("orders", "p", 61, Logs.Value("last"));
        var removed = -1L;
        pausing.BeforeCreate = path =>
        {
            if (path.StartsWith("/copy", StringComparison.Ordinal))
            {
                removed = RetainAsync(log).AsTask().GetAwaiter().GetResult();
            }
        };
        var copied = await log.CopyAsync("/copy", _ => new((Place?)null), CancellationToken.None);
        pausing.BeforeCreate = _ => { };
        var expected = await ContentAsync(log, copied.Place);

        Assert.Equal(0, removed);
        Assert.True(await RetainAsync(log) > 0);
        Restore(disk, copied, "/copy", "/again", Guid.NewGuid());
        await using var again = await OpenAsync(disk, time, "/again");
        Assert.Equal(expected, await ContentAsync(again, copied.Place));
        Assert.True((await again.AppendNumberedAsync("orders", "p", 61, Logs.Value("last"))).Repeated);
        Assert.True((await again.AppendNumberedAsync("orders", "p", 1, Logs.Value("1" + filler))).Repeated);
    }

    [Fact]
    public async Task A_disk_that_fails_anywhere_in_a_copy_fails_the_copy_and_not_the_log()
    {
        for (var failing = 0; ; failing++)
        {
            var disk = new FaultyFileSystem();
            await using var log = await OpenAsync(disk, new ManualTime());
            await log.CreateAsync("orders", 2);
            await log.AppendAsync("orders", "one", "two");
            var left = failing;
            disk.Fault = (_, path) => path.StartsWith("/copy", StringComparison.Ordinal) && left-- == 0
                ? new DiskFullException(path) : null;
            try
            {
                await log.CopyAsync("/copy", _ => new((Place?)null), CancellationToken.None);
                Assert.True(failing > 10, "the disk was asked more often");
                return;
            }
            catch (DiskFullException)
            {
                disk.Fault = null;
                await log.AppendAsync("orders", "three");
            }
        }
    }

    [Fact]
    public async Task A_place_beyond_the_end_or_inside_a_batch_is_refused_L9()
    {
        var disk = new FaultyFileSystem();
        await using var log = await OpenAsync(disk, new ManualTime());
        foreach (var place in new[] { Place.EndOf(log.CompleteTo + 1), new Place(log.CompleteTo, 0) })
        {
            await Logs.RefusedAsync(ErrorKind.Invalid, async () =>
                await log.CopyAsync("/copy", _ => new((Place?)place), CancellationToken.None));
        }
    }

    private static ValueTask<EmbeddedLog> OpenAsync(IFileSystem disk, ManualTime time, string folder = "/log") =>
        EmbeddedLog.OpenAsync(
            new LogOptions { Folder = folder, Files = disk, Time = time, SegmentBytesMax = 64 << 10 },
            CancellationToken.None);

    private static async Task ProduceAsync(EmbeddedLog log, int number, CancellationToken stop)
    {
        var padding = new string('x', 400);
        for (var i = 0; !stop.IsCancellationRequested; i++)
        {
            var topic = Topics[i % Topics.Length];
            await log.AppendAsync(
                new AppendRequest(
                    topic, [Logs.Keyed($"k{i % 7}", $"{number}.{i} {padding}"), Logs.Keyed($"k{i % 5}", "second")],
                    $"producer-{number}", i),
                CancellationToken.None);
        }
    }

    private static async ValueTask<long> RetainAsync(EmbeddedLog log) =>
        (await log.RetainAsync("orders", Place.EndOf(log.CompleteTo), CancellationToken.None)).Records;

    private static long Records(EmbeddedLog log) =>
        log.Topics.Where(topic => Topics.Contains(topic.Name)).Sum(topic => topic.Records);

    private static async Task UntilAsync(EmbeddedLog log, long records)
    {
        while (Records(log) < records)
        {
            await Task.Yield();
        }
    }

    private static void Restore(IFileSystem disk, LogCopy copied, string from, string into, Guid id)
    {
        var restore = new LogRestore(disk, from, into, new LogId(id));
        foreach (var file in copied.Files)
        {
            Assert.Equal(file, restore.Copy(file.Name, CancellationToken.None));
        }
    }

    /// <summary>Every record up to a place, as text: topic, partition, offset, place, key, value.</summary>
    private static async Task<List<string>> ContentAsync(EmbeddedLog log, Place upTo)
    {
        var lines = new List<string>();
        foreach (var batch in await log.ReadAsync(Place.Start, Topics))
        {
            foreach (var record in batch)
            {
                if (record.Place <= upTo)
                {
                    lines.Add(
                        $"{batch.Topic} {batch.Partition} {record.Offset} {record.Place} "
                        + $"{Encoding.UTF8.GetString(record.Key)} {Encoding.UTF8.GetString(record.Value)}");
                }
            }
        }

        return lines;
    }
}
