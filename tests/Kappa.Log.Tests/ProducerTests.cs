using Xunit;

namespace Kappa.Log.Tests;

/// <summary>Rule L8: producers number their requests.</summary>
public sealed class ProducerTests
{
    [Fact]
    public async Task Repeated_number_gets_its_old_places_and_adds_nothing_L8()
    {
        using var folder = new TemporaryFolder();
        await using var log = await Logs.OpenAsync(folder.Path);
        await log.CreateAsync("orders");
        var first = await log.AppendNumberedAsync("orders", "shop", 7, Logs.Value("a"), Logs.Value("b"));
        await log.AppendNumberedAsync("orders", "shop", 8, Logs.Value("c"));
        var again = await log.AppendNumberedAsync("orders", "shop", 7, Logs.Value("a"), Logs.Value("b"));
        Assert.False(first.Repeated);
        Assert.True(again.Repeated);
        Assert.Equal(first.Batches, again.Batches);
        Assert.Equal(["a", "b", "c"], await log.ValuesAsync("orders"));
    }

    [Fact]
    public async Task Used_number_is_refused_when_the_content_is_other_L8()
    {
        using var folder = new TemporaryFolder();
        await using var log = await Logs.OpenAsync(folder.Path);
        await log.CreateAsync("orders");
        await log.CreateAsync("others");
        await log.AppendNumberedAsync("orders", "shop", 1, Logs.Value("a"));
        await Logs.RefusedAsync(
            ErrorKind.Conflict, async () => await log.AppendNumberedAsync("orders", "shop", 1, Logs.Value("b")));
        await Logs.RefusedAsync(
            ErrorKind.Conflict, async () => await log.AppendNumberedAsync("others", "shop", 1, Logs.Value("a")));
        Assert.Equal(["a"], await log.ValuesAsync("orders"));
    }

    [Fact]
    public async Task Gap_is_refused_and_the_expected_number_named_L8()
    {
        using var folder = new TemporaryFolder();
        await using var log = await Logs.OpenAsync(folder.Path);
        await log.CreateAsync("orders");
        await log.AppendNumberedAsync("orders", "shop", 41, Logs.Value("a"));
        var refused = await Logs.RefusedAsync(
            ErrorKind.Conflict, async () => await log.AppendNumberedAsync("orders", "shop", 43, Logs.Value("b")));
        Assert.Contains("42", refused.Message, StringComparison.Ordinal);
        await log.AppendNumberedAsync("orders", "shop", 42, Logs.Value("b"));
    }

    [Fact]
    public async Task Duplicate_in_flight_shares_the_fate_of_the_first_L8()
    {
        using var folder = new TemporaryFolder();
        await using var log = await Logs.OpenAsync(folder.Path);
        await log.CreateAsync("orders", 4);
        var all = await Task.WhenAll(Enumerable.Range(0, 32).Select(_ =>
            log.AppendNumberedAsync("orders", "shop", 1, Logs.Value("a"), Logs.Keyed("k", "b")).AsTask()));
        Assert.Single(all, one => !one.Repeated);
        Assert.All(all, one => Assert.Equal(all[0].Batches, one.Batches));
        Assert.Equal(2, (await log.ValuesAsync("orders")).Count);
    }

    [Fact]
    public async Task Numbers_sent_without_waiting_are_taken_in_order_L8()
    {
        using var folder = new TemporaryFolder();
        await using var log = await Logs.OpenAsync(folder.Path);
        await log.CreateAsync("orders");
        await log.CreateAsync("spread", 8);
        var sent = new List<Task<Appended>>();
        for (var i = 0; i < 200; i++)
        {
            sent.Add(log.AppendNumberedAsync("orders", "one", i, Logs.Value($"{i}")).AsTask());
            sent.Add(log.AppendNumberedAsync(
                "spread", "many", i, Logs.Value($"{i}"), Logs.Keyed($"{i}", "x")).AsTask());
        }

        await Task.WhenAll(sent);
        Assert.Equal(Enumerable.Range(0, 200).Select(i => $"{i}"), await log.ValuesAsync("orders"));
        Assert.Equal(400, (await log.ValuesAsync("spread")).Count);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Producer_is_remembered_when_the_log_is_opened_again_L8(bool crash)
    {
        using var folder = new TemporaryFolder();
        var log = await Logs.OpenAsync(folder.Sub("a"), options => options with { SegmentBytesMax = 64 << 10 });
        await log.CreateAsync("orders", 3);
        var first = await log.AppendNumberedAsync(
            "orders", "shop", 1, [.. Enumerable.Range(0, 30).Select(i => Logs.Keyed($"{i}", "a"))]);
        for (var i = 0; i < 40; i++)
        {
            await log.AppendAsync("orders", new string('x', 10_000));
        }

        if (crash)
        {
            TemporaryFolder.Copy(folder.Sub("a"), folder.Sub("b"));
        }

        await log.DisposeAsync();
        await using var again = await Logs.OpenAsync(folder.Sub(crash ? "b" : "a"));
        var repeated = await again.AppendNumberedAsync(
            "orders", "shop", 1, [.. Enumerable.Range(0, 30).Select(i => Logs.Keyed($"{i}", "a"))]);
        Assert.True(repeated.Repeated);
        Assert.Equal(first.Batches, repeated.Batches);
        await Logs.RefusedAsync(
            ErrorKind.Conflict, async () => await again.AppendNumberedAsync("orders", "shop", 3, Logs.Value("z")));
    }

    [Fact]
    public async Task Producer_is_forgotten_when_it_was_silent_for_longer_than_the_memory_L8()
    {
        using var folder = new TemporaryFolder();
        var time = new ManualTime();
        await using var log = await Logs.OpenAsync(folder.Path, options => options with { Time = time });
        await log.CreateAsync("orders");
        await log.AppendNumberedAsync("orders", "shop", 1, Logs.Value("a"));
        time.Advance(TimeSpan.FromHours(23));
        Assert.True((await log.AppendNumberedAsync("orders", "shop", 1, Logs.Value("a"))).Repeated);
        time.Advance(TimeSpan.FromHours(2));
        await log.AppendAsync("orders", "later");
        Assert.False((await log.AppendNumberedAsync("orders", "shop", 900, Logs.Value("b"))).Repeated);
    }

    [Fact]
    public async Task Memory_of_requests_is_bounded_and_older_numbers_are_refused_L8()
    {
        using var folder = new TemporaryFolder();
        await using var log = await Logs.OpenAsync(
            folder.Path, options => options with { RequestsKeptPerProducer = 3 });
        await log.CreateAsync("orders");
        for (var i = 1; i <= 5; i++)
        {
            await log.AppendNumberedAsync("orders", "shop", i, Logs.Value($"{i}"));
        }

        Assert.True((await log.AppendNumberedAsync("orders", "shop", 3, Logs.Value("3"))).Repeated);
        await Logs.RefusedAsync(
            ErrorKind.Conflict, async () => await log.AppendNumberedAsync("orders", "shop", 2, Logs.Value("2")));
        Assert.Equal(5, (await log.ValuesAsync("orders")).Count);
    }

    [Fact]
    public async Task Half_written_number_is_completed_by_its_retry_L8()
    {
        var disk = new FaultyFileSystem();
        await using var log = await Logs.OpenAsync("/log", options => options with { Files = disk });
        await log.CreateAsync("orders", 2);
        var records = Enumerable.Range(0, 20).Select(i => Logs.Keyed($"{i}", $"{i}")).ToArray();
        disk.Fault = (what, path) =>
            path.Contains("000003/0001", StringComparison.Ordinal) ? new DiskFullException(path) : null;
        await Logs.RefusedAsync(
            ErrorKind.Unavailable, async () => await log.AppendNumberedAsync("orders", "shop", 1, records));
        await Logs.RefusedAsync(
            ErrorKind.Conflict, async () => await log.AppendNumberedAsync("orders", "shop", 2, Logs.Keyed("0", "z")));
        disk.Fault = null;
        var completed = await log.AppendNumberedAsync("orders", "shop", 1, records);
        Assert.True(completed.Repeated);
        Assert.Equal(20, completed.Batches.Sum(batch => batch.Count));
        Assert.Equal(
            Enumerable.Range(0, 20).Select(i => $"{i}").Order(), (await log.ValuesAsync("orders")).Order());
        Assert.True((await log.AppendNumberedAsync("orders", "shop", 1, records)).Repeated);
    }

    [Fact]
    public async Task Half_written_number_is_completed_when_the_log_was_opened_again_with_other_options_L8()
    {
        using var folder = new TemporaryFolder();
        var records = Enumerable.Range(0, 40).Select(i => Logs.Keyed($"{i}", new string('x', 200) + i)).ToArray();
        await using (var log = await Logs.OpenAsync(folder.Sub("a"), options => options with { BatchBytesMax = 1_024 }))
        {
            await log.CreateAsync("orders", 2);
            await log.AppendNumberedAsync("orders", "shop", 1, records);
            TemporaryFolder.Copy(folder.Sub("a"), folder.Sub("b"));
        }

        // What a power loss leaves when one partition's bytes never reached the disk.
        File.Delete(folder.Sub("b/topics/000003/0001/00000001.segment"));
        await using var again = await Logs.OpenAsync(
            folder.Sub("b"), options => options with { BatchBytesMax = 4_096 });
        Assert.InRange((await again.ValuesAsync("orders")).Count, 1, 39);
        await again.AppendNumberedAsync("orders", "shop", 1, records);
        Assert.Equal(
            records.Select(record => System.Text.Encoding.UTF8.GetString(record.Value!.Value.Span)).Order(),
            (await again.ValuesAsync("orders")).Order());
    }

    [Fact]
    public async Task Keyless_records_of_a_request_share_a_partition_L8()
    {
        using var folder = new TemporaryFolder();
        await using var log = await Logs.OpenAsync(folder.Path);
        await log.CreateAsync("orders", 16);
        for (var i = 0; i < 10; i++)
        {
            var numbered = await log.AppendNumberedAsync("orders", "shop", i, Logs.Value("a"), Logs.Value("b"));
            Assert.Equal(Partitioner.OfRequest("shop", i, 16), Assert.Single(numbered.Batches).Partition);
            Assert.Single((await log.AppendAsync("orders", "a", "b", "c")).Batches);
        }
    }

    [Fact]
    public async Task Producers_are_remembered_whose_records_retention_has_removed_L8_L9()
    {
        var (disk, time) = (new FaultyFileSystem(), new ManualTime());
        LogOptions On(LogOptions options) => options with { Files = disk, Time = time, SegmentBytesMax = 64 << 10 };
        var records = new[] { Logs.Value(new string('x', 30_000)) };
        Appended first;
        await using (var log = await Logs.OpenAsync("/log", On))
        {
            await log.ChangeAsync(
                new CreateTopic("orders", 1, new TopicSettings
                {
                    RetainFor = TimeSpan.FromMinutes(1),
                    LoseHistory = true,
                }),
                CancellationToken.None);
            first = await log.AppendNumberedAsync("orders", "shop", 1, records);
            await log.AppendNumberedAsync("orders", "shop", 2, records);
            time.Advance(TimeSpan.FromMinutes(5));
            for (var i = 0; i < 6; i++)
            {
                await log.AppendNumberedAsync("orders", "other", i, records);
            }

            var step = await log.RetainAsync("orders", Place.EndOf(log.CompleteTo), CancellationToken.None);
            Assert.True(step.Records >= 2);
            Assert.True((await log.AppendNumberedAsync("orders", "shop", 1, records)).Repeated);
        }

        await using (var again = await Logs.OpenAsync("/log", On))
        {
            var repeated = await again.AppendNumberedAsync("orders", "shop", 1, records);
            Assert.True(repeated.Repeated);
            Assert.Equal(first.Batches, repeated.Batches);
            await Logs.RefusedAsync(
                ErrorKind.Conflict, async () => await again.AppendNumberedAsync("orders", "shop", 2, Logs.Value("z")));
            await Logs.RefusedAsync(
                ErrorKind.Conflict, async () => await again.AppendNumberedAsync("orders", "shop", 4, records));
            await again.AppendNumberedAsync("orders", "shop", 3, records);
        }

        // What is in the file and in the log is one memory, and it ends as any does.
        await using var third = await Logs.OpenAsync("/log", On);
        await third.AppendNumberedAsync("orders", "shop", 4, records);
        time.Advance(TimeSpan.FromHours(25));
        await third.AppendAsync("orders", "later");
        Assert.False((await third.AppendNumberedAsync("orders", "shop", 77, records)).Repeated);
    }

    [Fact]
    public async Task Producer_goes_on_when_a_topic_it_wrote_was_deleted_L8()
    {
        var disk = new FaultyFileSystem();
        LogOptions On(LogOptions options) => options with { Files = disk };
        await using (var log = await Logs.OpenAsync("/log", On))
        {
            await log.CreateAsync("orders");
            await log.CreateAsync("gone");
            await log.AppendNumberedAsync("orders", "shop", 1, Logs.Value("a"));
            await log.AppendNumberedAsync("gone", "shop", 2, Logs.Value("b"));
            await log.ChangeAsync(new DeleteTopic("gone"), CancellationToken.None);
        }

        await using var again = await Logs.OpenAsync("/log", options => On(options) with
        {
            Files = disk.Crash(new Random(1)),
        });
        await again.AppendNumberedAsync("orders", "shop", 3, Logs.Value("c"));
        await Logs.RefusedAsync(
            ErrorKind.Conflict, async () => await again.AppendNumberedAsync("orders", "shop", 2, Logs.Value("z")));
    }

    [Fact]
    public async Task Damaged_memory_of_producers_is_named_not_forgotten_I4()
    {
        var disk = new FaultyFileSystem();
        await using (var log = await Logs.OpenAsync("/log", options => options with { Files = disk }))
        {
            await log.CreateAsync("gone");
            await log.AppendNumberedAsync("gone", "shop", 2, Logs.Value("b"));
            await log.ChangeAsync(new DeleteTopic("gone"), CancellationToken.None);
        }

        var whole = disk.Snapshot()["/log/producers"];
        for (var at = 0; at < whole.Length; at++)
        {
            var flipped = (byte[])whole.Clone();
            flipped[at] ^= 1;
            disk.Put("/log/producers", flipped);
            var named = await Logs.RefusedAsync(
                ErrorKind.Corrupt, () => Logs.OpenAsync("/log", options => options with { Files = disk }));
            Assert.Contains("producers", named.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Duplicates_in_flight_of_a_request_that_fails_all_fail_and_its_retry_adds_it_once_L8()
    {
        var disk = new FaultyFileSystem();
        await using var log = await Logs.OpenAsync("/log", options => options with { Files = disk });
        await log.CreateAsync("orders", 4);
        disk.Fault = (what, path) => what is "write" or "create" ? new DiskFullException(path) : null;
        var all = Enumerable.Range(0, 16).Select(_ =>
            log.AppendNumberedAsync("orders", "shop", 1, Logs.Value("a")).AsTask()).ToList();
        foreach (var one in all)
        {
            await Logs.RefusedAsync(ErrorKind.Unavailable, () => one);
        }

        disk.Fault = null;
        Assert.False((await log.AppendNumberedAsync("orders", "shop", 1, Logs.Value("a"))).Repeated);
        Assert.Equal(["a"], await log.ValuesAsync("orders"));
    }

    [Fact]
    public async Task Numbers_are_kept_by_a_model_of_the_rule_whatever_is_sent_and_crashes_L8()
    {
        for (var seed = 1; seed <= 25; seed++)
        {
            var random = new Random(seed);
            var disk = new FaultyFileSystem();
            var log = await OpenSmallAsync(disk);
            await log.CreateAsync("orders", 3);
            var taken = new Dictionary<string, List<string>>(StringComparer.Ordinal);
            for (var step = 0; step < 60; step++)
            {
                var producer = "p" + random.Next(3);
                var known = taken.TryGetValue(producer, out var before) ? before : taken[producer] = [];

                // An unknown producer may begin anywhere; these begin with 0.
                var number = known.Count == 0 ? 0 : random.Next(Math.Max(0, known.Count - 2), known.Count + 2);
                var isOld = number < known.Count && random.Next(3) > 0;
                var content = isOld ? known[number] : $"{producer}:{number}:{step}";
                var records = Enumerable.Range(0, 4).Select(i => Logs.Keyed($"{i}", content + "." + i)).ToArray();
                var answer = await Xunit.Record.ExceptionAsync(async () =>
                {
                    var appended = await log.AppendNumberedAsync("orders", producer, number, records);
                    Assert.Equal(number < known.Count, appended.Repeated);
                });
                var isRight = number < known.Count ? known[number] == content : number == known.Count;
                Assert.True(isRight ? answer is null : answer is KappaException { Kind: ErrorKind.Conflict },
                    $"seed {seed}, step {step}: {answer}");
                if (isRight && number == known.Count)
                {
                    known.Add(content);
                }

                if (random.Next(12) == 0)
                {
                    var crashed = disk.Crash(random);
                    await log.DisposeAsync();
                    log = await OpenSmallAsync(disk = crashed);
                }
            }

            Assert.Equal(
                taken.Values.SelectMany(all => all).SelectMany(content => Enumerable.Range(0, 4)
                    .Select(i => content + "." + i)).Order(),
                (await log.ValuesAsync("orders")).Order());
            await log.DisposeAsync();
        }
    }

    private static async Task<EmbeddedLog> OpenSmallAsync(FaultyFileSystem disk) =>
        await Logs.OpenAsync("/log", options => options with { Files = disk, SegmentBytesMax = 64 << 10 });
}
