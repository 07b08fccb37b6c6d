using System.Text;
using Kappa.Log;
using Xunit;

namespace Kappa.Connect.Tests;

/// <summary>What every archive store does, and a mirror, a replay and a restore through it (rule L9).</summary>
internal static class StoreContract
{
    public static async Task KeepsBytesAsync(Func<IArchiveStore> open, bool tellsCreated = true)
    {
        await using var store = open();
        Assert.Null(await TextAsync(store, "orders/0000/a.segment"));
        Assert.Empty(await store.ListAsync("orders", CancellationToken.None));

        await WriteAsync(store, "orders/0000/a.segment", "one");
        Assert.Equal("one", await TextAsync(store, "orders/0000/a.segment"));
        await WriteAsync(store, "orders/0000/a.segment", "two, and longer");
        await WriteAsync(store, "orders/0000/a.segment", "3");
        Assert.Equal("3", await TextAsync(store, "orders/0000/a.segment"));
        Assert.True(await store.CreateAsync("orders/topic.json", "mine"u8.ToArray(), CancellationToken.None));
        if (tellsCreated)
        {
            Assert.False(await store.CreateAsync("orders/topic.json", "yours"u8.ToArray(), CancellationToken.None));
            Assert.Equal("mine", await TextAsync(store, "orders/topic.json"));
        }

        await WriteAsync(store, "orders/0000/b.segment", "more");
        await store.DeleteAsync("orders/0000/b.segment", CancellationToken.None);
        await store.DeleteAsync("orders/0000/b.segment", CancellationToken.None);
        await store.DeleteAsync("never/was", CancellationToken.None);
        Assert.Null(await TextAsync(store, "orders/0000/b.segment"));
        Assert.Equal(
            ["a.segment"],
            (await store.ListAsync("orders/0000", CancellationToken.None)).Where(Named));
        await WriteAsync(store, "_kappa.clock/topic.json", "x");
        Assert.Equal(
            ["0000", "topic.json"],
            (await store.ListAsync("orders", CancellationToken.None)).Where(Named).Order(StringComparer.Ordinal));
        Assert.Equal(
            ["_kappa.clock", "orders"],
            (await store.ListAsync("", CancellationToken.None)).Where(Named).Order(StringComparer.Ordinal));

        static bool Named(string name) => name != "lock";
    }

    public static async Task KeepsLargeAsync(Func<IArchiveStore> open)
    {
        await using var store = open();
        var bytes = new byte[5 << 20];
        new Random(3).NextBytes(bytes);
        await store.WriteAsync("t/0000/large", new MemoryStream(bytes), CancellationToken.None);

        await using var content = await store.ReadAsync("t/0000/large", CancellationToken.None);
        var back = new MemoryStream();
        await content!.CopyToAsync(back);

        Assert.Equal(bytes, back.ToArray());
    }

    public static async Task MirrorsAsync(Func<IArchiveStore> open)
    {
        var folder = Path.Combine(Path.GetTempPath(), "kappa-" + Guid.NewGuid().ToString("N"));
        try
        {
            await using var log = await EmbeddedLog.OpenAsync(
                new LogOptions { Folder = Path.Combine(folder, "log"), SegmentBytesMax = 64 << 10 },
                CancellationToken.None);
            await log.ChangeAsync(new CreateTopic("orders", 2), CancellationToken.None);
            for (var i = 0; i < 100; i++)
            {
                await log.AppendAsync(
                    new AppendRequest("orders", [new NewRecord(Encoding.UTF8.GetBytes($"k{i}"), new byte[3_000])]),
                    CancellationToken.None);
            }

            var expected = await ReadAsync(log);
            await using var archive = new Archive(open(), "orders");
            var mirror = new Mirror(log, archive, Guid.NewGuid(), heads => archive.Known = heads);
            Assert.True(await mirror.CopyAsync(CancellationToken.None) > 2);
            var (findings, segments, _) = await archive.VerifyAsync(CancellationToken.None);
            Assert.Empty(findings);
            Assert.Equal(mirror.Progress.Segments, segments);
            log.Attach(archive);
            for (var partition = 0; partition < 2; partition++)
            {
                log.RemoveBefore("orders", partition, mirror.Progress.Verified[partition]);
            }

            Assert.Equal(expected, await ReadAsync(log));
            await Refused(ErrorKind.Conflict, () =>
                new Mirror(log, archive, Guid.NewGuid(), _ => { }).CopyAsync(CancellationToken.None));

            // Of what the log has, and of what it has no more; the value is found in no byte of either after that.
            Assert.Equal(2, await log.EraseAsync(
                "orders", (in record) => record.Key.SequenceEqual("k3"u8) || record.Key.SequenceEqual("k97"u8),
                withKeys: true, CancellationToken.None));
            await mirror.CopyAsync(CancellationToken.None);
            Assert.Equal(0, mirror.Progress.Erasing);
            expected = await ReadAsync(log);
            Assert.Equal(2, expected.Count(one => one.EndsWith(' ')));
            await using (var after = new Archive(open(), "orders"))
            {
                (findings, _, _) = await after.VerifyAsync(CancellationToken.None);
                Assert.Empty(findings);
            }

            var again = new LogOptions { Folder = Path.Combine(folder, "again") };
            var records = await ArchiveRestore.RunAsync([archive], again, null, CancellationToken.None);
            Assert.Equal(mirror.Progress.Verified.Sum(), records);
            await using var restored = await EmbeddedLog.OpenAsync(again, CancellationToken.None);
            Assert.Equal(records, (await ReadAsync(restored)).Intersect(expected).Count());
        }
        finally
        {
            if (Directory.Exists(folder))
            {
                Directory.Delete(folder, recursive: true);
            }
        }
    }

    public static async Task<KappaException> Refused(ErrorKind kind, Func<ValueTask<int>> act)
    {
        var refused = await Assert.ThrowsAsync<KappaException>(() => act().AsTask());
        Assert.Equal(kind, refused.Kind);
        return refused;
    }

    public static ValueTask WriteAsync(IArchiveStore store, string name, string text) => store.WriteAsync(
        name, new MemoryStream(Encoding.UTF8.GetBytes(text)), CancellationToken.None);

    public static async Task<string?> TextAsync(IArchiveStore store, string name)
    {
        await using var content = await store.ReadAsync(name, CancellationToken.None);
        return content is null ? null : await new StreamReader(content).ReadToEndAsync();
    }

    private static async Task<List<string>> ReadAsync(EmbeddedLog log)
    {
        var read = new List<string>();
        await using var sequence = log.Read(["orders"], Place.Start);
        while (sequence.TryRead(out var batch))
        {
            foreach (var record in batch)
            {
                if (batch.Topic == "orders")
                {
                    read.Add($"{batch.Partition} {record.Offset} {record.Place} {Convert.ToBase64String(record.Value)}"
                        + Convert.ToBase64String(record.Key));
                }
            }
        }

        return read;
    }
}
