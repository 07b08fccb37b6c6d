using System.Diagnostics;
using System.Globalization;
using Kappa.Log;

namespace Kappa.Benchmarks.LogSpeed;

/// <summary>Producers that append records of one size in numbered requests, several under way at once.</summary>
/// <param name="recordBytes">The value of a record, in bytes; no key.</param>
/// <param name="producers">How many.</param>
/// <param name="batchBytes">The values of a request, in bytes.</param>
/// <param name="inFlight">Requests of one producer that are not answered.</param>
internal sealed class Appending(int recordBytes, int producers, int batchBytes, int inFlight)
{
    public const string Topic = "speed";
    private readonly Producer[] _producers =
        [.. Enumerable.Range(0, producers).Select(i => new Producer(string.Create(
            CultureInfo.InvariantCulture, $"p{i}")))];

    public int RecordBytes => recordBytes;

    public int RecordsPerRequest => Math.Max(1, batchBytes / recordBytes);

    public string Name => string.Create(
        CultureInfo.InvariantCulture,
        $"{RecordBytes} B, {producers} producer{(producers > 1 ? "s" : "")}, {Request} x {inFlight}");

    private string Request => string.Create(
        CultureInfo.InvariantCulture, $"{(batchBytes < 1024 ? "one record" : $"{batchBytes >> 10} KiB")}");

    /// <summary>Appends so many bytes of values and returns when all are acknowledged.</summary>
    public async Task<double> RunAsync(ILog log, long bytes)
    {
        var requests = (int)(bytes / ((long)RecordsPerRequest * RecordBytes) / producers);
        var watch = Stopwatch.StartNew();
        await Task.WhenAll(_producers.Select(producer => Task.Run(() => ProduceAsync(log, producer, requests))));
        return watch.Elapsed.TotalSeconds;
    }

    public long BytesOf(long bytes) =>
        bytes / ((long)RecordsPerRequest * RecordBytes) / producers * producers * RecordsPerRequest * RecordBytes;

    /// <summary>The records of one request: other bytes in each.</summary>
    public NewRecord[] Records(int seed)
    {
        var bytes = new byte[RecordsPerRequest * RecordBytes];
        new Random(seed).NextBytes(bytes);
        return [.. Enumerable.Range(0, RecordsPerRequest).Select(i => new NewRecord(
            null, bytes.AsMemory(i * RecordBytes, RecordBytes)))];
    }

    private async Task ProduceAsync(ILog log, Producer producer, int requests)
    {
        var records = producer.Records ??= Records(producer.Name.Length);
        var underWay = new Queue<Task<Appended>>();
        for (var i = 0; i < requests; i++)
        {
            if (underWay.Count == inFlight)
            {
                await underWay.Dequeue();
            }

            underWay.Enqueue(log.AppendAsync(
                new AppendRequest(Topic, records, producer.Name, producer.Next++), CancellationToken.None).AsTask());
        }

        await Task.WhenAll(underWay);
    }

    private sealed class Producer(string name)
    {
        public string Name { get; } = name;

        public long Next { get; set; }

        public NewRecord[]? Records { get; set; }
    }
}
