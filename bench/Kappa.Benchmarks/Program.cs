using System.Globalization;
using Kappa.Benchmarks;

CultureInfo.DefaultThreadCurrentCulture = CultureInfo.InvariantCulture;
using var inlining = args.Contains("--inlining") ? new InliningLog() : null;
var events = args.Length > 1 ? long.Parse(args[1], CultureInfo.InvariantCulture) : 12_000_000;
var folder = Environment.GetEnvironmentVariable("KAPPA_BENCH") ?? Path.Combine(Path.GetTempPath(), "kappa-bench");
await using var log = await Logs.TicksAsync(folder, events);
if (args.Contains("--read"))
{
    for (var i = 0; i < 6; i++)
    {
        await new Replay(log, folder).ReadOnlyAsync(Jobs.Small);
    }

    return;
}

var isFused = !args.Contains("--general");
foreach (var (name, job) in new[] { ("1k", Jobs.Small), ("100k", Jobs.Medium), ("1M", Jobs.Large) })
{
    if (args.Length > 0 && args[0] != "all" && args[0] != name)
    {
        continue;
    }

    var replay = new Replay(log, folder) { IsFused = isFused };
    var warm = System.Diagnostics.Stopwatch.StartNew();
    while (warm.Elapsed < TimeSpan.FromSeconds(isFused ? 3 : 1))
    {
        await replay.RunAsync(job);
    }

    var used = System.Diagnostics.Process.GetCurrentProcess().TotalProcessorTime;
    var runs = new List<Replay.Result>();
    for (var i = 0; i < 5; i++)
    {
        runs.Add(await replay.RunAsync(job));
    }

    used = System.Diagnostics.Process.GetCurrentProcess().TotalProcessorTime - used;
    var median = runs.OrderBy(run => run.Seconds).ElementAt(2);
    Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
        $"{name}: {median.Records / median.Seconds / 1e6:F1} M ev/s (cpu {5 * events / used.TotalSeconds / 1e6:F1}; {events / runs.Max(r => r.Seconds) / 1e6:F1}-"
        + $"{events / runs.Min(r => r.Seconds) / 1e6:F1}), rows {median.Rows}, late {median.Late}, "
        + $"states {median.StateFiles}, {median.Allocated / (double)median.Records:F3} B/event"));
}
