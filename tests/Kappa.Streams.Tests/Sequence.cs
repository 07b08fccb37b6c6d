using System.Buffers;
using System.Text;
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

    /// <summary>The records of the topic "rows": a device's row, or null where it is removed.</summary>
    public List<(Place Place, string Device, Reading? Row)> Rows { get; } = [];

    /// <summary>A place at about two fifths of it: up to there tests preload.</summary>
    public Place Preloads => _batches[_batches.Count * 2 / 5].LastPlace;

    /// <summary>Batches as a log gave them.</summary>
    public static Sequence Of(IEnumerable<RecordBatch> batches)
    {
        var made = new Sequence();
        made._batches.AddRange(batches);
        return made;
    }

    /// <param name="seed">What its chances come from.</param>
    /// <param name="records">How many readings there are.</param>
    /// <param name="partitions">On how many partitions.</param>
    /// <param name="complete">Does the topic end behind them?</param>
    /// <param name="devices">How many devices there are.</param>
    /// <param name="batchMax">Most readings of a batch.</param>
    /// <param name="rows">Is there a topic "rows" as well, with the latest of some devices, and removals?</param>
    /// <param name="paced">Does log time pass about as event time does? Else it nearly stands.</param>
    public static Sequence Random(
        int seed, int records, int partitions, bool complete, int devices = 5, int batchMax = 11, bool rows = false,
        bool paced = false)
    {
        var pace = paced ? 3_000L : 1;
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
            logTime += random.Next(1, 10_000) * pace;
            made.Add("readings", random.Next(partitions), logTime, all.GetRange(at, count));
            if (rows)
            {
                made.AddRows(++logTime, all.GetRange(at, count));
            }

            at += count;
            if (random.Next(10) == 0)
            {
                // Now and then it is quiet for a while.
                logTime += random.Next(4) == 0 ? random.Next(1, 60_000) * pace : 1;
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

    /// <summary>Of every fourth reading a row of its device, of every twelfth its removal.</summary>
    public static IEnumerable<(string Device, Reading? Row)> RowsOf(IEnumerable<Reading> readings) => readings
        .Where(reading => reading.Seq % 4 == 0)
        .Select(reading => (reading.Device, reading.Seq % 3 == 0 ? null : reading));

    public static NewRecord RowRecord(string device, Reading? row) => new(
        Encoding.UTF8.GetBytes(device),
        row is null ? null : JsonSerializer.SerializeToUtf8Bytes(row, JsonSerializerOptions.Web));

    public void AddRaw(string topic, int partition, long logTime, IReadOnlyList<byte[]> values) =>
        AddRecords(topic, partition, logTime, [.. values.Select(value => new NewRecord(null, value))]);

    public void AddRecords(string topic, int partition, long logTime, IReadOnlyList<NewRecord> records)
    {
        var bytes = new ArrayBufferWriter<byte>();
        foreach (var record in records)
        {
            RecordCodec.Write(bytes, record);
        }

        var offset = _offsets.GetValueOrDefault((topic, partition));
        _offsets[(topic, partition)] = offset + records.Count;
        _batches.Add(new RecordBatch(topic, partition, offset, logTime, records.Count, bytes.WrittenMemory));
    }

    private void AddRows(long logTime, IEnumerable<Reading> readings)
    {
        var rows = RowsOf(readings).ToList();
        for (var i = 0; i < rows.Count; i++)
        {
            Rows.Add((new Place(logTime, i + 1), rows[i].Device, rows[i].Row));
        }

        if (rows.Count > 0)
        {
            AddRecords("rows", 0, logTime, [.. rows.Select(row => RowRecord(row.Device, row.Row))]);
        }
    }

    public void Clock(ClockRecord record, long logTime) => AddRaw(Names.Clock, 0, logTime, [record.ToBytes()]);
}
