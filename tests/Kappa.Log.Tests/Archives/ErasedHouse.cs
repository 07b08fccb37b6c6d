using System.Text;
using Xunit;

namespace Kappa.Log.Tests.Archives;

/// <summary>What tests of erasure in archives do with a house: values to be erased, and a look at every byte.</summary>
internal static class ErasedHouse
{
    private static readonly byte[] Canary = "canary-7f3a"u8.ToArray();

    public static bool IsCanary(in Record record) =>
        record.Value.IndexOf(Canary) >= 0 || record.Key.IndexOf(Canary) >= 0;

    /// <summary>A house whose topic has values to be erased in most segments; in keys, too, where asked.</summary>
    public static async Task<House> OpenAsync(
        int requests = 60, Compression compression = Compression.None, bool inKeys = false)
    {
        var house = await House.OpenAsync(partitions: 2, requests: 0);
        await house.Log.ChangeAsync(new SetTopic("t", new TopicSettings { Compression = compression }), default);
        await house.FillAsync(requests, inKeys: inKeys);
        return house;
    }

    public static async Task FillAsync(this House house, int requests, int from = 0, bool inKeys = false)
    {
        var random = new Random(from + 1);
        for (var i = from; i < from + requests; i++)
        {
            await house.Log.AppendAsync(
                new AppendRequest("t", [.. Enumerable.Range(0, 5).Select(n =>
                {
                    var goes = n == 2 && i % 3 != 1;
                    var noise = new byte[1_500];
                    random.NextBytes(noise);
                    return new NewRecord(
                        Encoding.UTF8.GetBytes(goes && inKeys ? $"canary-7f3a-{i}" : $"k{n + (i % 7)}"),
                        Encoding.UTF8.GetBytes(
                            (goes ? "of canary-7f3a " : $"{i}.{n}.") + Convert.ToHexString(noise)),
                        [new("h", goes ? Canary : "x"u8.ToArray())]);
                })]),
                default);
        }
    }

    public static ValueTask<long> EraseAsync(this House house, bool withKeys = false) =>
        house.Log.EraseAsync("t", IsCanary, withKeys, default);

    /// <summary>What must not change: places, offsets, and everything of records that are not to be erased.</summary>
    public static async Task<List<string>> ShownAsync(this EmbeddedLog log) =>
        Shown(await log.ReadAsync(Place.Start, "t"));

    public static List<string> Shown(IEnumerable<RecordBatch> batches)
    {
        var shown = new List<string>();
        foreach (var batch in batches.Where(batch => batch.Topic == "t"))
        {
            foreach (var record in batch)
            {
                shown.Add($"{batch.Partition} {record.Place} {record.Offset} " + (record.IsErased || IsCanary(record)
                    ? "gone" : $"{Encoding.UTF8.GetString(record.Key)}={Encoding.UTF8.GetString(record.Value)}"));
            }
        }

        return shown;
    }

    /// <summary>No file and no object has the bytes, and none that is read shows the values.</summary>
    public static async Task AssertGoneAsync(this House house, params MemoryStore[] stores)
    {
        foreach (var (path, bytes) in house.Disk.Snapshot())
        {
            Assert.True(bytes.AsSpan().IndexOf(Canary) < 0, path);
        }

        foreach (var store in stores.Append(house.Store))
        {
            foreach (var (name, bytes) in store.Copy())
            {
                Assert.True(bytes.AsSpan().IndexOf(Canary) < 0, name);
                if (name.EndsWith(".segment", StringComparison.Ordinal))
                {
                    AssertGoneIn(name, bytes);
                }
            }
        }

        foreach (var batch in await house.Log.ReadAsync(Place.Start, "t"))
        {
            foreach (var record in batch)
            {
                Assert.False(IsCanary(record));
            }
        }
    }

    // Also what is compressed: every object is taken apart.
    private static void AssertGoneIn(string name, byte[] bytes)
    {
        var disk = new FaultyFileSystem();
        disk.Put("/s", bytes);
        using var file = disk.Open("/s", FileIntent.Read);
        Assert.Null(SegmentHeader.TryRead(bytes, out var header));
        var segment = new Segment("/s", header, bytes.Length);
        var walk = new SegmentWalk(file, segment, segment.First);
        while (walk.TryNext(bytes.Length, out var damage))
        {
            Assert.True(walk.Records.IndexOf(Canary) < 0, name);
            Assert.Null(damage);
        }

        Assert.Equal(bytes.Length, walk.Position);
    }
}
