using Xunit;

namespace Kappa.Log.Tests;

/// <summary>Rule L2: groups, failures, full disks.</summary>
public sealed class CommitterTests
{
    [Theory]
    [InlineData("sync")]
    [InlineData("write")]
    public async Task Failed_segment_is_never_appended_to_again_and_its_group_goes_to_a_new_one_L2(string failing)
    {
        var disk = new FaultyFileSystem();
        await using (var log = await OpenAsync(disk))
        {
            await log.CreateAsync("orders");
            await log.AppendAsync("orders", "a");
            var first = disk.Snapshot()[Segment(1)];
            disk.Fault = (what, path) =>
                what == failing && path == Segment(1) ? FaultyFileSystem.BrokenDisk(path) : null;
            await log.AppendAsync("orders", "b");
            await log.AppendAsync("orders", "c");
            Assert.True(disk.Snapshot()[Segment(1)].AsSpan().StartsWith(first));
            Assert.Equal(["a", "b", "c"], await log.ValuesAsync("orders"));
            Assert.True(disk.Snapshot().ContainsKey(Segment(2)));
        }

        // The disk that lied about the first segment now loses power: everything acknowledged is in the second.
        disk.Fault = null;
        await using var again = await OpenAsync(disk.Crash(new Random(1)));
        Assert.Equal(["a", "b", "c"], await again.ValuesAsync("orders"));
    }

    [Fact]
    public async Task What_lies_behind_the_end_of_a_poisoned_segment_is_void_for_ever_L2()
    {
        var disk = new FaultyFileSystem();
        await using var log = await OpenAsync(disk);
        await log.CreateAsync("orders");
        await log.AppendAsync("orders", "a");
        disk.Fault = (what, path) =>
            what is "sync" or "cut" && path == Segment(1) ? FaultyFileSystem.BrokenDisk(path) : null;
        await log.AppendAsync("orders", "b");
        disk.Fault = null;
        Assert.True(disk.Snapshot()[Segment(1)].Length > disk.Snapshot()[Segment(2)].Length);
        await log.DisposeAsync();
        await using var again = await OpenAsync(disk);
        Assert.Equal(["a", "b"], await again.ValuesAsync("orders"));
        await again.DisposeAsync();
        Assert.Empty((await EmbeddedLog.VerifyAsync("/log", disk)).Findings);
    }

    [Fact]
    public async Task Partition_stops_alone_when_no_segment_can_be_written_and_others_go_on_L2()
    {
        var disk = new FaultyFileSystem();
        await using (var log = await OpenAsync(disk))
        {
            await log.CreateAsync("orders");
            await log.CreateAsync("others");
            await log.AppendAsync("orders", "a");
            disk.Fault = (_, path) =>
                path.Contains("000003", StringComparison.Ordinal) ? FaultyFileSystem.BrokenDisk(path) : null;
            await Logs.RefusedAsync(ErrorKind.Unavailable, async () => await log.AppendAsync("orders", "b"));
            disk.Fault = null;
            await Logs.RefusedAsync(ErrorKind.Unavailable, async () => await log.AppendAsync("orders", "c"));
            await log.AppendAsync("others", "x");
            Assert.Equal(["x"], await log.ValuesAsync("others"));

            await using var sequence = log.Read(["orders"], Place.Start);
            var seen = new List<string>();
            await Logs.RefusedAsync(ErrorKind.Unavailable, () =>
            {
                while (sequence.TryRead(out var batch))
                {
                    seen.Add(batch.Topic);
                }

                return Task.CompletedTask;
            });
            Assert.Equal([Names.Clock, "orders"], seen);
            Assert.True(sequence.CompleteTo.LogTime < log.CompleteTo);
        }

        await using var again = await OpenAsync(disk);
        await again.AppendAsync("orders", "d");
        Assert.Equal("d", (await again.ValuesAsync("orders"))[^1]);
    }

    [Fact]
    public async Task Full_disk_refuses_clearly_reads_go_on_and_it_resumes_by_itself_I10()
    {
        var disk = new FaultyFileSystem();
        await using var log = await OpenAsync(disk);
        await log.CreateAsync("orders");
        await log.AppendAsync("orders", "a");
        await using var sequence = log.Read(["orders"], Place.Start);
        disk.Fault = (what, path) => what is "write" or "create" ? new DiskFullException(path) : null;
        var refused = await Logs.RefusedAsync(ErrorKind.Unavailable, async () => await log.AppendAsync("orders", "b"));
        Assert.Contains("full", refused.Message, StringComparison.Ordinal);
        Assert.Equal(["a"], await log.ValuesAsync("orders"));
        disk.Fault = null;
        await log.AppendAsync("orders", "c");
        Assert.Equal(["a", "c"], await log.ValuesAsync("orders"));
        var read = 0;
        while (sequence.TryRead(out _))
        {
            read++;
        }

        Assert.Equal(3, read);
        await using var again = await OpenAsync(disk.Crash(new Random(3)));
        Assert.Equal(["a", "c"], await again.ValuesAsync("orders"));
    }

    [Fact]
    public async Task Record_is_never_readable_nor_acknowledged_before_its_sync_L2_I3()
    {
        var disk = new FaultyFileSystem();
        await using var log = await OpenAsync(disk);
        await log.CreateAsync("orders");
        await log.AppendAsync("orders", "a");
        using var reached = new SemaphoreSlim(0);
        using var go = new ManualResetEventSlim();
        disk.Fault = (what, path) =>
        {
            if (what == "sync" && path == Segment(1))
            {
                reached.Release();
                go.Wait();
            }

            return null;
        };

        // The disk's own lock is held while it syncs, so what a reader could see is asked of the log alone.
        var before = log.CompleteTo;
        var pending = log.AppendAsync("orders", "b").AsTask();
        await reached.WaitAsync();
        Assert.False(pending.IsCompleted);
        Assert.Equal(before, log.CompleteTo);
        Assert.Equal(1, log.Topics.Single(topic => topic.Name == "orders").Records);
        go.Set();
        Assert.True((await pending).Last <= Place.EndOf(log.CompleteTo));
        Assert.Equal(2, log.Topics.Single(topic => topic.Name == "orders").Records);
    }

    [Fact]
    public async Task Full_queue_makes_appends_wait_and_takes_them_in_the_end()
    {
        using var folder = new TemporaryFolder();
        await using var log = await Logs.OpenAsync(folder.Path, options => options with { QueueBytesMax = 64 << 10 });
        await log.CreateAsync("orders");
        var value = new string('x', 30_000);
        await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => log.AppendAsync("orders", value).AsTask()));
        Assert.Equal(50, (await log.ValuesAsync("orders")).Count);
        await Logs.RefusedAsync(
            ErrorKind.Invalid, async () => await log.AppendAsync("orders", value, value, value));
    }

    [Fact]
    public async Task Segments_roll_by_size_and_reading_passes_over_their_joins()
    {
        using var folder = new TemporaryFolder();
        var values = Enumerable.Range(0, 300).Select(i => $"{i}:" + new string('x', 2_000)).ToList();
        await using (var log = await Logs.OpenAsync(
            folder.Path, options => options with { SegmentBytesMax = 64 << 10 }))
        {
            await log.CreateAsync("orders");
            foreach (var value in values)
            {
                await log.AppendAsync("orders", value);
            }

            Assert.Equal(values, await log.ValuesAsync("orders"));
        }

        var sizes = Directory.GetFiles(folder.Sub("topics/000003/0000"), "*.segment")
            .Select(path => new FileInfo(path).Length).ToList();
        Assert.InRange(sizes.Count, 9, 12);
        Assert.All(sizes, size => Assert.InRange(size, 1, 64 << 10));
        await using var again = await Logs.OpenAsync(folder.Path);
        Assert.Equal(values, await again.ValuesAsync("orders"));
    }

    private static string Segment(int number) => $"/log/topics/000003/0000/0000000{number}.segment";

    private static async Task<EmbeddedLog> OpenAsync(FaultyFileSystem disk) =>
        await Logs.OpenAsync("/log", options => options with { Files = disk });
}
