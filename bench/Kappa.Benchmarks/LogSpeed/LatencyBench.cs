using System.Diagnostics;
using System.Globalization;
using Kappa.Log;

namespace Kappa.Benchmarks.LogSpeed;

/// <summary>
/// How long one record takes until it is acknowledged, beside a bare write and sync of as many bytes into a growing
/// file, in turns and at the same rate; both from when the record was due. Without linger, as a server has it.
/// </summary>
internal static class LatencyBench
{
    private static readonly (int Bytes, int Rate, double Seconds)[] Loads =
        [(1024, 100, 4), (1024, 1000, 3)];

    public static async Task RunAsync(Disk disk)
    {
        Console.WriteLine("latency of one record, ms | log p50 p99 | write and fdatasync p50 p99 | p99 / p99");
        foreach (var (bytes, rate, seconds) in Loads)
        {
            var folder = disk.Fresh("latency");
            await using var log = await EmbeddedLog.OpenAsync(
                new LogOptions { Folder = Path.Combine(folder, "log") }, CancellationToken.None);
            await log.ChangeAsync(new CreateTopic(Appending.Topic), CancellationToken.None);
            using var raw = File.OpenHandle(
                Path.Combine(folder, "raw"), FileMode.CreateNew, FileAccess.ReadWrite);
            var value = new byte[bytes];
            long number = 0, position = 0;
            var ours = new Spread();
            var bare = new Spread();
            for (var run = 0; run <= disk.Runs; run++)
            {
                var isCounted = run > 0;
                await PaceAsync(rate, isCounted ? seconds : 1, async due =>
                {
                    await log.AppendAsync(
                        new AppendRequest(Appending.Topic, [new NewRecord(null, value)], "one", number++),
                        CancellationToken.None);
                    Note(ours, due, isCounted);
                });
                await PaceAsync(rate, isCounted ? seconds : 1, due =>
                {
                    RawDisk.WriteAndSync(raw, value, position);
                    position += bytes;
                    Note(bare, due, isCounted);
                    return Task.CompletedTask;
                });
            }

            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{bytes} B, {rate}/s | {ours.Median:F2} {ours.At(0.99):F2} | {bare.Median:F2} {bare.At(0.99):F2} | "
                + $"{ours.At(0.99) / bare.At(0.99):F1}"));
        }
    }

    private static void Note(Spread spread, long due, bool isCounted)
    {
        if (isCounted)
        {
            lock (spread)
            {
                spread.Add(Stopwatch.GetElapsedTime(due).TotalMilliseconds);
            }
        }

    }

    /// <summary>Begins one thing after the other when it is due, whether those before are done or not.</summary>
    private static async Task PaceAsync(int rate, double seconds, Func<long, Task> one)
    {
        var began = Stopwatch.GetTimestamp();
        var underWay = new List<Task>();
        for (var i = 0; i < rate * seconds; i++)
        {
            var due = began + (long)(i * (double)Stopwatch.Frequency / rate);
            while (Stopwatch.GetTimestamp() is var now && now < due)
            {
                var left = Stopwatch.GetElapsedTime(now, due);
                if (left > TimeSpan.FromMilliseconds(3))
                {
                    await Task.Delay(left - TimeSpan.FromMilliseconds(2));
                }
                else
                {
                    Thread.Yield();
                }
            }

            underWay.Add(one(due));
        }

        await Task.WhenAll(underWay);
    }
}
