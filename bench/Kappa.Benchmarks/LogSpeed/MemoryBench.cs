using System.Diagnostics;
using System.Globalization;
using Kappa.Log;

namespace Kappa.Benchmarks.LogSpeed;

/// <summary>
/// Memory under a steady stream of appends, with retention that keeps the folder small: every ten seconds what the
/// process has of its own in memory, and the managed heap.
/// </summary>
internal static class MemoryBench
{
    private const long Retained = 2L << 30;
    private const int BytesPerSecond = 100 << 20;
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(10);

    public static async Task RunAsync(Disk disk, double minutes)
    {
        var folder = disk.Fresh("memory");
        await using var log = await EmbeddedLog.OpenAsync(new LogOptions { Folder = folder }, CancellationToken.None);
        await log.ChangeAsync(
            new CreateTopic(
                Appending.Topic, 1, new TopicSettings { RetainBytes = Retained, LoseHistory = true }),
            CancellationToken.None);
        var load = new Appending(1024, 4, 64 << 10, 4);
        var samples = new List<(double Minute, double Rss, double Heap)>();
        var watch = Stopwatch.StartNew();
        var (appended, next) = (0L, Every);
        while (watch.Elapsed < TimeSpan.FromMinutes(minutes))
        {
            appended += load.BytesOf(BytesPerSecond / 10);
            await load.RunAsync(log, BytesPerSecond / 10);
            await log.RetainAsync(Appending.Topic, Place.EndOf(log.CompleteTo), CancellationToken.None);
            if (TimeSpan.FromSeconds(appended / (double)BytesPerSecond) - watch.Elapsed is { Ticks: > 0 } ahead)
            {
                await Task.Delay(ahead);
            }

            if (watch.Elapsed >= next)
            {
                next += Every;
                samples.Add((watch.Elapsed.TotalMinutes, OwnMemory(), GC.GetTotalMemory(false) / 1e6));
            }
        }

        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{minutes} minutes, {appended / watch.Elapsed.TotalSeconds / 1e6:F0} MB/s appended, "
            + $"{Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Sum(
                path => new FileInfo(path).Length) >> 20} MiB on the disk at the end"));
        Console.WriteLine("memory of the process, by minute: " + string.Join(' ', samples
            .GroupBy(one => (int)Math.Ceiling(one.Minute - 0.05))
            .Select(minute => minute.Average(one => one.Rss).ToString("F0", CultureInfo.InvariantCulture))));
        Console.WriteLine("MB | first minute | last minute | highest | slope an hour");
        Print("memory of the process", samples.ConvertAll(one => (one.Minute, one.Rss)));
        Print("managed heap", samples.ConvertAll(one => (one.Minute, one.Heap)));
    }

    private static void Print(string what, List<(double Minute, double Value)> samples)
    {
        Spread Of(Func<double, bool> isIn)
        {
            var spread = new Spread();
            samples.Where(one => isIn(one.Minute)).ToList().ForEach(one => spread.Add(one.Value));
            return spread;
        }

        var last = samples[^1].Minute;
        var (x, y) = (samples.Average(one => one.Minute), samples.Average(one => one.Value));
        var slope = samples.Sum(one => (one.Minute - x) * (one.Value - y))
            / samples.Sum(one => (one.Minute - x) * (one.Minute - x));
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{what} | {Of(minute => minute <= 1.05).Median:F0} | {Of(minute => minute > last - 1).Median:F0} | "
            + $"{Of(_ => true).Highest:F0} | {slope * 60:F0}"));
    }

    /// <summary>Resident and not of a file, in MB.</summary>
    private static double OwnMemory() => double.Parse(
        File.ReadLines("/proc/self/status").Single(line => line.StartsWith("RssAnon:", StringComparison.Ordinal))
            .Split(' ', StringSplitOptions.RemoveEmptyEntries)[1],
        CultureInfo.InvariantCulture) * 1024 / 1e6;
}
