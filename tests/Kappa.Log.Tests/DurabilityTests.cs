using Xunit;

namespace Kappa.Log.Tests;

/// <summary>Rules L2 to L4: what is acknowledged is read, in one order, before and after a restart.</summary>
public sealed class DurabilityTests
{
    [Fact]
    public async Task Record_is_read_back_when_it_was_acknowledged_and_the_log_opened_again()
    {
        using var folder = new TemporaryFolder();
        await using (var log = await Logs.OpenAsync(folder.Path))
        {
            await log.CreateAsync("orders");
            await log.AppendAsync("orders", "a", "b");
            await log.AppendAsync("orders", "c");
            Assert.Equal(["a", "b", "c"], await log.ValuesAsync("orders"));
        }

        await using var again = await Logs.OpenAsync(folder.Path);
        Assert.Equal(["a", "b", "c"], await again.ValuesAsync("orders"));
        var appended = await again.AppendAsync("orders", "d");
        Assert.Equal(3, appended.Batches[0].BaseOffset);
        Assert.Equal(["a", "b", "c", "d"], await again.ValuesAsync("orders"));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(8)]
    public async Task Sequence_gives_whole_batches_by_rising_stamp_when_many_append_at_once_L4(int partitions)
    {
        using var folder = new TemporaryFolder();
        await using var log = await Logs.OpenAsync(folder.Path);
        await log.CreateAsync("orders", partitions);
        await Task.WhenAll(Enumerable.Range(0, 8).Select(async producer =>
        {
            for (var i = 0; i < 40; i++)
            {
                await log.AppendAsync(new AppendRequest(
                    "orders", [Logs.Keyed($"k{producer}-{i}", "x"), Logs.Keyed($"k{i}", "y")]), CancellationToken.None);
            }
        }));

        var batches = await log.ReadAsync(Place.Start, "orders");
        var stamps = batches.Select(batch => batch.LogTime).ToList();
        Assert.Equal(stamps.Order().Distinct(), stamps);
        Assert.Equal(640, batches.Where(batch => batch.Topic == "orders").Sum(batch => batch.Count));
        foreach (var partition in batches.Where(batch => batch.Topic == "orders").GroupBy(batch => batch.Partition))
        {
            var next = 0L;
            foreach (var batch in partition)
            {
                Assert.Equal(next, batch.BaseOffset);
                next += batch.Count;
            }
        }
    }
}
