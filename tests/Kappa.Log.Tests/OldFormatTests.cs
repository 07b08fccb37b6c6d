using Xunit;

namespace Kappa.Log.Tests;

/// <summary>I20: folders that older programs wrote, frozen in tests/fixtures, still open.</summary>
public sealed class OldFormatTests
{
    [Fact]
    public async Task Log_of_format_1_opens_is_raised_and_goes_on_I20()
    {
        using var folder = new TemporaryFolder();
        TemporaryFolder.Copy(Fixture("log-format-1"), folder.Path);
        Assert.Contains("\"format\":1", await File.ReadAllTextAsync(folder.Sub("log.json")), StringComparison.Ordinal);
        var seen = await EmbeddedLog.VerifyAsync(folder.Path, DiskFileSystem.ForThisPlatform());
        Assert.Empty(seen.Findings);
        Assert.Contains("\"format\":1", await File.ReadAllTextAsync(folder.Sub("log.json")), StringComparison.Ordinal);
        await using (var log = await Logs.OpenAsync(folder.Path))
        {
            // An older program refuses this number, before it writes anything.
            Assert.Contains(
                "\"format\":2", await File.ReadAllTextAsync(folder.Sub("log.json")), StringComparison.Ordinal);
            var values = await log.ValuesAsync("orders");
            Assert.Equal(
                Enumerable.Range(1, 3).SelectMany(i => new[] { $"{i}." + new string('x', 30_000), $"{i}" })
                    .Append("last").Order(), values.Order());
            Assert.Equal(["only"], await log.ValuesAsync("ended"));
            Assert.Equal(["s"], await log.ValuesAsync("said@1"));
            Assert.True(log.Topics.Single(topic => topic.Name == "ended").IsComplete);
            await log.ChangeAsync(
                new SetTopic("orders", new TopicSettings { Compression = Compression.Brotli }), CancellationToken.None);
            await log.AppendAsync("orders", new string('n', 10_000));
            await log.AppendAsync("said@1", "t");
        }

        Assert.Empty((await EmbeddedLog.VerifyAsync(folder.Path, DiskFileSystem.ForThisPlatform())).Findings);
        await using var again = await Logs.OpenAsync(folder.Path);
        Assert.Equal(8, (await again.ValuesAsync("orders")).Count);
        Assert.Equal(["s", "t"], await again.ValuesAsync("said@1"));
    }

    [Fact]
    public async Task Archive_of_format_1_is_read_goes_on_and_is_raised_when_something_is_erased_I20_L10()
    {
        using var folder = new TemporaryFolder();
        TemporaryFolder.Copy(Fixture("archive-format-1"), folder.Path);
        var files = DiskFileSystem.ForThisPlatform();
        await using var log = await Logs.OpenAsync(folder.Sub("log"));
        var values = await log.ValuesAsync("orders");
        await using var archive = new Archive(new ArchiveFolder(folder.Sub("archive"), files), "orders");
        var mirror = new Mirror(log, archive, new Guid("ffeeddccbbaa99887766554433221100"), _ => { });
        Assert.Equal(0, await mirror.CopyAsync(default));
        await log.SealAsync("orders", default);
        Assert.Equal(1, await mirror.CopyAsync(default));
        Assert.Empty((await archive.VerifyAsync(default)).Findings);
        var owner = folder.Sub("archive/orders/topic.json");

        // Older programs read it still.
        Assert.StartsWith("{\"format\":1,", await File.ReadAllTextAsync(owner), StringComparison.Ordinal);
        var page = await File.ReadAllTextAsync(folder.Sub("archive/orders/0000/manifest-000001"));
        Assert.DoesNotContain("revision", page, StringComparison.Ordinal);
        log.RemoveBefore("orders", 0, 4);
        log.Attach(archive);
        Assert.Equal(values, await log.ValuesAsync("orders"));

        Assert.Equal(
            3, await log.EraseAsync("orders", (in record) => record.Value.StartsWith("secret"u8), false, default));
        await mirror.CopyAsync(default);

        // And from now on they refuse it.
        Assert.StartsWith("{\"format\":2,", await File.ReadAllTextAsync(owner), StringComparison.Ordinal);
        Assert.Equal(
            values.Select(value => value.StartsWith("secret", StringComparison.Ordinal) ? "" : value),
            await log.ValuesAsync("orders"));
        await using var again = new Archive(new ArchiveFolder(folder.Sub("archive"), files), "orders");
        Assert.Empty((await again.VerifyAsync(default)).Findings);
        await log.DisposeAsync();
        Assert.All(Directory.GetFiles(folder.Path, "*", SearchOption.AllDirectories), path =>
            Assert.True(File.ReadAllBytes(path).AsSpan().IndexOf("secret"u8) < 0, path));
    }

    [Fact]
    public async Task Compressed_batches_never_go_into_a_segment_of_format_1_I20()
    {
        using var folder = new TemporaryFolder();
        TemporaryFolder.Copy(Fixture("log-format-1"), folder.Path);
        await using (var log = await Logs.OpenAsync(folder.Path))
        {
            await log.ChangeAsync(
                new SetTopic("orders", new TopicSettings { Compression = Compression.Brotli }), CancellationToken.None);
            for (var i = 0; i < 4; i++)
            {
                await log.AppendAsync("orders", new string('n', 10_000));
            }
        }

        foreach (var path in Directory.GetFiles(folder.Sub("topics/000003"), "*.segment", SearchOption.AllDirectories))
        {
            var bytes = await File.ReadAllBytesAsync(path);
            Assert.Null(SegmentHeader.TryRead(bytes, out var header));
            for (var at = SegmentHeader.Size; at < bytes.Length;)
            {
                Assert.True(BatchHeader.TryRead(bytes.AsSpan(at), header.ChainStart, out var batch));
                Assert.True(batch.Codec == 0 || header.Format == 2);
                at += batch.Length;
            }
        }
    }

    internal static string Fixture(string name)
    {
        var at = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(at, "Kappa.slnx")))
        {
            at = Path.GetDirectoryName(at)!;
        }

        return Path.Combine(at, "tests", "fixtures", name);
    }
}
