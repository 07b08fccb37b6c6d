using System.Buffers;
using System.Text;
using Xunit;

namespace Kappa.Log.Tests;

/// <summary>Rule L2 on the way of a request: full groups, memory that is used again.</summary>
public sealed class AppendPathTests
{
    [Fact]
    public async Task Linger_ends_when_a_group_is_full_L2()
    {
        var queue = new AppendQueue(1 << 20);
        var filled = queue.FilledAsync(300);
        await queue.AddAsync(Request(100), CancellationToken.None);
        await queue.AddAsync(Request(100), CancellationToken.None);
        Assert.False(filled.IsCompleted);
        await queue.AddAsync(Request(100), CancellationToken.None);
        Assert.True(filled.IsCompleted);
        Assert.True(queue.FilledAsync(300).IsCompleted);
    }

    [Fact]
    public async Task Linger_ends_when_nobody_can_join_L2()
    {
        var queue = new AppendQueue(150);
        await queue.AddAsync(Request(100), CancellationToken.None);
        var filled = queue.FilledAsync(1 << 20);
        Assert.False(filled.IsCompleted);
        var refused = queue.AddAsync(Request(100), CancellationToken.None);
        Assert.True(filled.IsCompleted);
        var closed = queue.FilledAsync(1 << 30);
        queue.Close();
        Assert.True(closed.IsCompleted);
        await Assert.ThrowsAsync<KappaException>(() => refused);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(125)]
    [InlineData(126)]
    [InlineData(127)]
    [InlineData(128)]
    [InlineData(16_381)]
    [InlineData(16_382)]
    [InlineData(16_384)]
    [InlineData(2_097_152)]
    public void Record_takes_the_bytes_it_was_measured_at(int length)
    {
        var value = new byte[length];
        new Random(length).NextBytes(value);
        var record = new NewRecord(value, value, [new("naïve", value)]);
        var into = new ArrayBufferWriter<byte>();
        RecordCodec.Write(into, record);
        Assert.Equal(RecordCodec.SizeOf(record), into.WrittenCount);
        var read = new RecordBatch("orders", 0, 0, 1, 1, into.WrittenMemory).GetEnumerator();
        Assert.True(read.MoveNext());
        Assert.Equal(into.WrittenCount, read.EncodedEnd);
        Assert.True(read.Current.Key.SequenceEqual(value));
        Assert.True(read.Current.Value.SequenceEqual(value));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Request_is_the_same_whatever_list_its_records_are_in_L8(int partitions)
    {
        var random = new Random(partitions);
        NewRecord[] records = [.. Enumerable.Range(0, 200).Select(i => new NewRecord(
            i % 3 == 0 ? null : Encoding.UTF8.GetBytes($"k{random.Next(9)}"),
            i % 5 == 0 ? null : Encoding.UTF8.GetBytes($"v{i}"),
            i % 7 == 0 ? [new("h", new byte[i])] : i % 11 == 0 ? [] : null))];
        var lists = new IReadOnlyList<NewRecord>[] { records, records.ToList(), Array.AsReadOnly(records) };
        var all = Array.ConvertAll(lists, list => Request(list, partitions));
        Assert.All(all, one =>
        {
            Assert.Equal(all[0].ContentHash, one.ContentHash);
            Assert.Equal(records.Length, one.Parts.Sum(part => part.Count));
            Assert.Equal(Described(all[0]), Described(one));
        });

        // Written one by one to the partition of each, as the readers of a partition see them.
        var keyless = Partitioner.OfRequest("p", 1, partitions);
        foreach (var part in all[0].Parts)
        {
            var own = new ArrayBufferWriter<byte>();
            foreach (var record in records.Where(record => part.Partition == (record.Key is { } key
                ? Partitioner.OfKey(key.Span, partitions) : keyless)))
            {
                RecordCodec.Write(own, record);
            }

            Assert.True(own.WrittenSpan.SequenceEqual(part.Bytes.Span));
        }

        static string[] Described(PreparedRequest request) => Array.ConvertAll(
            request.Parts, part => $"{part.Partition} {part.Count} {part.Crc} {Convert.ToHexString(part.Bytes.Span)}");
    }

    [Fact]
    public async Task Memory_of_decided_requests_serves_others_without_a_trace_L2()
    {
        var disk = new FaultyFileSystem();
        await using var log = await EmbeddedLog.OpenAsync(
            new LogOptions { Folder = "/log", Files = disk }, CancellationToken.None);
        await log.CreateAsync("orders", 3);
        await Task.WhenAll(Enumerable.Range(0, 8).Select(producer => Task.Run(async () =>
        {
            for (var number = 0; number < 200; number++)
            {
                var text = new string((char)('a' + producer), 1 + (number * 37 % 400)) + number;
                await log.AppendAsync(
                    new AppendRequest(
                        "orders", [Logs.Keyed(text, text), Logs.Keyed(text[..1], text)], $"p{producer}", number),
                    CancellationToken.None);
            }
        })));
        var seen = new List<string>();
        foreach (var batch in await log.ReadAsync(Place.Start, "orders"))
        {
            foreach (var record in batch)
            {
                if (batch.Topic == "orders")
                {
                    seen.Add(Encoding.UTF8.GetString(record.Value));
                }
            }
        }

        var sent = Enumerable.Range(0, 8).SelectMany(producer => Enumerable.Range(0, 200).Select(number =>
            new string((char)('a' + producer), 1 + (number * 37 % 400)) + number));
        Assert.Equal(sent.SelectMany(text => new[] { text, text }).Order(StringComparer.Ordinal),
            seen.Order(StringComparer.Ordinal));
    }

    private static PreparedRequest Request(int bytes) => Request([new NewRecord(null, new byte[bytes - 3])], 1);

    private static PreparedRequest Request(IReadOnlyList<NewRecord> records, int partitions) => PreparedRequest.Of(
        new AppendRequest("orders", records, "p", 1),
        new LogTopic(
            1, "orders",
            [.. Enumerable.Range(0, partitions).Select(number => new Partition(
                new LogId(Guid.Empty), 1, "orders", number, "/log", new FaultyFileSystem()))],
            false, TopicSettings.Default),
        new LogOptions { Folder = "/log" });
}
