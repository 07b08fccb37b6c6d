using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace Kappa.Log.Tests;

/// <summary>Rules L3 and L4: places and the one sequence.</summary>
public sealed class SequenceTests
{
    [Fact]
    public async Task Place_inside_a_batch_gives_the_whole_batch_and_its_end_does_not_L3()
    {
        using var folder = new TemporaryFolder();
        await using var log = await Logs.OpenAsync(folder.Path);
        await log.CreateAsync("orders");
        var first = (await log.AppendAsync("orders", "a", "b", "c")).Batches[0].LogTime;
        var second = (await log.AppendAsync("orders", "d")).Batches[0].LogTime;
        Assert.Equal([first, second], await StampsAsync(log, new Place(first, 0)));
        Assert.Equal([first, second], await StampsAsync(log, new Place(first, 2)));
        Assert.Equal([second], await StampsAsync(log, new Place(first, 3)));
        Assert.Equal([second], await StampsAsync(log, Place.EndOf(first)));
        Assert.Empty(await StampsAsync(log, new Place(second, 1)));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(8)]
    public async Task Reading_from_any_stamp_gives_exactly_the_rest_L4(int partitions)
    {
        using var folder = new TemporaryFolder();
        await using (var log = await FillAsync(folder, partitions))
        {
            await CheckAsync(log);
        }

        // A log opened again has forgotten its sparse index and builds it as it reads.
        await using var again = await Logs.OpenAsync(folder.Path);
        await CheckAsync(again);

        static async Task CheckAsync(EmbeddedLog log)
        {
            var all = (await log.ReadAsync(Place.Start, "orders")).Select(batch => batch.LogTime).ToList();
            for (var i = 0; i < all.Count; i += 7)
            {
                Assert.Equal(all.Skip(i), (await log.ReadAsync(new Place(all[i], 0), "orders")).Select(b => b.LogTime));
            }
        }
    }

    [Fact]
    public async Task Every_offset_is_found_at_the_place_its_record_is_read_at()
    {
        using var folder = new TemporaryFolder();
        await using (await FillAsync(folder, 2))
        {
        }

        await using var log = await Logs.OpenAsync(folder.Path);
        foreach (var batch in await log.ReadAsync(Place.Start, "orders"))
        {
            if (batch.Topic == "orders")
            {
                var place = await log.FindAsync("orders", batch.Partition, batch.BaseOffset, CancellationToken.None);
                Assert.Equal(new Place(batch.LogTime, 1), place);
                Assert.Equal(batch.LastPlace, await log.FindAsync(
                    "orders", batch.Partition, batch.BaseOffset + batch.Count - 1, CancellationToken.None));
            }
        }

        var end = log.Topics.Single(topic => topic.Name == "orders").EndOffsets[1];
        Assert.Equal(int.MaxValue, (await log.FindAsync("orders", 1, end, CancellationToken.None)).Index);
        await Logs.RefusedAsync(
            ErrorKind.Invalid, async () => await log.FindAsync("orders", 1, end + 1, CancellationToken.None));
        await Logs.RefusedAsync(
            ErrorKind.NotFound, async () => await log.FindAsync("orders", 2, 0, CancellationToken.None));
    }

    [Fact]
    public async Task Readers_beside_writers_see_the_same_sequence_and_never_pass_complete_to_L2_L4()
    {
        using var folder = new TemporaryFolder();
        await using var log = await Logs.OpenAsync(folder.Path, options => options with { SegmentBytesMax = 64 << 10 });
        await log.CreateAsync("orders", 4);
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        var readers = Enumerable.Range(0, 3).Select(_ => Task.Run(async () =>
        {
            var seen = new List<Place>();
            var records = 0;
            await using var sequence = log.Read(["orders"], Place.Start);
            while (records < 2_000)
            {
                while (sequence.TryRead(out var batch))
                {
                    Assert.True(batch.LastPlace <= sequence.CompleteTo);
                    seen.Add(batch.LastPlace);
                    records += batch.Topic == "orders" ? batch.Count : 0;
                }

                if (records < 2_000)
                {
                    await sequence.WaitAsync(patience.Token);
                }
            }

            return seen;
        })).ToList();
        await Task.WhenAll(Enumerable.Range(0, 10).Select(async writer =>
        {
            for (var i = 0; i < 100; i++)
            {
                await log.AppendAsync(
                    new AppendRequest("orders",
                        [Logs.Keyed($"{writer}{i}", new string('x', 300)), Logs.Keyed($"{i}", "y")]),
                    CancellationToken.None);
            }
        }));
        var sequences = await Task.WhenAll(readers);
        Assert.All(sequences, one => Assert.Equal(one.Order().Distinct(), one));
        Assert.All(sequences, one => Assert.Equal(sequences[0], one));
    }

    [Fact]
    public void Log_is_a_list_of_byte_strings_per_partition_whatever_is_appended_read_and_reopened()
    {
        // The oracle is a list per partition, filled from what was acknowledged: offsets and bytes must match it.
        var requests = Gen.ArrayOf(
            ArbMap.Default.GeneratorFor<byte[]>().Where(bytes => bytes is not null)).ToArbitrary();
        Prop.ForAll(requests, values => RunModelAsync(values).GetAwaiter().GetResult())
            .Check(Config.QuickThrowOnFailure.WithMaxTest(25));
    }

    private static async Task<bool> RunModelAsync(byte[][] values)
    {
        var disk = new FaultyFileSystem();
        var model = new List<byte[]>[] { [], [], [] };
        var log = await Logs.OpenAsync("/log", options => options with { Files = disk });
        await log.CreateAsync("orders", 3);
        for (var i = 0; i < values.Length; i += 2)
        {
            var request = values.Skip(i).Take(2).Select(bytes => new NewRecord(bytes, bytes)).ToList();
            var appended = await log.AppendAsync(new AppendRequest("orders", request), CancellationToken.None);
            foreach (var partition in Enumerable.Range(0, 3))
            {
                var mine = request.Where(one => Partitioner.OfKey(one.Key!.Value.Span, 3) == partition).ToList();
                var there = appended.Batches.Where(one => one.Partition == partition);
                Assert.Equal(mine.Count, there.Sum(one => one.Count));
                model[partition].AddRange(mine.Select(one => one.Value!.Value.ToArray()));
            }

            if (i % 6 == 4)
            {
                await log.DisposeAsync();
                log = await Logs.OpenAsync("/log", options => options with { Files = disk });
            }
        }

        foreach (var batch in await log.ReadAsync(Place.Start, "orders"))
        {
            foreach (var record in batch)
            {
                if (batch.Topic == "orders")
                {
                    Assert.Equal(model[batch.Partition][(int)record.Offset], record.Value.ToArray());
                    model[batch.Partition][(int)record.Offset] = [];
                }
            }
        }

        await log.DisposeAsync();
        return model.All(partition => partition.All(bytes => bytes.Length == 0));
    }

    private static async Task<EmbeddedLog> FillAsync(TemporaryFolder folder, int partitions)
    {
        var log = await Logs.OpenAsync(folder.Path, options => options with { SegmentBytesMax = 64 << 10 });
        await log.CreateAsync("orders", partitions);
        for (var i = 0; i < 60; i++)
        {
            var size = 100 + (i * 37 % 3_000);
            await log.AppendAsync(
                new AppendRequest(
                    "orders", [.. Enumerable.Range(0, 3).Select(n => Logs.Keyed($"{i}-{n}", new string('x', size)))]),
                CancellationToken.None);
        }

        return log;
    }

    private static async Task<List<long>> StampsAsync(EmbeddedLog log, Place after) =>
        [.. (await log.ReadAsync(after, "orders")).Where(batch => batch.Topic == "orders")
            .Select(batch => batch.LogTime)];
}
