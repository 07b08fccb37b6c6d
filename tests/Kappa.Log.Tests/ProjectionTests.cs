using System.Text;
using Xunit;

namespace Kappa.Log.Tests;

/// <summary>Twins of segments are a cache: whatever happens to them, readers get the same events (rule L11).</summary>
public sealed class ProjectionTests
{
    private const string Folder = "/twins";

    [Fact]
    public async Task Twins_hold_typed_values_at_the_same_places_L11_L3()
    {
        var disk = await MadeAsync();
        await using var log = await OpenAsync(disk);
        var raw = await log.ReadAsync(Place.Start, "t");
        var typed = await TypedAsync(log);

        Assert.Equal(
            raw.Select(batch => (batch.Topic, batch.Partition, batch.BaseOffset, batch.Count, batch.LastPlace)),
            typed.Select(batch => (batch.Topic, batch.Partition, batch.BaseOffset, batch.Count, batch.LastPlace)));
        Assert.True(typed.Count(batch => batch.Projection is not null) > 50);
        Assert.Contains(typed.Where(batch => batch.Topic == "t"), batch => batch.Projection is null);
        foreach (var (appended, batch) in raw.Zip(typed).Where(pair => pair.Second.Projection is not null))
        {
            var records = batch.AsAppended();
            foreach (var record in appended)
            {
                Assert.True(records.MoveNext());
                Assert.Equal((record.Offset, record.Place), (records.Current.Offset, records.Current.Place));
                Assert.True(record.Value.SequenceEqual(records.Current.Value));
                Assert.Equal(record.Key, records.Current.Key);
            }
        }

        Assert.Equal(Reversed.Events(raw), Reversed.Events(typed));
        Assert.Equal((2, true), (log.ProjectionsOf("t").Count, log.ProjectionsOf("t").Bytes > 50_000));
    }

    [Fact]
    public async Task A_reader_from_any_place_gets_the_same_from_there_on_L4_L11()
    {
        var disk = await MadeAsync();
        await using var log = await OpenAsync(disk);
        var all = await log.ReadAsync(Place.Start, "t");
        for (var at = 0; at < all.Count; at += 13)
        {
            var after = all[at].PlaceOf(all[at].Count / 2);
            var behind = Reversed.Events(await log.ReadAsync(after, "t"));
            Assert.Equal(behind, Reversed.Events(await TypedAsync(log, after)));
        }
    }

    [Fact]
    public async Task A_part_of_a_typed_batch_finds_its_own_records()
    {
        await using var log = await OpenAsync(await MadeAsync());
        var batch = (await TypedAsync(log)).First(batch => batch.Projection is not null && batch.Count > 5);
        var ends = new List<int>();
        for (var records = batch.GetEnumerator(); records.MoveNext();)
        {
            ends.Add(records.EncodedEnd);
        }

        var part = batch.Part(2, 3, batch.EncodedRecords[ends[1]..ends[4]]);
        var last = part.Part(1, 2, part.EncodedRecords[(ends[2] - ends[1])..]);

        Assert.Equal(Reversed.Events([batch])[3..5], Reversed.Events([last]));
        Assert.Equal(batch.PlaceOf(4), last.LastPlace);
    }

    [Fact]
    public async Task A_damaged_twin_is_removed_and_counted_and_the_log_is_read_L11()
    {
        var made = (await MadeAsync()).Snapshot();
        var path = made.Keys.First(name => name.EndsWith(".projection", StringComparison.Ordinal));
        var size = BitConverter.ToInt32(made[path], 96 + 12);
        string[]? expected = null;

        // Every byte of the headers, then some of each later part, then a file cut short or written on.
        var places = Enumerable.Range(0, size + 104).Where(at => at % 9 == 0)
            .Concat([size + 104, size + 120, made[path].Length / 2, made[path].Length - 1]);
        var changes = places.Select(at => (Func<byte[], byte[]>)(bytes =>
            {
                bytes[at] ^= 0x41;
                return bytes;
            }))
            .Concat([bytes => bytes[..^1], bytes => bytes[..(size + 50)], bytes => [], bytes => [.. bytes, 0],
                bytes => [.. made.Single(file => file.Key.EndsWith("projection", StringComparison.Ordinal)
                    && file.Key != path).Value]]);
        foreach (var change in changes)
        {
            var disk = new FaultyFileSystem();
            foreach (var (name, bytes) in made)
            {
                disk.Put(name, name == path ? change([.. bytes]) : [.. bytes]);
            }

            await using var log = await OpenAsync(disk);
            expected ??= Reversed.Events(await log.ReadAsync(Place.Start, "t"));
            Assert.Equal(expected, Reversed.Events(await TypedAsync(log)));
            Assert.Equal((1, 1), (log.ProjectionsDamaged, log.ProjectionsOf("t").Count));
            Assert.DoesNotContain(path, disk.Snapshot().Keys);
        }
    }

    [Fact]
    public async Task Twins_may_be_deleted_or_broken_while_they_are_read_L11()
    {
        for (var after = 0; after < 120; after += 13)
        {
            var disk = await MadeAsync();
            await using var log = await OpenAsync(disk);
            var expected = Reversed.Events(await log.ReadAsync(Place.Start, "t"));
            await using var sequence = log.Read(["t"], Place.Start, [new Reversed()]);
            var batches = new List<RecordBatch>();
            while (sequence.TryRead(out var batch))
            {
                batches.Add(batch);
                foreach (var (name, bytes) in batches.Count == after ? disk.Snapshot() : new Dictionary<string,
                    byte[]>())
                {
                    if (name.StartsWith(Folder, StringComparison.Ordinal) && after % 2 == 0)
                    {
                        disk.Delete(name);
                    }
                    else if (name.StartsWith(Folder, StringComparison.Ordinal))
                    {
                        disk.Put(name, new byte[bytes.Length]);
                    }
                }
            }

            Assert.Equal(expected, Reversed.Events(batches));
        }
    }

    [Fact]
    public async Task A_crash_while_a_twin_is_written_leaves_a_whole_one_or_none_L11()
    {
        var made = (await MadeAsync(isProjected: false)).Snapshot();
        for (var seed = 1; seed <= 25; seed++)
        {
            var random = new Random(seed);
            var disk = new FaultyFileSystem();
            foreach (var (name, bytes) in made)
            {
                disk.Put(name, [.. bytes]);
            }

            FaultyFileSystem after;
            string[] expected;
            bool isCut;
            await using (var log = await OpenAsync(disk))
            {
                expected = Reversed.Events(await log.ReadAsync(Place.Start, "t"));
                var power = new PowerLoss(
                    disk, random.Next(12), random, of: path => path.StartsWith(Folder, StringComparison.Ordinal));
                await log.ProjectAsync(new Reversed(), null, CancellationToken.None);
                isCut = power.HasCome;
                after = power.Ended();
            }

            await using var again = await OpenAsync(after);
            Assert.Equal(expected, Reversed.Events(await TypedAsync(again)));
            Assert.DoesNotContain(
                after.Snapshot().Keys, name => isCut && name.EndsWith(".new", StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task A_full_disk_costs_the_twin_and_nothing_else_L11()
    {
        var disk = await MadeAsync(isProjected: false);
        await using var log = await OpenAsync(disk);
        foreach (var what in new[] { "create", "write", "sync", "rename", "sync folder" })
        {
            disk.Fault = (step, path) => step == what && path.StartsWith(Folder, StringComparison.Ordinal)
                ? FaultyFileSystem.BrokenDisk(path) : null;
            await Logs.RefusedAsync(
                ErrorKind.Unavailable, () => log.ProjectAsync(new Reversed(), null, CancellationToken.None).AsTask());
            disk.Fault = null;
            Assert.Equal(0, log.ProjectionsOf("t").Count);
            Assert.DoesNotContain(disk.Snapshot().Keys, name => name.EndsWith(".new", StringComparison.Ordinal));
            await log.AppendAsync("t", "on it goes");
        }

        Assert.Equal(2, await log.ProjectAsync(new Reversed(), null, CancellationToken.None));
        Assert.Equal(0, await log.ProjectAsync(new Reversed(), null, CancellationToken.None));
    }

    [Fact]
    public async Task Twins_of_unused_keys_go_L11()
    {
        await using var log = await OpenAsync(await MadeAsync());
        await AppendAsync(log, "said@1");
        Assert.True(await log.ProjectAsync(new Reversed('a', "said@1"), null, CancellationToken.None) > 0);
        await log.ChangeAsync(new CompleteTopic("t"), CancellationToken.None);
        Assert.Equal(4, await log.ProjectAsync(new Reversed('b'), null, CancellationToken.None));
        Assert.Equal(6, log.ProjectionsOf("t").Count);

        await log.ChangeAsync(new DropTopic("said@1"), CancellationToken.None);
        log.KeepProjections([new Reversed('b').Key]);

        Assert.Equal(4, log.ProjectionsOf("t").Count);
        Assert.All(
            (await TypedAsync(log)).Where(batch => batch.Topic == "t"), batch => Assert.Null(batch.Projection));
        log.KeepProjections([]);
        Assert.Equal(0, log.ProjectionsOf("t").Count);
    }

    [Fact]
    public async Task Twins_of_a_dropped_topic_go_with_it_L11()
    {
        var disk = await MadeAsync(isProjected: false);
        await using var log = await OpenAsync(disk);
        await AppendAsync(log, "said@1");
        Assert.True(await log.ProjectAsync(new Reversed('a', "said@1"), null, CancellationToken.None) > 0);

        await log.ChangeAsync(new DropTopic("said@1"), CancellationToken.None);

        Assert.DoesNotContain(disk.Snapshot().Keys, name => name.StartsWith(Folder, StringComparison.Ordinal));
    }

    private static async Task<FaultyFileSystem> MadeAsync(bool isProjected = true)
    {
        var disk = new FaultyFileSystem();
        await using var log = await OpenAsync(disk);
        await AppendAsync(log, "t", 2);
        if (isProjected)
        {
            Assert.Equal(2, await log.ProjectAsync(new Reversed(), null, CancellationToken.None));
        }

        return disk;
    }

    private static async Task AppendAsync(EmbeddedLog log, string topic, int partitions = 1)
    {
        await log.CreateAsync(topic, partitions);
        for (var request = 0; request < 120; request++)
        {
            await log.AppendAsync(
                new AppendRequest(topic, [.. Enumerable.Range(0, 9).Select(n => RecordOf((request * 9) + n))]),
                CancellationToken.None);
        }
    }

    private static NewRecord RecordOf(int number) => number % 50 == 9
        ? new NewRecord("k"u8.ToArray(), null)
        : NewRecord.Of(
            Encoding.UTF8.GetBytes("k" + (number % 7)),
            Encoding.UTF8.GetBytes((number % 41 == 3 ? "!" : "v") + number + new string('x', 180)),
            number % 11 == 0 ? [new("h", new byte[] { 1 })] : null);

    private static ValueTask<EmbeddedLog> OpenAsync(FaultyFileSystem disk) => EmbeddedLog.OpenAsync(
        new LogOptions { Folder = "/log", ProjectionFolder = Folder, Files = disk, SegmentBytesMax = 64 << 10 },
        CancellationToken.None);

    private static async Task<List<RecordBatch>> TypedAsync(EmbeddedLog log, Place after = default)
    {
        var batches = new List<RecordBatch>();
        await using var sequence = log.Read(["t"], after, [new Reversed()]);
        while (sequence.TryRead(out var batch))
        {
            batches.Add(batch);
        }

        return batches;
    }
}
