using Xunit;

namespace Kappa.Log.Tests;

/// <summary>Rule L9: a clock that leaps makes nothing old before its leap has stood for a day.</summary>
public sealed class RetentionClockTests
{
    private static readonly string Filler = new('x', 30_000);
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);
    private readonly FaultyFileSystem _disk = new();
    private ManualTime _time = new();

    [Theory]
    [InlineData(1)]
    [InlineData(400)]
    [InlineData(36_500)]
    public async Task Clock_set_ahead_and_back_removes_nothing_that_is_not_old_L9(int days)
    {
        await using var log = await OpenAsync();
        await FillAsync(log);
        var before = await CountAsync(log);

        var right = _time.GetUtcNow();
        _time.SetWall(right + TimeSpan.FromDays(days));
        for (var hour = 0; hour < 20; hour++)
        {
            await AppendAsync(log);
            _time.Advance(Hour);
            Assert.Equal(0, await RetainAsync(log));
        }

        // Set right: what is older than two days by the true clock goes, and nothing else, however the stamps stand.
        _time.SetWall(right + (20 * Hour));
        Assert.Equal(0, await RetainAsync(log));
        Assert.Equal(before + 20, await CountAsync(log));
        _time.Advance(8 * Hour);
        Assert.Equal(0, await RetainAsync(log));
        _time.Advance(30 * Hour);
        Assert.InRange(await RetainAsync(log), 1, before);
    }

    [Fact]
    public async Task Clock_that_stays_ahead_is_believed_after_the_log_was_open_for_a_day_also_over_restarts_L9()
    {
        await using (var log = await OpenAsync())
        {
            await FillAsync(log);
            _time.SetWall(_time.GetUtcNow() + TimeSpan.FromDays(10));
            await AppendAsync(log);
            Assert.Equal(0, await RetainAsync(log));
            _time.Advance(13 * Hour);
            Assert.Equal(0, await RetainAsync(log));
        }

        // The monotonic clock of another process says nothing of this one's.
        var next = new ManualTime();
        next.SetWall(_time.GetUtcNow() + TimeSpan.FromMinutes(1));
        _time = next;
        await using var again = await OpenAsync();
        Assert.Equal(0, await RetainAsync(again));
        _time.Advance(10 * Hour);
        Assert.Equal(0, await RetainAsync(again));
        _time.Advance(2 * Hour);
        Assert.True(await RetainAsync(again) > 0);
    }

    [Fact]
    public async Task Start_in_1970_removes_nothing_and_ages_go_on_when_the_clock_is_right_L9()
    {
        DateTimeOffset right;
        await using (var log = await OpenAsync())
        {
            await FillAsync(log);
            Assert.Equal(0, await RetainAsync(log));
            right = _time.GetUtcNow();
        }

        _time = new ManualTime();
        _time.SetWall(DateTimeOffset.UnixEpoch);
        await using var again = await OpenAsync();
        await AppendAsync(again);
        Assert.Equal(0, await RetainAsync(again));
        _time.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal(0, await RetainAsync(again));

        // The right time comes from the network, after half a day without power.
        _time.SetWall(right + (12 * Hour));
        Assert.Equal(0, await RetainAsync(again));
        _time.Advance(TimeSpan.FromDays(4));
        Assert.True(await RetainAsync(again) > 0);
    }

    [Fact]
    public async Task Lost_or_damaged_note_of_ages_costs_a_day_and_nothing_else_L9()
    {
        foreach (var left in new byte[]?[] { null, [], [1, 2, 3], new byte[28] })
        {
            var disk = new FaultyFileSystem();
            _time = new ManualTime();
            await using (var log = await OpenAsync(disk))
            {
                await FillAsync(log);
            }

            Assert.True(disk.Exists("/log/ages"));
            disk.Put("/log/ages", left);
            _time.SetWall(_time.GetUtcNow() + TimeSpan.FromDays(5));
            await using var again = await OpenAsync(disk);
            Assert.Equal(0, await RetainAsync(again));
            _time.Advance(25 * Hour);
            Assert.True(await RetainAsync(again) > 0);
        }
    }

    /// <summary>
    /// Against a model: what is believed is ahead of the true time by no more than an hour, or what the wall clock was
    /// ahead for a day and was not yet right for a day since.
    /// </summary>
    [Fact]
    public async Task Believed_time_is_never_more_than_the_wall_and_never_leaps_within_a_day_L9()
    {
        for (var seed = 0; seed < 30; seed++)
        {
            var random = new Random(seed);
            _time = new ManualTime();
            await using var log = await OpenAsync(new FaultyFileSystem());
            var (truth, offset) = (_time.GetUtcNow(), TimeSpan.Zero);
            var (stood, trusted) = (TimeSpan.Zero, Hour);
            for (var step = 0; step < 200; step++)
            {
                var passed = TimeSpan.FromMinutes(random.Next(1, 50));
                _time.Advance(passed);
                truth += passed;
                stood += passed;
                if (stood > TimeSpan.FromDays(1))
                {
                    trusted = offset > Hour ? (offset > trusted ? offset : trusted)
                        : stood > TimeSpan.FromHours(25) ? Hour : trusted;
                }

                var said = new DateTimeOffset(log.AgesAt, TimeSpan.Zero);
                Assert.True(said <= _time.GetUtcNow(), $"seed {seed}, step {step}: ahead of the wall clock");
                Assert.True(
                    said <= truth + trusted,
                    $"seed {seed}, step {step}: {said} is believed");
                if (random.Next(25) == 0)
                {
                    offset = offset == TimeSpan.Zero ? TimeSpan.FromHours(random.Next(-48, 9_000)) : TimeSpan.Zero;
                    _time.SetWall(truth + offset);
                    stood = TimeSpan.Zero;
                }
            }
        }
    }

    private static async Task<long> RetainAsync(EmbeddedLog log) =>
        (await log.RetainAsync("orders", Place.EndOf(log.CompleteTo), CancellationToken.None)).Records;

    private static async Task<int> CountAsync(EmbeddedLog log) =>
        (await log.ReadAsync(Place.Start, "orders")).Count(batch => batch.Topic == "orders");

    private static async Task AppendAsync(EmbeddedLog log) => await log.AppendAsync("orders", Filler);

    /// <summary>Twenty hours of records, one an hour, which are kept for two days.</summary>
    private async Task FillAsync(EmbeddedLog log)
    {
        await log.ChangeAsync(
            new CreateTopic(
                "orders", 1, new TopicSettings { RetainFor = TimeSpan.FromDays(2), LoseHistory = true }),
            CancellationToken.None);
        for (var i = 0; i < 20; i++)
        {
            await AppendAsync(log);
            _time.Advance(Hour);
        }
    }

    private async Task<EmbeddedLog> OpenAsync(FaultyFileSystem? disk = null) => await Logs.OpenAsync(
        "/log", options => options with { Files = disk ?? _disk, Time = _time, SegmentBytesMax = 64 << 10 });
}
