using System.Diagnostics;
using System.Globalization;
using Kappa.Benchmarks;
using Kappa.Benchmarks.LogSpeed;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
if (args.Contains("state"))
{
    StateBench.Run();
    return;
}

var asked = args.Where(arg => !arg.StartsWith('-')).ToList();
if (asked is ["log", ..])
{
    await LogBench.RunAsync(asked[1..], args);
    return;
}

var events = args.FirstOrDefault(arg => arg.StartsWith("--events=", StringComparison.Ordinal)) is { } given
    ? long.Parse(given["--events=".Length..], CultureInfo.InvariantCulture)
    : 12_000_000;
using var inlining = args.Contains("--inlining") ? new InliningLog() : null;
var folder = Environment.GetEnvironmentVariable("KAPPA_BENCH") ?? Path.Combine(Path.GetTempPath(), "kappa-bench");
var peers = Environment.GetEnvironmentVariable("KAPPA_PEERS") ?? Path.GetFullPath("bench/peers");
Directory.CreateDirectory(folder);
var jsonFile = Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"json-{events / 4}.ndjson"));

Console.WriteLine(
    $"{Environment.ProcessorCount} cores, {GC.GetGCMemoryInfo().TotalAvailableMemoryBytes >> 30} GiB, "
    + $".NET {Environment.Version}, log on {new DriveInfo(folder).DriveFormat}, {events} events, warm cache");
switch (asked)
{
    case ["peers"]:
        await Peers.RunAsync(folder, events);
        return;
    case ["tables"]:
        await TableWrites.RunAsync(folder, events);
        return;
    case ["workers"]:
        await TwoWorkers.RunAsync(folder, events, jsonFile);
        return;
    case ["archive"]:
        await ArchiveBench.RunAsync(folder, events);
        return;
    case ["live"]:
        await Live.RunAsync(folder);
        return;
}

Console.WriteLine("scenario | M ev/s (lowest-highest) | B/event | rows | late | DuckDB M ev/s | ratio | same rows");
foreach (var scenario in Scenario.All(events, jsonFile).Where(one => asked.Count == 0 || asked.Contains(one.Name)))
{
    // JSON is a quarter as many: it takes so much longer.
    var many = scenario.Events >= EventKind.Json ? events / 4 : events;
    await using var log = await Logs.MakeAsync(folder, scenario.Events, many, scenario.Partitions, jsonFile);
    var replay = new Replay(log, folder)
    {
        Workers = scenario.Workers,
        IsFused = !args.Contains("--general"),
        IsTyped = scenario.Events == EventKind.JsonTwins,
    };
    if (args.Contains("--read"))
    {
        await replay.ReadOnlyAsync(scenario.Job);
    }

    var warm = Stopwatch.StartNew();
    while (warm.Elapsed < TimeSpan.FromSeconds(3))
    {
        await replay.RunAsync(scenario.Job);
    }

    var runs = new List<Replay.Result>();
    for (var i = 0; i < 5; i++)
    {
        runs.Add(await replay.RunAsync(scenario.Job));
    }

    var median = runs.OrderBy(run => run.Seconds).ElementAt(2);
    var rate = many / median.Seconds / 1e6;
    var totals = new Totals(scenario.Job.Build().Tables[0]);
    await new Replay(log, folder) { Workers = scenario.Workers, Sink = totals.Add, IsTyped = replay.IsTyped }
        .RunAsync(scenario.Job);
    var duck = args.Contains("--alone") ? null : await Duck.RunAsync(peers, folder, scenario, many, runs: 5);
    var duckRate = duck is null ? 0 : many / duck.Seconds.Order().ElementAt(2) / 1e6;
    Console.WriteLine(string.Create(
        CultureInfo.InvariantCulture,
        $"{scenario.Name} | {rate:F1} ({many / runs.Max(run => run.Seconds) / 1e6:F1}-"
        + $"{many / runs.Min(run => run.Seconds) / 1e6:F1}) | {median.BytesPerEvent:F3} | {totals.Rows} | "
        + $"{median.Late} | {duckRate:F1} | {(duck is null ? 0 : rate / duckRate):F2} | "
        + $"{(duck is null ? "no peer" : totals.Agrees(duck.Answer) ? "yes" : $"NO: {duck.Answer}")}"));
}
