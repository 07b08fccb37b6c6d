using System.Buffers.Binary;
using System.Text;
using Xunit;

namespace Kappa.Log.Tests;

/// <summary>Topics whose batches are stored compressed: nobody but the disk sees a difference.</summary>
public sealed class CompressionTests
{
    private const string Segment = "/log/topics/000003/0000/00000001.segment";
    private static readonly TopicSettings Brotli = new() { Compression = Compression.Brotli };

    [Fact]
    public async Task Compressed_topic_gives_the_records_as_they_came_and_takes_less_room()
    {
        var plain = new FaultyFileSystem();
        var small = new FaultyFileSystem();
        var random = new Random(11);
        NewRecord Make(int i, int n) => new(
            n % 3 == 0 ? null : Encoding.UTF8.GetBytes($"k{n}"),
            n % 7 == 0 ? null : Encoding.UTF8.GetBytes($"{n}: {new string('y', random.Next(200))}"),
            n % 5 == 0 ? [new("trace", Encoding.UTF8.GetBytes($"{i}"))] : null);
        var requests = Enumerable.Range(0, 60)
            .Select(i => Enumerable.Range(0, random.Next(1, 30)).Select(n => Make(i, n)).ToArray()).ToList();
        var expected = await RunAsync(plain, TopicSettings.Default, requests);
        var read = await RunAsync(small, Brotli, requests);
        Assert.Equal(expected, read);
        Assert.InRange(small.Snapshot()[Segment].Length, 1, plain.Snapshot()[Segment].Length / 3);
        Assert.Empty((await EmbeddedLog.VerifyAsync("/log", small)).Findings);
        await using var again = await OpenAsync(small.Crash(new Random(1)));
        Assert.Equal(expected, await EncodedAsync(again));
    }

    [Fact]
    public async Task Incompressible_and_tiny_batches_are_stored_as_they_came()
    {
        var disk = new FaultyFileSystem();
        await using var log = await OpenAsync(disk);
        await log.ChangeAsync(new CreateTopic("orders", 1, Brotli), CancellationToken.None);
        var noise = new byte[5_000];
        new Random(1).NextBytes(noise);
        await log.AppendAsync(new AppendRequest("orders", [new NewRecord(null, noise)]), CancellationToken.None);
        await log.AppendAsync("orders", "a");
        await log.AppendAsync("orders", new string('z', 50_000));
        var stored = disk.Snapshot()[Segment];
        Assert.InRange(stored.Length, 5_000, 5_800);
        Assert.Equal(3, (await log.ValuesAsync("orders")).Count);
    }

    [Fact]
    public async Task Compression_may_be_switched_on_and_off_between_batches_and_half_a_request_is_still_completed_L8()
    {
        var disk = new FaultyFileSystem();
        await using var log = await OpenAsync(disk);
        await log.CreateAsync("orders", 2);
        var records = Enumerable.Range(0, 40).Select(i => Logs.Keyed($"{i}", new string('v', 300) + i)).ToArray();
        disk.Fault = (what, path) =>
            path.Contains("000003/0001", StringComparison.Ordinal) ? new DiskFullException(path) : null;
        await Logs.RefusedAsync(
            ErrorKind.Unavailable, async () => await log.AppendNumberedAsync("orders", "shop", 1, records));
        disk.Fault = null;
        await log.ChangeAsync(new SetTopic("orders", Brotli), CancellationToken.None);
        Assert.True((await log.AppendNumberedAsync("orders", "shop", 1, records)).Repeated);
        Assert.True((await log.AppendNumberedAsync("orders", "shop", 1, records)).Repeated);
        await log.AppendNumberedAsync("orders", "shop", 2, records);
        await log.ChangeAsync(new SetTopic("orders", TopicSettings.Default), CancellationToken.None);
        await log.AppendNumberedAsync("orders", "shop", 3, records);
        var values = records.Select(record => Encoding.UTF8.GetString(record.Value!.Value.Span));
        Assert.Equal(
            values.Concat(values).Concat(values).Order(), (await log.ValuesAsync("orders")).Order());
    }

    [Fact]
    public async Task Every_flipped_bit_of_a_compressed_batch_is_named_L10()
    {
        var disk = new FaultyFileSystem();
        await using (var log = await OpenAsync(disk))
        {
            await log.ChangeAsync(new CreateTopic("orders", 1, Brotli), CancellationToken.None);
            await log.AppendAsync("orders", string.Join(',', Enumerable.Range(0, 200)));
        }

        var whole = disk.Snapshot();
        for (var bit = SegmentHeader.Size * 8; bit < whole[Segment].Length * 8; bit++)
        {
            var after = RecoveryTests.Disk(whole);
            var flipped = (byte[])whole[Segment].Clone();
            flipped[bit / 8] ^= (byte)(1 << (bit % 8));
            after.Put(Segment, flipped);
            await using var again = await OpenAsync(after);
            await Logs.RefusedAsync(ErrorKind.Corrupt, () => again.ValuesAsync("orders"));
        }
    }

    [Theory]
    [InlineData(int.MaxValue)]
    [InlineData(-1)]
    [InlineData(CompressedRecords.PlainBytesMax + 1)]
    [InlineData(0)]
    [InlineData(100)]
    [InlineData(50_009)]
    [InlineData(50_011)]
    [InlineData(1 << 20)]
    public async Task Batch_that_claims_another_size_than_it_has_is_refused_before_memory_is_taken(int claimed)
    {
        // A bomb with right checksums all over, as somebody could make it who may write the file.
        var disk = new FaultyFileSystem();
        await using (var log = await OpenAsync(disk))
        {
            await log.ChangeAsync(new CreateTopic("orders", 1, Brotli), CancellationToken.None);
            await log.AppendAsync("orders", new string('b', 50_000));
            await log.SealAsync("orders", CancellationToken.None);
        }

        var bytes = disk.Snapshot()[Segment];
        Assert.Null(SegmentHeader.TryRead(bytes, out var segment));
        var batch = bytes.AsSpan(SegmentHeader.Size);
        Assert.True(BatchHeader.TryRead(batch, segment.ChainStart, out var header));
        Assert.Equal(CompressedRecords.Brotli, header.Codec);
        var stored = batch[header.RecordsAt..header.Length];
        Assert.Equal(50_006 - 1, BinaryPrimitives.ReadInt32LittleEndian(stored));
        BinaryPrimitives.WriteInt32LittleEndian(stored, claimed);
        header.RecordsCrc = Crc32C.Of(stored);
        header.Write(batch, segment.ChainStart);
        disk.Put(Segment, bytes);
        var before = GC.GetAllocatedBytesForCurrentThread();
        using var file = disk.Open(Segment, FileIntent.Read);
        var walk = new SegmentWalk(file, new Segment(Segment, segment, bytes.Length), new Segment(
            Segment, segment, bytes.Length).First);
        Assert.False(walk.TryNext(bytes.Length, out var damage));
        Assert.NotNull(damage);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 2 << 20);
        await using var again = await OpenAsync(disk);
        await Logs.RefusedAsync(ErrorKind.Corrupt, () => again.ValuesAsync("orders"));
    }

    [Fact]
    public async Task Unknown_codec_is_named_and_not_returned_as_records()
    {
        var disk = new FaultyFileSystem();
        await using (var log = await OpenAsync(disk))
        {
            await log.CreateAsync("orders");
            await log.AppendAsync("orders", "a");
            await log.SealAsync("orders", CancellationToken.None);
        }

        var bytes = disk.Snapshot()[Segment];
        Assert.Null(SegmentHeader.TryRead(bytes, out var segment));
        Assert.True(BatchHeader.TryRead(bytes.AsSpan(SegmentHeader.Size), segment.ChainStart, out var header));
        header.Codec = 9;
        header.Write(bytes.AsSpan(SegmentHeader.Size), segment.ChainStart);
        disk.Put(Segment, bytes);
        await using var again = await OpenAsync(disk);
        var named = await Logs.RefusedAsync(ErrorKind.Corrupt, () => again.ValuesAsync("orders"));
        Assert.Contains("codec 9", named.Message, StringComparison.Ordinal);
    }

    private static async Task<List<string>> RunAsync(
        FaultyFileSystem disk, TopicSettings settings, List<NewRecord[]> requests)
    {
        await using var log = await OpenAsync(disk);
        await log.ChangeAsync(new CreateTopic("orders", 1, settings), CancellationToken.None);
        for (var i = 0; i < requests.Count; i++)
        {
            await log.AppendNumberedAsync("orders", "shop", i, requests[i]);
        }

        return await EncodedAsync(log);
    }

    private static async Task<List<string>> EncodedAsync(EmbeddedLog log) =>
        [.. (await log.ReadAsync(Place.Start, "orders")).Where(batch => batch.Topic == "orders")
            .Select(batch => $"{batch.BaseOffset} {batch.Count} {Convert.ToHexString(batch.EncodedRecords.Span)}")];

    private static async Task<EmbeddedLog> OpenAsync(FaultyFileSystem disk) =>
        await Logs.OpenAsync("/log", options => options with { Files = disk });
}
