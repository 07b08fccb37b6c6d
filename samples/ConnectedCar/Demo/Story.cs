using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Kappa.Client;

namespace ConnectedCar.Demo;

/// <summary>
/// The loop from end to end: version 1 live while data comes in, version 2 replayed beside it, diff, switch, rollback,
/// switch again, drop.
/// </summary>
internal sealed class Story(DemoOptions options, Tool tool, string folder) : IDisposable
{
    private const string Harsh = "select coalesce(sum(braking + acceleration), 0) from \"harsh-driving\"";
    private const string Trips = "select count(*) from trips";
    private const string Longest =
        "select device, boot, distance_km, max_speed_kmh from trips order by distance_km desc limit 3";

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    private readonly List<string> _seen = [];
    private KappaClient? _client;

    public Uri? Address { get; private set; }

    private KappaClient Client => _client ?? throw new InvalidOperationException("The server is not up yet.");

    /// <summary>Plays it and returns the closing line, without the seconds.</summary>
    public async Task<string> TellAsync(Process server)
    {
        var key = await ConnectAsync(server);
        var partitions = options.Partitions.ToString(CultureInfo.InvariantCulture);
        await tool.KappaAsync(["topics", "create", "telemetry", "--partitions", partitions]);
        await tool.KappaAsync(["deploy", "samples/ConnectedCar/v1"]);
        await WaitForAsync("driving@1", "Live");

        Console.WriteLine(options.Data is null
            ? "\n# a simulated fleet drives off"
            : $"\n# the recordings in {options.Data} are fed");
        var clock = Stopwatch.StartNew();
        using var feed = StartFeed(key);
        var expected = options.Data is null ? 20_000 : 15_000;
        await UntilAsync(async () => (await TelemetryAsync()).Records >= expected || feed.HasExited);
        await tool.KappaAsync(["query", Longest]);

        Console.WriteLine("\n# version 2 reads the time between samples from the samples; data goes on coming in");
        await tool.KappaAsync(["deploy", "samples/ConnectedCar/v2"]);
        await feed.WaitForExitAsync();
        Console.Error.Write(await feed.StandardError.ReadToEndAsync());
        if (feed.ExitCode != 0)
        {
            throw new DemoException("the feed failed.");
        }

        var records = (await TelemetryAsync()).Records;
        var rate = records / clock.Elapsed.TotalSeconds;
        Console.WriteLine($"# {records} records acknowledged, {rate:0} a second over HTTP, builds included");
        await tool.KappaAsync(["topics", "complete", "telemetry"]);
        await ShowReplayAsync();
        return await CompareAsync(records);
    }

    public void Dispose() => _client?.Dispose();

    private async Task<string> CompareAsync(long records)
    {
        await CaughtUpAsync("driving@1", records);
        await CaughtUpAsync("driving@2", records);
        await tool.KappaAsync(["jobs"]);
        await tool.KappaAsync(["diff", "driving@1", "driving@2", "--samples", "3"], 1);
        var diff = await Client.DiffAsync(new DiffRequest("driving@1", "driving@2", 0));
        var changed = diff.Tables.Where(table => !table.Table.Contains('.', StringComparison.Ordinal))
            .Sum(table => table.Changed + table.OnlyLeft + table.OnlyRight);
        var dead = await AskAsync("select count(*) from \"driving.dead\"", "driving@2");
        var late = await AskAsync("select count(*) from \"driving.late\"", "driving@2");
        Console.WriteLine($"# dead letters {dead}, late records {late}");
        var (trips, harsh) = (await AskBothAsync(Trips), await AskBothAsync(Harsh));
        var devices = await AskAsync("select count(distinct device) from trips", "driving@2");

        await tool.KappaAsync(["switch", "driving@2"]);
        await QueryLiveAsync("driving@2", harsh.New);
        await tool.KappaAsync(["rollback", "driving"]);
        await QueryLiveAsync("driving@1", harsh.Old);
        await tool.KappaAsync(["switch", "driving@2"]);
        await QueryLiveAsync("driving@2", harsh.New);
        await tool.KappaAsync(["drop", "driving@1"]);
        await tool.KappaAsync(["tables"]);
        var dropped = (await Client.JobAsync("driving")).Versions.Count(version => version.State == "Dropped");
        var rolledBack = _seen.SequenceEqual(["driving@2", "driving@1", "driving@2"]) ? "yes" : "no";
        return $"demo records {records - dead} devices {devices} trips {trips.Old}>{trips.New} "
            + $"harsh {harsh.Old}>{harsh.New} changed {changed} rolledback {rolledBack} dropped {dropped}";
    }

    private async Task<string> ConnectAsync(Process server)
    {
        var (address, key) = (Path.Combine(folder, "server.json"), Path.Combine(folder, "admin.key"));
        await UntilAsync(() => server.HasExited
            ? throw new DemoException("the server ended.")
            : Task.FromResult(File.Exists(address) && File.Exists(key)));
        using var json = JsonDocument.Parse(await File.ReadAllTextAsync(address));
        Address = new Uri(json.RootElement.GetProperty("address").GetString()!);
        var secret = (await File.ReadAllTextAsync(key)).Trim();
        _client = new KappaClient(Address, secret);
        return secret;
    }

    private Process StartFeed(string key)
    {
        var what = options.Data is null ? new[] { "simulate" } : ["import", "--data", options.Data];
        Environment.SetEnvironmentVariable("KAPPA_KEY", key);
        return tool.Start("fleet.dll", [.. what, "--url", Address!.ToString()], captured: true);
    }

    private async Task ShowReplayAsync()
    {
        var watch = Stopwatch.StartNew();
        await UntilAsync(async () =>
        {
            var version = await VersionAsync("driving@2");
            if (version.Progress is { } progress && watch.Elapsed > TimeSpan.FromMilliseconds(300))
            {
                Console.WriteLine(
                    $"# driving@2 {version.State} {progress.RecordsDone}/{progress.RecordsTotal} "
                    + $"at {progress.RecordsPerSecond:0} records/s");
                watch.Restart();
            }

            return version.State is "Ready" or "Failed" or "Live";
        });
        var rows = await Client.QueryAsync(new QueryRequest(Trips));
        Console.WriteLine($"# readers see {rows.Version} at {rows.Place} meanwhile");
    }

    private async Task QueryLiveAsync(string version, long harsh)
    {
        await tool.KappaAsync(["query", Harsh]);
        var rows = await Client.QueryAsync(new QueryRequest(Harsh));
        if (rows.Version != version || rows.Rows[0][0].GetInt64() != harsh)
        {
            throw new DemoException(
                $"{version} with {harsh} was to answer, but {rows.Version} said {rows.Rows[0][0]}.");
        }

        _seen.Add(rows.Version);
    }

    private async Task<(long Old, long New)> AskBothAsync(string sql) =>
        (await AskAsync(sql, "driving@1"), await AskAsync(sql, "driving@2"));

    private async Task<long> AskAsync(string sql, string version) =>
        (await Client.QueryAsync(new QueryRequest(sql, Job: version))).Rows[0][0].GetInt64();

    private async Task<TopicView> TelemetryAsync() => await Client.TopicAsync("telemetry");

    private async Task<VersionView> VersionAsync(string version)
    {
        var found = (await Client.JobAsync("driving")).Versions.Single(view => view.Version == version);
        return found.State == "Failed" ? throw new DemoException($"{version} failed: {found.Error}") : found;
    }

    private Task WaitForAsync(string version, string state) =>
        UntilAsync(async () => (await VersionAsync(version)).State == state);

    private Task CaughtUpAsync(string version, long records) => UntilAsync(async () =>
        (await VersionAsync(version)).Progress is { } progress && progress.RecordsDone >= records);

    private static async Task UntilAsync(Func<Task<bool>> condition)
    {
        var watch = Stopwatch.StartNew();
        while (!await condition())
        {
            if (watch.Elapsed > Patience)
            {
                throw new DemoException($"nothing happened for {Patience}.");
            }

            await Task.Delay(50);
        }
    }
}
