using Xunit;

namespace Kappa.Log.Tests;

/// <summary>
/// What goes wrong around a log: each is a clear error, nothing acknowledged is lost, and work goes on.
/// </summary>
public sealed class BadTimesTests
{
    public static TheoryData<string> Troubles => ["full", "read-only", "rights", "handles"];

    [Theory]
    [MemberData(nameof(Troubles))]
    public async Task Disk_that_refuses_for_now_is_named_and_work_goes_on_by_itself_I10(string kind)
    {
        var disk = new FaultyFileSystem();
        await using var log = await OpenAsync(disk);
        await log.CreateAsync("orders");
        var acknowledged = new List<string>();
        for (var round = 0; round < 6; round++)
        {
            await AppendAsync(log, acknowledged, $"{round}.a");
            var isAtRoll = round % 2 == 0;
            disk.Fault = (what, path) =>
                what == "create" || (!isAtRoll && what == "write") ? Trouble(kind, path) : null;
            if (isAtRoll)
            {
                await Logs.RefusedAsync(
                    ErrorKind.Unavailable, () => log.SealAsync("orders", CancellationToken.None));
            }

            var refused = await Logs.RefusedAsync(
                ErrorKind.Unavailable, () => log.AppendAsync("orders", "refused").AsTask());
            Assert.Contains("/log/topics/000003", refused.Message, StringComparison.Ordinal);
            Assert.Contains("by itself", refused.Next, StringComparison.Ordinal);

            // Readers are not concerned.
            Assert.Equal(acknowledged.Order(), (await log.ValuesAsync("orders")).Order());
            disk.Fault = null;
            await AppendAsync(log, acknowledged, $"{round}.b");
            Assert.Equal(acknowledged.Order(), (await log.ValuesAsync("orders")).Order());
        }

        await using var again = await OpenAsync(disk.Crash(new Random(1)));
        Assert.Equal(acknowledged.Order(), (await again.ValuesAsync("orders")).Order());
    }

    [Theory]
    [InlineData("rights")]
    [InlineData("handles")]
    public async Task Opening_that_a_disk_refuses_for_now_leaves_no_partition_behind_that_stands_still_I10(string kind)
    {
        var disk = new FaultyFileSystem();
        await using (var log = await OpenAsync(disk))
        {
            await log.CreateAsync("orders", 3);
            await log.AppendAsync("orders", "a", "b", "c", "d", "e", "f");
        }

        var refusals = 0;
        for (var at = 1; at < 40; at++)
        {
            var copy = disk.Copy();
            var left = at;
            copy.OpenFault = path => --left == 0 ? Trouble(kind, path) : null;
            try
            {
                await using var log = await OpenAsync(copy);
                Assert.All(log.Topics, topic => Assert.Empty(topic.Stopped));
                await log.AppendAsync("orders", "g", "h", "i");
            }
            catch (DiskRefusedException refused)
            {
                Assert.Contains("/log", refused.Message, StringComparison.Ordinal);
                refusals++;
            }

            copy.OpenFault = null;
            await using var again = await OpenAsync(copy);
            Assert.All(again.Topics, topic => Assert.Empty(topic.Stopped));
            Assert.Equal(["a", "b", "c", "d", "e", "f"], (await again.ValuesAsync("orders")).Order().Take(6));
            await again.AppendAsync("orders", "j", "k", "l");
        }

        Assert.InRange(refusals, 5, 30);
    }

    [Fact]
    public async Task Reader_that_gets_no_handle_goes_on_when_there_is_one()
    {
        var disk = new FaultyFileSystem();
        await using var log = await OpenAsync(disk);
        await log.CreateAsync("orders");
        var values = Enumerable.Range(0, 12).Select(i => $"{i}." + new string('x', 20_000)).ToList();
        foreach (var value in values)
        {
            await log.AppendAsync("orders", value);
        }

        await using var sequence = log.Read(["orders"], Place.Start);
        var read = 0;
        for (var turn = 0; turn < 400 && read < values.Count; turn++)
        {
            disk.OpenFault = turn % 3 > 0 ? path => Trouble("handles", path) : null;
            try
            {
                read += sequence.TryRead(out var batch) && batch.Topic == "orders" ? 1 : 0;
            }
            catch (DiskRefusedException)
            {
                Assert.True(turn % 3 > 0);
            }
        }

        Assert.Equal(values.Count, read);
    }

    [Fact]
    public async Task Record_over_the_limit_is_named_with_its_number_and_nothing_of_its_request_is_taken()
    {
        using var folder = new TemporaryFolder();
        await using var log = await Logs.OpenAsync(folder.Path, options => options with { RecordBytesMax = 2_000 });
        await log.CreateAsync("orders", 2);
        var refused = await Logs.RefusedAsync(ErrorKind.Invalid, async () => await log.AppendNumberedAsync(
            "orders", "shop", 1, Logs.Keyed("a", "x"), Logs.Keyed("b", new string('x', 2_000))));
        Assert.Contains("Record 1", refused.Message, StringComparison.Ordinal);
        Assert.Contains("2000", refused.Message, StringComparison.Ordinal);
        Assert.Empty(await log.ValuesAsync("orders"));
        await log.AppendNumberedAsync("orders", "shop", 1, Logs.Keyed("a", "x"));
        Assert.Equal(["x"], await log.ValuesAsync("orders"));
    }

    [Fact]
    public async Task Clock_that_jumps_a_day_or_to_1970_orders_everything_all_the_same_L1()
    {
        var (disk, time) = (new FaultyFileSystem(), new ManualTime());
        LogOptions On(LogOptions options) => options with { Files = disk, Time = time };
        var at = time.GetUtcNow();
        var expected = new List<string>();
        var log = await Logs.OpenAsync("/log", On);
        await log.CreateAsync("orders");
        foreach (var jump in new[] { 1, -1, 1, 2, -3, 0 })
        {
            time.SetWall(at.AddDays(jump));
            for (var i = 0; i < 5; i++)
            {
                expected.Add($"{expected.Count}");
                await log.AppendAsync("orders", expected[^1]);
                time.Advance(TimeSpan.FromSeconds(7));
            }

            await log.DisposeAsync();
            log = await Logs.OpenAsync("/log", On);
        }

        time.SetWall(DateTimeOffset.UnixEpoch);
        await log.DisposeAsync();
        log = await Logs.OpenAsync("/log", On);
        Assert.True(log.IsWallClockBehind);
        expected.Add("of 1970");
        await log.AppendAsync("orders", "of 1970");
        Assert.Equal(expected, await log.ValuesAsync("orders"));
        var stamps = (await log.ReadAsync(Place.Start, "orders")).Select(batch => batch.LogTime).ToList();
        Assert.Equal(stamps.Order().Distinct(), stamps);
        await log.DisposeAsync();

        var fresh = await Logs.RefusedAsync(
            ErrorKind.Unavailable, () => Logs.OpenAsync("/fresh", options => On(options) with { Folder = "/fresh" }));
        Assert.Contains("1970", fresh.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(
            disk.Snapshot().Keys, path => path.StartsWith("/fresh/log.json", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Folder_that_is_read_only_when_the_log_is_opened_is_named()
    {
        var disk = new FaultyFileSystem();
        await using (var log = await OpenAsync(disk))
        {
            await log.CreateAsync("orders");
            await log.AppendAsync("orders", "a");
        }

        disk.Fault = (_, path) => Trouble("read-only", path);
        var refused = await Logs.RefusedAsync(ErrorKind.Unavailable, () => OpenAsync(disk));
        Assert.Contains("read-only", refused.Message, StringComparison.Ordinal);
        disk.Fault = null;
        await using var again = await OpenAsync(disk);
        Assert.Equal(["a"], await again.ValuesAsync("orders"));
    }

    private static async Task AppendAsync(EmbeddedLog log, List<string> acknowledged, string value)
    {
        await log.AppendAsync(
            new AppendRequest("orders", [.. Enumerable.Range(0, 4).Select(i => Logs.Keyed($"{i}", $"{value}.{i}"))]),
            CancellationToken.None);
        acknowledged.AddRange(Enumerable.Range(0, 4).Select(i => $"{value}.{i}"));
    }

    private static KappaException Trouble(string kind, string path) => kind switch
    {
        "full" => DiskError.Of(path, "write", 28),
        "read-only" => DiskError.Of(path, "open", new IOException("Read-only file system", 30)),
        "rights" => DiskError.Of(path, "open", new UnauthorizedAccessException()),
        _ => DiskError.Of(path, "open", new IOException("Too many open files", 24)),
    };

    private static async Task<EmbeddedLog> OpenAsync(FaultyFileSystem disk) =>
        await Logs.OpenAsync("/log", options => options with { Files = disk, SegmentBytesMax = 64 << 10 });
}
