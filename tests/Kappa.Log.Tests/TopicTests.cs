using Xunit;

namespace Kappa.Log.Tests;

/// <summary>Topics, rule L6, the manifest and the folder.</summary>
public sealed class TopicTests
{
    [Fact]
    public async Task Topic_is_created_once_and_other_settings_are_refused()
    {
        using var folder = new TemporaryFolder();
        await using var log = await Logs.OpenAsync(folder.Path);
        await log.CreateAsync("orders", 3);
        await log.CreateAsync("orders", 3);
        await Logs.RefusedAsync(ErrorKind.Conflict, async () => await log.CreateAsync("orders", 4));
        await Logs.RefusedAsync(ErrorKind.Invalid, async () => await log.CreateAsync("Orders"));
        await Logs.RefusedAsync(ErrorKind.Invalid, async () => await log.CreateAsync("../orders"));
        await Logs.RefusedAsync(ErrorKind.Invalid, async () => await log.CreateAsync("_kappa.mine"));
        await Logs.RefusedAsync(ErrorKind.Invalid, async () => await log.CreateAsync("none", 0));
        await Logs.RefusedAsync(ErrorKind.Invalid, async () => await log.CreateAsync("many", 1_025));
        Assert.Equal(["_kappa.clock", "_kappa.lifecycle", "orders"], log.Topics.Select(topic => topic.Name));
    }

    [Fact]
    public async Task Unknown_topic_is_named_with_how_to_create_it()
    {
        using var folder = new TemporaryFolder();
        await using var log = await Logs.OpenAsync(folder.Path);
        var refused = await Logs.RefusedAsync(ErrorKind.NotFound, async () => await log.AppendAsync("orders", "a"));
        Assert.Contains("orders", refused.Message, StringComparison.Ordinal);
        Assert.Contains("kappa topics create orders", refused.Next, StringComparison.Ordinal);
        await Logs.RefusedAsync(ErrorKind.NotFound, () => log.ReadAsync(Place.Start, "orders"));
    }

    [Fact]
    public async Task Complete_topic_refuses_appends_for_ever_and_the_clock_names_it_L6()
    {
        using var folder = new TemporaryFolder();
        await using (var log = await Logs.OpenAsync(folder.Path))
        {
            await log.CreateAsync("orders");
            await log.AppendNumberedAsync("orders", "shop", 1, Logs.Value("a"));
            await log.CompleteAsync("orders");
            await log.CompleteAsync("orders");
            Assert.Equal([ClockKind.Opened, ClockKind.Complete], await ClockTests.KindsAsync(log));
            await Logs.RefusedAsync(ErrorKind.Conflict, async () => await log.AppendAsync("orders", "b"));
        }

        await using var again = await Logs.OpenAsync(folder.Path);
        Assert.True(again.Topics.Single(topic => topic.Name == "orders").IsComplete);
        await Logs.RefusedAsync(ErrorKind.Conflict, async () => await again.AppendAsync("orders", "b"));
        Assert.True((await again.AppendNumberedAsync("orders", "shop", 1, Logs.Value("a"))).Repeated);
        Assert.Equal(["a"], await again.ValuesAsync("orders"));
    }

    [Fact]
    public async Task Completion_holds_exactly_when_its_record_is_in_the_log_whatever_crash_cut_it_L6()
    {
        for (var at = 0; at < 12; at++)
        {
            var disk = new FaultyFileSystem();
            var log = await Logs.OpenAsync("/log", options => options with { Files = disk });
            await log.CreateAsync("orders");
            await log.AppendAsync("orders", "a");
            var power = new PowerLoss(disk, at, new Random(at), isBroken: true);
            var acknowledged = await Xunit.Record.ExceptionAsync(async () => await log.CompleteAsync("orders")) is null;
            var crashed = power.Ended();
            await log.DisposeAsync();
            await using var again = await Logs.OpenAsync("/log", options => options with { Files = crashed });
            var isComplete = again.Topics.Single(topic => topic.Name == "orders").IsComplete;
            Assert.True(isComplete || !acknowledged);
            Assert.Equal(isComplete, (await ClockTests.KindsAsync(again)).Contains(ClockKind.Complete));
            await again.CompleteAsync("orders");
            Assert.Single(await ClockTests.KindsAsync(again), kind => kind == ClockKind.Complete);
        }
    }

    [Fact]
    public async Task Second_opening_is_refused_and_the_folder_named_I9()
    {
        using var folder = new TemporaryFolder();
        await using var log = await Logs.OpenAsync(folder.Path);
        var refused = await Logs.RefusedAsync(ErrorKind.Conflict, () => Logs.OpenAsync(folder.Path));
        Assert.Contains(folder.Path, refused.Message, StringComparison.Ordinal);
        await Logs.RefusedAsync(
            ErrorKind.Conflict,
            async () => await EmbeddedLog.VerifyAsync(folder.Path, DiskFileSystem.ForThisPlatform()));
    }

    [Fact]
    public async Task Other_format_is_refused_before_anything_is_written_I20()
    {
        using var folder = new TemporaryFolder();
        await using (await Logs.OpenAsync(folder.Path))
        {
        }

        var manifest = folder.Sub("log.json");
        await File.WriteAllTextAsync(
            manifest,
            (await File.ReadAllTextAsync(manifest)).Replace("\"format\":2", "\"format\":3", StringComparison.Ordinal));
        var before = Directory.GetFiles(folder.Path, "*", SearchOption.AllDirectories)
            .ToDictionary(path => path, path => Convert.ToHexString(File.ReadAllBytes(path)));
        var refused = await Logs.RefusedAsync(ErrorKind.Invalid, () => Logs.OpenAsync(folder.Path));
        Assert.Contains("format 3", refused.Message, StringComparison.Ordinal);
        Assert.Equal(before, Directory.GetFiles(folder.Path, "*", SearchOption.AllDirectories)
            .ToDictionary(path => path, path => Convert.ToHexString(File.ReadAllBytes(path))));
    }

    [Fact]
    public async Task Every_bit_of_the_manifest_counts_I4()
    {
        var disk = new FaultyFileSystem();
        await using (var log = await Logs.OpenAsync("/log", options => options with { Files = disk }))
        {
            await log.CreateAsync("orders", 3);
        }

        var whole = disk.Snapshot()["/log/log.json"];
        for (var bit = 0; bit < whole.Length * 8; bit++)
        {
            var flipped = (byte[])whole.Clone();
            flipped[bit / 8] ^= (byte)(1 << (bit % 8));
            disk.Put("/log/log.json", flipped);
            var trouble = await Xunit.Record.ExceptionAsync(async () =>
            {
                await using var log = await Logs.OpenAsync("/log", options => options with { Files = disk });
                Assert.Equal(3, log.Topics.Single(topic => topic.Name == "orders").Partitions);
            });
            Assert.True(trouble is null or KappaException, $"bit {bit}: {trouble}");
        }
    }

    [Fact]
    public async Task Settings_are_kept_changed_and_compared_L9()
    {
        using var folder = new TemporaryFolder();
        var settings = new TopicSettings
        {
            Compression = Compression.Brotli,
            RetainFor = TimeSpan.FromDays(30),
            RetainBytes = 1 << 30,
            LoseHistory = true,
        };
        await using (var log = await Logs.OpenAsync(folder.Path))
        {
            await log.ChangeAsync(new CreateTopic("orders", 2, settings), CancellationToken.None);
            await log.ChangeAsync(new CreateTopic("orders", 2, settings), CancellationToken.None);
            await log.CreateAsync("orders", 2);
            var other = await Logs.RefusedAsync(ErrorKind.Conflict, async () => await log.ChangeAsync(
                new CreateTopic("orders", 2, TopicSettings.Default), CancellationToken.None));
            Assert.Contains("compressed by Brotli", other.Message, StringComparison.Ordinal);
            Assert.Contains("kappa topics set orders", other.Next, StringComparison.Ordinal);
            foreach (var wrong in new[]
            {
                settings with { RetainBytes = 5 }, settings with { RetainFor = TimeSpan.FromSeconds(1) },
                settings with { Compression = (Compression)9 },
            })
            {
                await Logs.RefusedAsync(ErrorKind.Invalid, async () => await log.ChangeAsync(
                    new SetTopic("orders", wrong), CancellationToken.None));
            }

            await Logs.RefusedAsync(ErrorKind.NotFound, async () => await log.ChangeAsync(
                new SetTopic("none", settings), CancellationToken.None));
            await Logs.RefusedAsync(ErrorKind.Invalid, async () => await log.ChangeAsync(
                new SetTopic(Names.Clock, settings), CancellationToken.None));
        }

        await using (var again = await Logs.OpenAsync(folder.Path))
        {
            Assert.Equal(settings, again.Topics.Single(topic => topic.Name == "orders").Settings);
            await again.ChangeAsync(new SetTopic("orders", TopicSettings.Default), CancellationToken.None);
        }

        await using var third = await Logs.OpenAsync(folder.Path);
        Assert.Equal(TopicSettings.Default, third.Topics.Single(topic => topic.Name == "orders").Settings);
    }

    [Fact]
    public async Task Deleted_topic_is_gone_and_its_name_is_free_again()
    {
        for (var at = 0; at < 24; at++)
        {
            var disk = new FaultyFileSystem();
            var log = await Logs.OpenAsync("/log", options => options with { Files = disk });
            await log.CreateAsync("orders");
            await log.CreateAsync("others");
            await log.AppendNumberedAsync("orders", "shop", 1, Logs.Value("a"));
            await log.AppendAsync("others", "x");
            await Logs.RefusedAsync(ErrorKind.Invalid, () => DeleteAsync(log, Names.Lifecycle));
            await Logs.RefusedAsync(ErrorKind.Invalid, () => DeleteAsync(log, "alerts@1"));
            var power = new PowerLoss(disk, at, new Random(at), isBroken: true);
            var said = await Xunit.Record.ExceptionAsync(() => DeleteAsync(log, "orders")) is null;
            var crashed = power.Ended();
            await log.DisposeAsync();
            await using (var again = await Logs.OpenAsync("/log", options => options with { Files = crashed }))
            {
                var isThere = again.Topics.Any(topic => topic.Name == "orders");
                Assert.True(!isThere || !said, $"operation {at}");
                Assert.True(!isThere || (await again.ValuesAsync("orders")).SequenceEqual(["a"]), $"operation {at}");
                await DeleteAsync(again, "orders");
                await DeleteAsync(again, "orders");
                await again.CreateAsync("orders", 3);
                await again.AppendAsync("orders", "new");
                Assert.Equal(["new"], await again.ValuesAsync("orders"));
                Assert.Equal(["x"], await again.ValuesAsync("others"));
            }

            await using var third = await Logs.OpenAsync("/log", options => options with { Files = crashed });
            Assert.Equal(["new"], await third.ValuesAsync("orders"));
        }
    }

    private static Task DeleteAsync(EmbeddedLog log, string topic) =>
        log.ChangeAsync(new DeleteTopic(topic), CancellationToken.None).AsTask();
}
