using Xunit;

namespace Kappa.Log.Tests;

/// <summary>Rules L1 and L5: stamps and the passing of log time.</summary>
public sealed class ClockTests
{
    [Fact]
    public async Task Stamps_rise_when_the_wall_clock_goes_back_and_the_alarm_is_on_L1()
    {
        using var folder = new TemporaryFolder();
        var time = new ManualTime();
        await using var log = await Logs.OpenAsync(folder.Path, options => options with { Time = time });
        await log.CreateAsync("orders");
        var before = (await log.AppendAsync("orders", "a")).Batches[0].LogTime;
        time.SetWall(time.GetUtcNow() - TimeSpan.FromHours(1));
        Assert.True(log.IsWallClockBehind);
        var second = (await log.AppendAsync("orders", "b")).Batches[0].LogTime;
        Assert.Equal(before + 1, second);
        time.Advance(TimeSpan.FromSeconds(10));
        var third = (await log.AppendAsync("orders", "c")).Batches[0].LogTime;
        Assert.Equal(TimeSpan.FromSeconds(5).Ticks, third - second);
        time.SetWall(time.GetUtcNow() + TimeSpan.FromHours(2));
        Assert.False(log.IsWallClockBehind);
        Assert.Equal(time.GetUtcNow().UtcTicks + 1, (await log.AppendAsync("orders", "d")).Batches[0].LogTime);
    }

    [Fact]
    public async Task Fresh_log_refuses_a_wall_clock_before_2020_and_leaves_nothing_L1()
    {
        using var folder = new TemporaryFolder();
        var time = new ManualTime();
        time.SetWall(new DateTimeOffset(2019, 12, 31, 23, 59, 59, TimeSpan.Zero));
        await Logs.RefusedAsync(
            ErrorKind.Unavailable, () => Logs.OpenAsync(folder.Path, options => options with { Time = time }));
        Assert.False(File.Exists(folder.Sub("log.json")));
    }

    [Fact]
    public async Task Stamps_are_never_given_twice_when_the_log_opens_again_with_the_clock_set_back_L7()
    {
        using var folder = new TemporaryFolder();
        var time = new ManualTime();
        long last;
        await using (var log = await Logs.OpenAsync(folder.Path, options => options with { Time = time }))
        {
            await log.CreateAsync("orders");
            last = (await log.AppendAsync("orders", "a")).Batches[0].LogTime;
        }

        time.SetWall(time.GetUtcNow() - TimeSpan.FromDays(30));
        await using var again = await Logs.OpenAsync(folder.Path, options => options with { Time = time });
        Assert.True((await again.AppendAsync("orders", "b")).Batches[0].LogTime > last);
    }

    [Fact]
    public async Task An_epoch_is_above_all_before_also_behind_a_loss_of_power_and_a_clock_set_back_C4()
    {
        var disk = new FaultyFileSystem();
        var time = new ManualTime();
        var given = new List<long>();
        for (var life = 0; life < 6; life++)
        {
            await using var log = await EmbeddedLog.OpenAsync(
                new LogOptions { Folder = "/log", Files = disk, Time = time }, CancellationToken.None);
            var asked = Enumerable.Range(0, 5).Select(_ => log.NextEpochAsync(CancellationToken.None).AsTask());
            given.AddRange((await Task.WhenAll(asked)).Order());
            time.SetWall(time.GetUtcNow() - TimeSpan.FromHours(1));
            disk = disk.CrashLosingAll();
        }

        Assert.Equal(30, given.Count);
        Assert.Equal(given.Distinct().Order(), given);
    }

    [Fact]
    public async Task A_log_whose_clock_is_damaged_is_not_opened_and_the_file_is_named_L5_L7()
    {
        var disk = new FaultyFileSystem();
        await using (var log = await EmbeddedLog.OpenAsync(
            new LogOptions { Folder = "/log", Files = disk }, CancellationToken.None))
        {
            await log.NextEpochAsync(CancellationToken.None);
            await log.NextEpochAsync(CancellationToken.None);
        }

        var path = disk.Files().Keys.First(path => path.EndsWith(".segment", StringComparison.Ordinal));
        var bytes = (byte[])disk.Files()[path].Clone();
        bytes[^20] ^= 1;
        disk.Put(path, bytes);
        for (var opening = 0; opening < 2; opening++)
        {
            var refused = await Logs.RefusedAsync(ErrorKind.Corrupt, () => EmbeddedLog.OpenAsync(
                new LogOptions { Folder = "/log", Files = disk }, CancellationToken.None).AsTask());
            Assert.Contains(path, refused.Message, StringComparison.Ordinal);
            Assert.Contains(Names.Clock, refused.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Fresh_log_begins_with_opened_and_ticks_before_a_minute_is_over_L5()
    {
        using var folder = new TemporaryFolder();
        var time = new ManualTime();
        await using var log = await Logs.OpenAsync(folder.Path, options => options with { Time = time });
        Assert.Equal([ClockKind.Opened], await KindsAsync(log));
        for (var i = 0; i < 5; i++)
        {
            time.Advance(TimeSpan.FromSeconds(50));
            await UntilAsync(log, time, i + 2);
        }

        Assert.Equal([ClockKind.Opened, .. Enumerable.Repeat(ClockKind.Tick, 5)], await KindsAsync(log));
    }

    [Fact]
    public async Task Opened_comes_before_what_is_stamped_over_a_gap_of_more_than_a_minute_L5()
    {
        using var folder = new TemporaryFolder();
        var time = new ManualTime();
        await using var log = await Logs.OpenAsync(folder.Path, options => options with { Time = time });
        await log.CreateAsync("orders");
        time.SetWall(time.GetUtcNow() + TimeSpan.FromMinutes(61));
        await log.AppendAsync("orders", "a");
        var batches = await log.ReadAsync(Place.Start, "orders");
        Assert.Equal(["_kappa.clock", "_kappa.clock", "orders"], batches.Select(batch => batch.Topic));
        Assert.Equal([ClockKind.Opened, ClockKind.Opened], await KindsAsync(log));
    }

    [Fact]
    public async Task Opened_is_not_written_when_the_log_opens_again_within_a_minute_L5()
    {
        using var folder = new TemporaryFolder();
        var time = new ManualTime();
        await using (await Logs.OpenAsync(folder.Path, options => options with { Time = time }))
        {
        }

        time.Advance(TimeSpan.FromSeconds(30));
        await using (var soon = await Logs.OpenAsync(folder.Path, options => options with { Time = time }))
        {
            Assert.Equal([ClockKind.Opened], await KindsAsync(soon));
        }

        time.Advance(TimeSpan.FromMinutes(3));
        await using var late = await Logs.OpenAsync(folder.Path, options => options with { Time = time });
        Assert.Equal([ClockKind.Opened, ClockKind.Opened], await KindsAsync(late));
    }

    [Fact]
    public async Task Clock_record_comes_when_log_time_reaches_a_time_asked_for_at_most_ten_a_second_L5()
    {
        using var folder = new TemporaryFolder();
        var time = new ManualTime();
        await using var log = await Logs.OpenAsync(folder.Path, options => options with { Time = time });
        var begin = log.CompleteTo;
        for (var i = 0; i < 1_000; i++)
        {
            log.ClockAt(begin + TimeSpan.FromSeconds(1).Ticks + (i * TimeSpan.TicksPerMillisecond));
        }

        time.Advance(TimeSpan.FromMilliseconds(990));
        Assert.Single(await KindsAsync(log));
        for (var i = 0; i < 200; i++)
        {
            time.Advance(TimeSpan.FromMilliseconds(10));
            await log.AppendAsync(new AppendRequest(Names.Lifecycle, [Logs.Value("step")]), CancellationToken.None);
        }

        var stamps = (await log.ReadAsync(Place.Start)).Where(batch => batch.Topic == Names.Clock)
            .Select(batch => batch.LogTime).ToList();
        Assert.InRange(stamps.Count, 8, 13);
        Assert.True(stamps[^1] >= begin + TimeSpan.FromMilliseconds(1_999).Ticks);
        Assert.All(stamps.Zip(stamps.Skip(1)), pair =>
            Assert.True(pair.Second - pair.First >= TimeSpan.FromMilliseconds(100).Ticks));
    }

    [Theory]
    [InlineData(ClockKind.Tick, null, """{"kind":"tick"}""")]
    [InlineData(ClockKind.Opened, null, """{"kind":"opened"}""")]
    [InlineData(ClockKind.Complete, "orders", """{"kind":"complete","topic":"orders"}""")]
    public void Clock_record_has_one_form(ClockKind kind, string? topic, string json)
    {
        var record = new ClockRecord(kind, topic);
        Assert.Equal(json, System.Text.Encoding.UTF8.GetString(record.ToBytes()));
        Assert.Equal(record, ClockRecord.Parse(record.ToBytes()));
    }

    internal static async Task<List<ClockKind>> KindsAsync(ILog log)
    {
        var kinds = new List<ClockKind>();
        foreach (var batch in await log.ReadAsync(Place.Start))
        {
            if (batch.Topic == Names.Clock)
            {
                foreach (var record in batch)
                {
                    kinds.Add(ClockRecord.Parse(record.Value).Kind);
                }
            }
        }

        return kinds;
    }

    private static async Task UntilAsync(EmbeddedLog log, ManualTime time, int clockRecords)
    {
        await using var sequence = log.Read([], Place.Start);
        var (seen, tries) = (0, 0);
        while (seen < clockRecords)
        {
            while (sequence.TryRead(out var batch))
            {
                seen += batch.Topic == Names.Clock ? batch.Count : 0;
            }

            if (seen < clockRecords)
            {
                await MoreAsync(sequence, time, tries++);
            }
        }
    }

    /// <summary>
    /// Waits for more to read. A record is readable a moment before the ticker hears of it: a step of time taken in
    /// between found no timer set, and the one set then is a millisecond away, which only the test can let pass.
    /// </summary>
    private static async Task MoreAsync(ISequence sequence, ManualTime time, int tries)
    {
        try
        {
            await sequence.WaitAsync(new CancellationTokenSource(TimeSpan.FromMilliseconds(200)).Token);
        }
        catch (OperationCanceledException) when (tries < 100)
        {
            time.Advance(TimeSpan.FromMilliseconds(1));
        }
    }
}
