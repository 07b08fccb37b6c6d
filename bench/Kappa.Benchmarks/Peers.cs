using System.Diagnostics;
using System.Globalization;
using System.Reactive.Linq;
using Kappa.Streams;

namespace Kappa.Benchmarks;

/// <summary>
/// The minutes beside the same query in C#: a loop written by hand over the same log, LINQ and System.Reactive over
/// events that are decoded in memory already and in order.
/// </summary>
internal static class Peers
{
    public static async Task RunAsync(string folder, long events)
    {
        await using var log = await Logs.MakeAsync(folder, EventKind.Ticks, events, 1, "");
        var ticks = new Tick[events];
        for (var i = 0; i < ticks.Length; i++)
        {
            ticks[i] = Ticks.Of(i);
        }

        Console.WriteLine(
            "keys | Kappa M ev/s | by hand | Kappa ÷ by hand | LINQ | ÷ | System.Reactive | ÷ | same rows");
        foreach (var (name, job, key) in new (string, Job, Func<Tick, int>)[]
        {
            ("1k", Jobs.Small, tick => tick.Small), ("100k", Jobs.Medium, tick => tick.Medium),
            ("1m", Jobs.Large, tick => tick.Large),
        })
        {
            await MeasureAsync(name, job, key, log, folder, ticks);
        }
    }

    private static async Task MeasureAsync(
        string name, Job job, Func<Tick, int> key, Log.ILog log, string folder, Tick[] ticks)
    {
        var replay = new Replay(log, folder);
        var kappa = new List<double>();
        var hand = new List<double>();
        HandFused? last = null;
        var warm = Stopwatch.StartNew();
        for (var run = 0; run < 5 || warm.Elapsed < TimeSpan.FromSeconds(8); run++)
        {
            // In turn, so that what else the machine does meets both.
            kappa.Add((await replay.RunAsync(job)).Seconds);
            last = new HandFused(key);
            var watch = Stopwatch.StartNew();
            await last.RunAsync(log);
            hand.Add(watch.Elapsed.TotalSeconds);
        }

        var (linqSeconds, linq) = Time(() => Linq(ticks, key));
        var (rxSeconds, rx) = name == "1m" ? (0, linq) : Time(() => Reactive(ticks, key));
        var rate = Median(kappa, ticks.Length);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{name} | {rate:F1} | {Median(hand, ticks.Length):F1} | {rate / Median(hand, ticks.Length):F2} | "
            + $"{ticks.Length / linqSeconds / 1e6:F1} | {rate * linqSeconds * 1e6 / ticks.Length:F1} | "
            + $"{(rxSeconds == 0 ? 0 : ticks.Length / rxSeconds / 1e6):F1} | "
            + $"{rate * rxSeconds * 1e6 / ticks.Length:F1} | "
            + $"{(linq == rx && linq.Rows == last!.Rows && linq.Count == last.Count ? "yes" : "NO")}"));
    }

    /// <summary>The second half of the runs: the first are for the compiler.</summary>
    private static double Median(List<double> seconds, long events)
    {
        var warm = seconds.Skip(seconds.Count / 2).Order().ToList();
        return events / warm[warm.Count / 2] / 1e6;
    }

    private static (double Seconds, (long Rows, long Count) Rows) Time(Func<(long Rows, long Count)> run)
    {
        run();
        var watch = Stopwatch.StartNew();
        var rows = run();
        return (watch.Elapsed.TotalSeconds, rows);
    }

    private static (long Rows, long Count) Linq(Tick[] ticks, Func<Tick, int> key)
    {
        long rows = 0, count = 0;
        foreach (var (_, stats) in ticks.Where(tick => tick.Value >= 10).AggregateBy(
            tick => (tick.At / TimeSpan.TicksPerMinute, key(tick)), Stats.None,
            (stats, tick) => stats.Add(tick.Value)))
        {
            rows++;
            count += stats.Count;
        }

        return (rows, count);
    }

    private static (long Rows, long Count) Reactive(Tick[] ticks, Func<Tick, int> key)
    {
        long rows = 0, count = 0;
        using var all = ticks.ToObservable(System.Reactive.Concurrency.Scheduler.Immediate)
            .Where(tick => tick.Value >= 10)
            .GroupBy(tick => (tick.At / TimeSpan.TicksPerMinute, key(tick)))
            .SelectMany(group => group.Aggregate(Stats.None, (stats, tick) => stats.Add(tick.Value)))
            .Subscribe(stats =>
            {
                rows++;
                count += stats.Count;
            });
        return (rows, count);
    }
}
