using System.Globalization;
using System.Text.Json;
using Kappa.Log;
using Kappa.Streams;
using Kappa.Tables;

namespace Kappa.Golden.Tests.Rules;

/// <summary>The event of the examples.</summary>
public sealed record Event(string Key, DateTimeOffset At, long N, string Tag = "");

/// <summary>
/// One small example: records are put into the topic "e" at log times of one day, on a partition each; then a job runs
/// and its rows are read as text, with times cut to "12:00:00".
/// </summary>
internal sealed class Scenario : IAsyncDisposable
{
    private const string Day = "2026-01-01T";
    private static readonly string[] PartitionKeys =
        [.. Enumerable.Range(0, 2).Select(partition => Enumerable.Range(0, 99).Select(i => "k" + i)
            .First(key => Partitioner.OfKey(System.Text.Encoding.UTF8.GetBytes(key), 2) == partition))];

    private readonly TemporaryFolder _folder = new();
    private readonly ManualTime _time;
    private readonly Dictionary<JobVersion, Job> _code = [];
    private JobVersion? _version;

    private Scenario(bool firesTimers) => _time = new ManualTime(Time("00:00:00"), firesTimers);

    public House House { get; private set; } = null!;

    public Run Run { get; private set; } = null!;

    public JobVersion Version => _version!;

    /// <param name="firesTimers">The log's clock writes by itself when time is moved.</param>
    public static async Task<Scenario> OpenAsync(bool firesTimers = false)
    {
        var scenario = new Scenario(firesTimers);
        scenario.House = await House.OpenAsync(
            scenario._folder.Path, version => scenario._code[version], scenario._time);
        await scenario.House.TopicAsync("e", 2);
        await scenario.House.TopicAsync("gap", 1);
        return scenario;
    }

    public static DateTimeOffset Time(string clock) =>
        DateTimeOffset.Parse(Day + clock + "Z", CultureInfo.InvariantCulture);

    /// <summary>One record, alone in its batch.</summary>
    public Task PutAsync(string log, string at, string key, long n = 1, string tag = "", int partition = 0) =>
        PutRawAsync(log,
            JsonSerializer.Serialize(new Event(key, Time(at), n, tag), JsonSerializerOptions.Web), partition);

    public async Task PutRawAsync(string log, string value, int partition = 0)
    {
        await MoveToAsync(Time(log));
        await House.AppendAsync("e", (PartitionKeys[partition], value));
    }

    /// <summary>A record of the topic "rows": the row of its key, or none.</summary>
    public async Task PutRowAsync(string log, string key, string? json)
    {
        await House.TopicAsync("rows", 1);
        await MoveToAsync(Time(log));
        if (json is null)
        {
            await House.RemoveAsync("rows", key);
        }
        else
        {
            await House.AppendAsync("rows", (key, json));
        }
    }

    /// <summary>Records of one batch.</summary>
    public async Task PutTogetherAsync(string log, params (string At, string Key, long N)[] records)
    {
        await MoveToAsync(Time(log));
        await House.AppendAsync("e", [.. records.Select(record => (PartitionKeys[0], JsonSerializer.Serialize(
            new Event(record.Key, Time(record.At), record.N), JsonSerializerOptions.Web)))]);
    }

    /// <summary>Runs a job over all that was put.</summary>
    public async Task RunAsync(Job job, int workers = 1)
    {
        await StartAsync(job, workers);
        await Run.CaughtUpAsync(Version);
    }

    /// <summary>Runs a job, and does not wait for it.</summary>
    public async Task StartAsync(Job job, int workers = 1)
    {
        Run ??= await House.RunAsync("tables", workers);
        foreach (var topic in job.Build().Topics)
        {
            await House.TopicAsync(topic, topic == "e" ? 2 : 1);
        }

        var version = new JobVersion(job.Name, House.Journal.Catalog.NextNumber(job.Name));
        _code[version] = job;
        _version = await Run.MakeAsync(job);
    }

    /// <summary>A crashless stop of what runs, and a start over what is stored.</summary>
    public async Task RestartAsync(int workers = 1, Action? between = null)
    {
        await Run.DisposeAsync();
        between?.Invoke();
        Run = await House.RunAsync("tables", workers);
    }

    /// <summary>Lets time pass to a time of the day, while nothing is put.</summary>
    public void Pass(string clock) => _time.MoveTo(Time(clock));

    /// <summary>Waits until the one row of a table ends so; time passes by milliseconds meanwhile.</summary>
    public async Task UntilAsync(string table, string rowEnd)
    {
        var patience = System.Diagnostics.Stopwatch.StartNew();
        while (!(await RowsAsync(table))[0].EndsWith(rowEnd, StringComparison.Ordinal))
        {
            if (patience.Elapsed > TimeSpan.FromSeconds(60))
            {
                throw new TimeoutException($"The row of '{table}' does not end with {rowEnd}.");
            }

            _time.MoveTo(_time.GetUtcNow().AddMilliseconds(1));
            await Task.Yield();
        }
    }

    public Task CaughtUpAsync() => Run.CaughtUpAsync(Version);

    /// <summary>The rows of a table, times cut short.</summary>
    public async Task<string[]> RowsAsync(string table) =>
        [.. (await Run.RowsAsync(Version, table)).Select(row => row
            .Replace("\"" + Day, "\"", StringComparison.Ordinal)
                .Replace(".0000000Z\"", "\"", StringComparison.Ordinal))];

    /// <summary>The one text of a table of one row: what a process said, in order.</summary>
    public async Task<string> TraceAsync(string table = "trace") =>
        JsonDocument.Parse(Assert.Single(await RowsAsync(table))).RootElement[1].GetString()!;

    public async ValueTask DisposeAsync()
    {
        if (Run is not null)
        {
            await Run.DisposeAsync();
        }

        await House.DisposeAsync();
        _folder.Dispose();
    }

    /// <summary>
    /// So that the record "opened" of rule L5, which comes first behind a gap, takes no record's stamp.
    /// </summary>
    private async Task MoveToAsync(DateTimeOffset time)
    {
        if (time - _time.GetUtcNow() > TimeSpan.FromMinutes(30))
        {
            _time.MoveTo(time.AddSeconds(-1));
            await House.AppendAsync("gap", ("", ""));
        }

        _time.MoveTo(time);
    }

    private static class Assert
    {
        public static string Single(string[] rows) => rows.Length == 1 ? rows[0] : throw new InvalidOperationException(
            $"{rows.Length} rows:\n{string.Join('\n', rows)}");
    }
}
