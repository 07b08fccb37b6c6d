using Xunit;

namespace Kappa.Log.Tests;

/// <summary>Derived topics in the log (rules E1 and V8): names, dropping, what a crash leaves of it.</summary>
public sealed class DerivedTopicTests
{
    [Theory]
    [InlineData("alerts@1", true)]
    [InlineData("a.b-c_d@120", true)]
    [InlineData("alerts", false)]
    [InlineData("alerts@", false)]
    [InlineData("alerts@0", false)]
    [InlineData("alerts@01", false)]
    [InlineData("alerts@-1", false)]
    [InlineData("alerts@1@2", false)]
    [InlineData("alerts@99999999999", false)]
    [InlineData("@1", false)]
    [InlineData("_kappa.clock@1", false)]
    [InlineData("../alerts@1", false)]
    public void A_derived_name_is_a_name_and_a_version(string name, bool isDerived) =>
        Assert.Equal(isDerived, Names.IsDerived(name));

    [Fact]
    public async Task A_dropped_topic_is_gone_and_its_folder_is_never_used_again_V8()
    {
        using var folder = new TemporaryFolder();
        await using (var log = await Logs.OpenAsync(folder.Path))
        {
            await log.CreateAsync("orders");
            await log.CreateAsync("alerts@1");
            await log.AppendAsync("alerts@1", "a", "b");
            await using var reader = log.Read(["alerts@1"], Place.Start);
            await DropAsync(log, "alerts@1");
            await DropAsync(log, "alerts@1");

            // Who still reads it is told, and everybody else goes on.
            Assert.Throws<KappaException>(() =>
            {
                while (reader.TryRead(out _))
                {
                }
            });
            await Logs.RefusedAsync(ErrorKind.NotFound, async () => await log.AppendAsync("alerts@1", "c"));
            await Logs.RefusedAsync(ErrorKind.NotFound, () => log.ReadAsync(Place.Start, "alerts@1"));
            await log.AppendAsync("orders", "x");
            await log.CreateAsync("alerts@2");
            await log.AppendAsync("alerts@2", "new");
        }

        var files = Directory.GetFiles(folder.Path, "*.segment", SearchOption.AllDirectories);
        Assert.DoesNotContain(files, file => file.Contains("000004", StringComparison.Ordinal));
        Assert.Contains(files, file => file.Contains("000005", StringComparison.Ordinal));
        await using (var again = await Logs.OpenAsync(folder.Path))
        {
            Assert.Equal(
                ["_kappa.clock", "_kappa.lifecycle", "alerts@2", "orders"], again.Topics.Select(topic => topic.Name));
            Assert.Equal(["new"], await again.ValuesAsync("alerts@2"));
            await DropAsync(again, "alerts@2");
            await again.CreateAsync("last");
            await again.AppendAsync("last", "l");
        }

        // The id of the highest topic is not used twice either.
        Assert.Contains(
            Directory.GetFiles(folder.Path, "*.segment", SearchOption.AllDirectories),
            file => file.Contains("000006", StringComparison.Ordinal));
        Assert.Empty((await EmbeddedLog.VerifyAsync(folder.Path, DiskFileSystem.ForThisPlatform())).Findings);
    }

    [Fact]
    public async Task Only_derived_topics_can_be_dropped()
    {
        using var folder = new TemporaryFolder();
        await using var log = await Logs.OpenAsync(folder.Path);
        await log.CreateAsync("orders");
        await Logs.RefusedAsync(ErrorKind.Invalid, () => DropAsync(log, "orders"));
        await Logs.RefusedAsync(ErrorKind.Invalid, () => DropAsync(log, Names.Clock));
        Assert.Contains(log.Topics, topic => topic.Name == "orders");
    }

    [Fact]
    public async Task A_crash_while_dropping_leaves_the_topic_whole_or_gone_V8_L7()
    {
        for (var at = 0; at < 20; at++)
        {
            var disk = new FaultyFileSystem();
            var log = await Logs.OpenAsync("/log", options => options with { Files = disk });
            await log.CreateAsync("orders");
            await log.CreateAsync("alerts@1");
            await log.AppendAsync("alerts@1", "a", "b");
            await log.AppendAsync("orders", "x");
            var power = new PowerLoss(disk, at, new Random(at), isBroken: true);
            var acknowledged = await Xunit.Record.ExceptionAsync(() => DropAsync(log, "alerts@1")) is null;
            var after = power.Ended();
            await log.DisposeAsync();

            await using (var again = await Logs.OpenAsync("/log", options => options with { Files = after }))
            {
                var isThere = again.Topics.Any(topic => topic.Name == "alerts@1");
                Assert.True(!isThere || !acknowledged, $"operation {at}");
                if (isThere)
                {
                    Assert.Equal(["a", "b"], await again.ValuesAsync("alerts@1"));
                }

                Assert.Equal(["x"], await again.ValuesAsync("orders"));
                await again.CreateAsync("alerts@2");
                await again.AppendAsync("alerts@2", "c");
                await DropAsync(again, "alerts@1");
            }

            var verified = await EmbeddedLog.VerifyAsync("/log", after);
            Assert.True(verified.Findings.Count == 0, $"operation {at}: {string.Join('\n', verified.Findings)}");
        }
    }

    [Fact]
    public async Task Header_is_found_by_its_name()
    {
        using var folder = new TemporaryFolder();
        await using var log = await Logs.OpenAsync(folder.Path);
        await log.CreateAsync("orders");
        await log.AppendAsync(
            new AppendRequest("orders", [new NewRecord(null, "v"u8.ToArray(),
                [new("a", "1"u8.ToArray()), new("b", "2"u8.ToArray()), new("b", "3"u8.ToArray())])]),
            CancellationToken.None);
        var batch = (await log.ReadAsync(Place.Start, "orders")).Single(one => one.Topic == "orders");
        foreach (var record in batch)
        {
            Assert.True(record.TryGetHeader("b"u8, out var value) && value.SequenceEqual("2"u8));
            Assert.False(record.TryGetHeader("c"u8, out _));
        }
    }

    private static Task DropAsync(EmbeddedLog log, string topic) =>
        log.ChangeAsync(new DropTopic(topic), CancellationToken.None).AsTask();
}
