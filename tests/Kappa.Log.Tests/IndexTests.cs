using Xunit;

namespace Kappa.Log.Tests;

/// <summary>The sparse indexes of sealed segments: quick, rebuilt, never trusted blindly.</summary>
public sealed class IndexTests
{
    private const string Folder = "/log/topics/000003/0000/";

    [Fact]
    public async Task Any_offset_and_any_time_is_found_by_whatever_index_there_is()
    {
        var (disk, batches) = await MakeAsync();
        var whole = disk.Snapshot();
        var indexes = whole.Keys.Where(path => path.EndsWith(".index", StringComparison.Ordinal)).ToList();
        Assert.Equal(3, indexes.Count(path => path.StartsWith(Folder, StringComparison.Ordinal)));
        var random = new Random(7);
        foreach (var damage in Enum.GetValues<IndexDamage>())
        {
            var after = RecoveryTests.Disk(whole);
            foreach (var path in indexes)
            {
                Damage(after, path, whole, damage, random);
            }

            await CheckAsync(after, batches, random, damage);

            // Those that were asked for are whole again, whatever they were before.
            Assert.Equal(whole[indexes[0]], after.Snapshot()[indexes[0]]);
        }
    }

    [Fact]
    public async Task Little_is_read_to_find_an_offset_however_long_the_segment_is()
    {
        var (disk, batches) = await MakeAsync();
        await using var log = await OpenAsync(disk);
        var random = new Random(9);
        for (var i = 0; i < 60; i++)
        {
            var batch = batches[random.Next(batches.Count)];
            var before = disk.BytesRead;
            await log.FindAsync("orders", 0, batch.BaseOffset, CancellationToken.None);

            // From one mark of the index to the next, in pieces of 256 KiB; a segment has 2 MiB.
            Assert.InRange(disk.BytesRead - before, 1, 800 << 10);
        }
    }

    [Fact]
    public async Task Index_that_lies_behind_a_right_checksum_is_found_out_and_made_again()
    {
        var (disk, batches) = await MakeAsync();
        var whole = disk.Snapshot();
        var path = Folder + "00000001.index";
        Assert.Null(SegmentHeader.TryRead(whole[Folder + "00000001.segment"], out var header));
        var end = whole[Folder + "00000001.segment"].Length;
        var marks = SegmentIndex.TryParse(whole[path], header, end)!;
        Assert.True(marks.Length >= 4);
        foreach (var shift in new[] { -1L, 1, 104, 20_000, 1 << 30 })
        {
            var after = RecoveryTests.Disk(whole);
            after.Put(path, SegmentIndex.ToBytes(header, end, [.. marks.Select((mark, i) =>
                i == 0 ? mark : mark with { Position = mark.Position + shift })]));
            await CheckAsync(after, batches, new Random(3), IndexDamage.None);
            after.Put(path, SegmentIndex.ToBytes(header, end, [.. marks.Select((mark, i) =>
                i == 0 ? mark : mark with { BaseOffset = mark.BaseOffset - 1 })]));
            await CheckAsync(after, batches, new Random(4), IndexDamage.None);
            Assert.Equal(whole[path], after.Snapshot()[path]);
        }
    }

    [Fact]
    public async Task Disk_that_takes_no_index_costs_nothing_but_the_index()
    {
        var disk = new FaultyFileSystem
        {
            Fault = (what, path) =>
                path.EndsWith(".index", StringComparison.Ordinal) ? new DiskFullException(path) : null,
        };
        var (_, batches) = await MakeAsync(disk);
        Assert.DoesNotContain(disk.Snapshot().Keys, path => path.EndsWith(".index", StringComparison.Ordinal));
        await CheckAsync(disk, batches, new Random(5), IndexDamage.Missing);
    }

    [Fact]
    public async Task Segments_roll_by_age_in_log_time_also_where_nothing_is_appended_any_more()
    {
        var time = new ManualTime();
        var disk = new FaultyFileSystem();
        await using var log = await Logs.OpenAsync("/log", options => options with
        {
            Files = disk,
            Time = time,
            SegmentAgeMax = TimeSpan.FromHours(1),
        });
        await log.CreateAsync("orders");
        await log.CreateAsync("idle");
        await log.AppendAsync("orders", "a");
        await log.AppendAsync("idle", "i");
        time.Advance(TimeSpan.FromMinutes(30));
        await log.AppendAsync("orders", "b");
        Assert.DoesNotContain(Folder + "00000002.segment", disk.Snapshot().Keys);
        time.Advance(TimeSpan.FromMinutes(31));
        await log.AppendAsync("orders", "c");
        Assert.Contains(Folder + "00000002.segment", disk.Snapshot().Keys);
        Assert.Contains("/log/topics/000004/0000/00000002.segment", disk.Snapshot().Keys);

        // An empty one is not closed again.
        time.Advance(TimeSpan.FromHours(3));
        await log.AppendAsync("orders", "d");
        Assert.DoesNotContain("/log/topics/000004/0000/00000003.segment", disk.Snapshot().Keys);
        Assert.Equal(["a", "b", "c", "d"], await log.ValuesAsync("orders"));
        await log.AppendAsync("idle", "j");
        Assert.Equal(["i", "j"], await log.ValuesAsync("idle"));
    }

    [Fact]
    public async Task Nothing_is_added_to_a_segment_whose_closing_failed_L2()
    {
        var disk = new FaultyFileSystem();
        await using var log = await Logs.OpenAsync("/log", options => options with { Files = disk });
        await log.CreateAsync("orders");
        await log.AppendAsync("orders", "a");
        disk.Fault = (what, path) => what == "sync folder" ? FaultyFileSystem.BrokenDisk(path) : null;
        await Logs.RefusedAsync(ErrorKind.Unavailable, () => log.SealAsync("orders", CancellationToken.None));
        disk.Fault = null;
        await log.AppendAsync("orders", "b");
        for (var seed = 0; seed < 20; seed++)
        {
            await using var again = await Logs.OpenAsync(
                "/log", options => options with { Files = disk.Crash(new Random(seed)) });
            Assert.Equal(["a", "b"], await again.ValuesAsync("orders"));
        }
    }

    private static async Task<(FaultyFileSystem Disk, List<RecordBatch> Batches)> MakeAsync(
        FaultyFileSystem? disk = null)
    {
        disk ??= new FaultyFileSystem();
        await using var log = await OpenAsync(disk);
        await log.CreateAsync("orders");
        for (var i = 0; i < 160; i++)
        {
            await log.AppendAsync("orders", $"{i}." + new string('x', 40_000), $"{i}");
        }

        return (disk, [.. (await log.ReadAsync(Place.Start, "orders")).Where(batch => batch.Topic == "orders")]);
    }

    private static async Task CheckAsync(
        FaultyFileSystem disk, List<RecordBatch> batches, Random random, IndexDamage damage)
    {
        await using var log = await OpenAsync(disk);
        foreach (var batch in batches.OrderBy(_ => random.Next()).Take(40).Append(batches[10]))
        {
            var offset = batch.BaseOffset + random.Next(2);
            Assert.Equal(
                batch.PlaceOf((int)(offset - batch.BaseOffset)),
                await log.FindAsync("orders", 0, offset, CancellationToken.None));
            await using var sequence = log.Read(["orders"], new Place(batch.LogTime, 0));
            RecordBatch? first;
            do
            {
                Assert.True(sequence.TryRead(out first), $"{damage}: nothing at {offset}");
            }
            while (first.Topic != "orders");
            Assert.Equal(batch.BaseOffset, first.BaseOffset);
            Assert.True(first.EncodedRecords.Span.SequenceEqual(batch.EncodedRecords.Span));
        }

        // Every sealed segment is asked, so that every index is there.
        for (var i = 0; i < batches.Count; i += 4)
        {
            await log.FindAsync("orders", 0, batches[i].BaseOffset + 1, CancellationToken.None);
        }
    }

    private static void Damage(
        FaultyFileSystem disk, string path, IReadOnlyDictionary<string, byte[]> whole, IndexDamage damage,
        Random random)
    {
        var bytes = (byte[])whole[path].Clone();
        switch (damage)
        {
            case IndexDamage.Missing:
                disk.Delete(path);
                return;
            case IndexDamage.Empty:
                bytes = [];
                break;
            case IndexDamage.Cut:
                bytes = bytes[..random.Next(bytes.Length)];
                break;
            case IndexDamage.Flipped:
                bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
                break;
            case IndexDamage.OfAnother:
                bytes = whole[Folder + (path.Contains("00000001", StringComparison.Ordinal)
                    ? "00000002.index" : "00000001.index")];
                break;
        }

        disk.Put(path, bytes);
    }

    private static async Task<EmbeddedLog> OpenAsync(FaultyFileSystem disk) =>
        await Logs.OpenAsync("/log", options => options with { Files = disk, SegmentBytesMax = 2 << 20 });

    private enum IndexDamage
    {
        None,
        Missing,
        Empty,
        Cut,
        Flipped,
        OfAnother,
    }
}
