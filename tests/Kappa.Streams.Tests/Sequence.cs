using System.Buffers;
using System.Text.Json;
using Kappa.Log;

namespace Kappa.Streams.Tests;

/// <summary>
/// A log of readings made from a seed: batches of several partitions, out of order, with duplicates and late ones.
/// </summary>
internal sealed class Sequence
{
    public static readonly DateTimeOffset Origin = new(2026, 3, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly List<RecordBatch> _batches = [];
    private readonly Dictionary<(string, int), long> _offsets = [];

    public IReadOnlyList<RecordBatch> Batches => _batches;

    public List<(Place Place, Reading Reading)> Readings { get; } = [];

    /// <summary>Batches as a log gave them.</summary>
    public static Sequence Of(IEnumerable<RecordBatch> batches)
    {
        var made = new Sequence();
        made._batches.AddRange(batches);
        return made;
    }

    public static Sequence Random(
        int seed, int records, int partitions, bool complete, int devices = 5, int batchMax = 11)
    {
        var random = new Random(seed);
        var made = new Sequence();
        var logTime = Origin.AddDays(1).UtcTicks;
        var all = new List<Reading>();
        while (all.Count < records)
        {
            var time = Origin.AddSeconds(all.Count / 4.0);
            var roll = random.NextDouble();
            var shift = roll < 0.5 ? 0 : roll < 0.97 ? -random.Next(0, 28) : -random.Next(40, 200);
            var reading = new Reading(
                "d" + random.Next(devices), time.AddSeconds(shift), all.Count,
                Math.Round(random.NextDouble() * 100, 3));
            var isDuplicate = random.Next(15) == 0 && all.Count > 0;
            all.Add(isDuplicate ? all[random.Next(Math.Max(0, all.Count - 50), all.Count)] : reading);
        }

        for (var at = 0; at < all.Count;)
        {
            var count = Math.Min(all.Count - at, random.Next(1, batchMax + 1));
            logTime += random.Next(1, 10_000);
            made.Add("readings", random.Next(partitions), logTime, all.GetRange(at, count));
            at += count;
            if (random.Next(10) == 0)
            {
                // Now and then it is quiet for a while.
                logTime += random.Next(4) == 0 ? random.Next(1, 60_000) : 1;
                made.Clock(new ClockRecord(random.Next(9) == 0 ? ClockKind.Opened : ClockKind.Tick), logTime);
            }
        }

        if (complete)
        {
            made.Clock(new ClockRecord(ClockKind.Complete, "readings"), logTime + 5);
        }

        return made;
    }

    public void Add(string topic, int partition, long logTime, IReadOnlyList<Reading> readings)
    {
        for (var i = 0; i < readings.Count; i++)
        {
            Readings.Add((new Place(logTime, i + 1), readings[i]));
        }

        AddRaw(topic, partition, logTime, [.. readings.Select(reading =>
            JsonSerializer.SerializeToUtf8Bytes(reading, JsonSerializerOptions.Web))]);
    }

    public void AddRaw(string topic, int partition, long logTime, IReadOnlyList<byte[]> values)
    {
        var bytes = new ArrayBufferWriter<byte>();
        foreach (var value in values)
        {
            RecordCodec.Write(bytes, new NewRecord(null, value));
        }

        var offset = _offsets.GetValueOrDefault((topic, partition));
        _offsets[(topic, partition)] = offset + values.Count;
        _batches.Add(new RecordBatch(topic, partition, offset, logTime, values.Count, bytes.WrittenMemory));
    }

    public void Clock(ClockRecord record, long logTime) => AddRaw(Names.Clock, 0, logTime, [record.ToBytes()]);
}
