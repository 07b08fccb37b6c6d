using System.Diagnostics;
using System.Globalization;
using Kappa.Log;

namespace Kappa.Benchmarks.LogSpeed;

/// <summary>The first record at a random offset and at a random time, out of partitions of closed segments.</summary>
internal static class SeekBench
{
    private const int Partitions = 4;

    public static async Task RunAsync(Disk disk)
    {
        var folder = disk.Fresh("seek");
        var options = new LogOptions { Folder = folder, SegmentBytesMax = 64 << 20 };
        await using var log = await EmbeddedLog.OpenAsync(options, CancellationToken.None);
        await log.ChangeAsync(new CreateTopic(Appending.Topic, Partitions), CancellationToken.None);
        var began = log.LogTime;
        await new Appending(100, 8, 64 << 10, 8).RunAsync(log, disk.Bytes);
        var ended = log.CompleteTo;
        var random = new Random(7);
        Console.WriteLine(
            $"first record, {disk.Bytes >> 20} MiB in {Partitions} partitions, ms | offset p50 p99 | time p50 p99");
        foreach (var isCold in new[] { false, true })
        {
            var (byOffset, byTime) = (new Spread(), new Spread());
            for (var i = 0; i < (isCold ? 20 : 2_000); i++)
            {
                if (isCold)
                {
                    RawDisk.Forget(folder);
                }

                var partition = random.Next(Partitions);
                var end = log.Topics.Single(topic => topic.Name == Appending.Topic).EndOffsets[partition];
                var watch = Stopwatch.StartNew();
                var place = await log.FindAsync(
                    Appending.Topic, partition, random.NextInt64(end), CancellationToken.None);
                await FirstAsync(log, new Place(place.LogTime, 0));
                Note(byOffset, watch, isCold || i >= 200);
                if (isCold)
                {
                    RawDisk.Forget(folder);
                }

                watch.Restart();
                await FirstAsync(log, new Place(random.NextInt64(began, ended), 0));
                Note(byTime, watch, isCold || i >= 200);
            }

            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{(isCold ? "cold" : "warm")}, {byOffset.Count} times | {byOffset.Median:F2} {byOffset.At(0.99):F2} | "
                + $"{byTime.Median:F2} {byTime.At(0.99):F2}"));
        }
    }

    private static void Note(Spread into, Stopwatch watch, bool isCounted)
    {
        if (isCounted)
        {
            into.Add(watch.Elapsed.TotalMilliseconds);
        }
    }

    private static async Task FirstAsync(EmbeddedLog log, Place place)
    {
        await using var sequence = log.Read([Appending.Topic], place);
        if (!sequence.TryRead(out _))
        {
            throw new InvalidOperationException($"there is nothing behind {place}");
        }
    }
}
