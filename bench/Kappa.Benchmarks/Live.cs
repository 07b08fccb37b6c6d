using System.Buffers;
using System.Diagnostics;
using System.Globalization;
using Kappa.Log;
using Kappa.Streams;
using Kappa.Streams.Runtime;
using Kappa.Tables;
using Kappa.Tables.Loop;
using Kappa.Tables.Sqlite;

namespace Kappa.Benchmarks;

/// <summary>
/// A live version under a steady rate of records, requests of 10 ms: how long from the answer to an append until its
/// row can be read, and until its record stands on the derived topic; beside it the append itself.
/// </summary>
internal sealed class Live : IJobSource
{
    private static readonly TimeSpan Warm = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan Measured = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan Beat = TimeSpan.FromMilliseconds(10);

    private static readonly Job Job = Job.Define("live", flow =>
    {
        var totals = flow
            .From("ticks", tick => new DateTimeOffset(tick.At, default), Jobs.Lateness, codec: Codec.Binary<Tick>())
            .KeyBy(tick => tick.Medium)
            .Aggregate(Stats.None, (stats, tick) => stats.Add(tick.Value));
        totals.ToTable("totals");
        flow.From("ticks", tick => new DateTimeOffset(tick.At, default), Jobs.Lateness, codec: Codec.Binary<Tick>())
            .Where(tick => tick.Site == 0)
            .ToTopic("zeros");
    });

    private static readonly JobVersion Version = new("live", 1);

    public static async Task RunAsync(string folder)
    {
        Console.WriteLine(
            "records/s | appended | append ms p50 p99 | row visible ms p50 p99 max | on the topic ms p50 p99 max");
        foreach (var rate in new[] { 10_000, 100_000 })
        {
            var at = Path.Combine(folder, "live");
            if (Directory.Exists(at))
            {
                Directory.Delete(at, recursive: true);
            }

            await new Live().RunAsync(at, rate);
            Directory.Delete(at, recursive: true);
        }
    }

    public ValueTask<Topology> LoadAsync(CatalogVersion version, CancellationToken cancel) => new(Job.Build());

    public void Release(JobVersion version)
    {
    }

    private async Task RunAsync(string folder, int rate)
    {
        var files = DiskFileSystem.ForThisPlatform();
        await using var log = await EmbeddedLog.OpenAsync(
            new LogOptions { Folder = Path.Combine(folder, "log") }, CancellationToken.None);
        await using var store = new SqliteStore(Path.Combine(folder, "tables"), files);
        using var journal = await Journal.OpenAsync(log, CancellationToken.None);
        await using var versions = new Versions(log, journal, store, this, new VersionsOptions
        {
            StateFolder = Path.Combine(folder, "state"),
            Files = files,
            Report = Console.Error.WriteLine,
        });
        await log.ChangeAsync(new CreateTopic("ticks"), CancellationToken.None);
        var topology = Job.Build();
        await new Reprocess(journal, versions, store, TimeProvider.System).RunAsync(
            new VersionMade(
                Version, "bench", "bench", topology.Tables, topology.Topics, new Dictionary<string, string>(),
                Place.EndOf(log.CompleteTo))
            {
                Outputs = topology.Outputs,
            },
            CancellationToken.None);
        while (journal.Catalog.Find(Version)!.State != VersionState.Live)
        {
            await journal.ChangedAsync(journal.Catalog, CancellationToken.None);
        }

        using var stop = new CancellationTokenSource();
        var samples = new List<Sample>();
        var rows = VisibleAsync(store, samples, stop.Token);
        var topic = OnTopicAsync(log, samples, stop.Token);
        var appended = await ProduceAsync(log, rate, samples);
        await Task.Delay(TimeSpan.FromSeconds(2));
        await stop.CancelAsync();
        await Task.WhenAll(rows, topic);
        var measured = samples.Where(sample => sample.IsMeasured).ToList();
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{rate} | {appended} | {Spread(measured.Select(one => one.Append))} | "
            + $"{Spread(measured.Select(one => one.Row))} | {Spread(measured.Select(one => one.Topic))}"));
    }

    private static async Task<long> ProduceAsync(EmbeddedLog log, int rate, List<Sample> samples)
    {
        var began = Stopwatch.GetTimestamp();
        var wall = DateTime.UtcNow.Ticks;
        var each = (int)(rate * Beat.TotalSeconds);
        long serial = 0;
        var pending = new List<Task>();
        for (var beat = 0; ; beat++)
        {
            var due = Beat * beat;
            if (due > Warm + Measured)
            {
                break;
            }

            if (due - Stopwatch.GetElapsedTime(began) is { Ticks: > 0 } wait)
            {
                await Task.Delay(wait);
            }

            var buffer = new ArrayBufferWriter<byte>(each * 48);
            var ends = new int[each];
            for (var i = 0; i < each; i++)
            {
                var tick = Ticks.Of(serial++) with { At = wall + due.Ticks, Site = i == 0 ? 0 : 1 };
                Codec.Binary<Tick>().Write(tick, buffer);
                ends[i] = buffer.WrittenCount;
            }

            var bytes = buffer.WrittenMemory;
            pending.Add(AppendAsync(
                log, [.. ends.Select((end, i) => new NewRecord(null, bytes[(i == 0 ? 0 : ends[i - 1])..end]))], samples,
                isMeasured: due > Warm));
        }

        await Task.WhenAll(pending);
        return serial;
    }

    private static async Task AppendAsync(
        EmbeddedLog log, NewRecord[] records, List<Sample> samples, bool isMeasured)
    {
        var began = Stopwatch.GetTimestamp();
        var appended = await log.AppendAsync(new AppendRequest("ticks", records), CancellationToken.None);
        lock (samples)
        {
            var last = appended.Batches[^1];
            samples.Add(new Sample(
                new Place(last.LogTime, last.Count), new Place(appended.Batches[0].LogTime, 1), isMeasured)
            {
                Answered = Stopwatch.GetTimestamp(),
                Append = Stopwatch.GetElapsedTime(began).TotalMilliseconds,
            });
        }
    }

    /// <summary>The table is a function of its place: a row is there when the place is behind its record.</summary>
    private static async Task VisibleAsync(SqliteStore store, List<Sample> samples, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            await using (var snapshot = await store.ReadAsync(Version, CancellationToken.None))
            {
                Mark(samples, one => one.Last <= snapshot.Place, (sample, ms) => sample.Row ??= ms);
            }

            await Task.Delay(2, CancellationToken.None);
        }
    }

    private static async Task OnTopicAsync(EmbeddedLog log, List<Sample> samples, CancellationToken stop)
    {
        await using var sequence = log.Read(["zeros@1"], Place.Start);
        try
        {
            while (true)
            {
                var last = Place.Start;
                while (sequence.TryRead(out var batch))
                {
                    if (batch.Topic == "zeros@1")
                    {
                        foreach (var record in batch)
                        {
                            last = OutputId.Of(batch.Topic, record).Place;
                        }
                    }
                }

                Mark(samples, one => one.First <= last, (sample, ms) => sample.Topic ??= ms);
                await sequence.WaitAsync(stop);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The run is over.
        }
    }

    private static void Mark(List<Sample> samples, Predicate<Sample> isThere, Action<Sample, double> mark)
    {
        var now = Stopwatch.GetTimestamp();
        lock (samples)
        {
            for (var i = samples.Count - 1; i >= 0 && i >= samples.Count - 2_000; i--)
            {
                if (isThere(samples[i]))
                {
                    mark(samples[i], Math.Max(0, Stopwatch.GetElapsedTime(samples[i].Answered, now).TotalMilliseconds));
                }
            }
        }
    }

    private static string Spread(IEnumerable<double?> values)
    {
        var sorted = values.Select(value => value ?? double.PositiveInfinity).Order().ToList();
        double At(double share) => sorted[Math.Min(sorted.Count - 1, (int)(sorted.Count * share))];
        return string.Create(CultureInfo.InvariantCulture, $"{At(0.5):F1} {At(0.99):F1} {sorted[^1]:F1}");
    }

    /// <summary>A request, by the places of its last record and of its first, which goes to the topic.</summary>
    private sealed record Sample(Place Last, Place First, bool IsMeasured)
    {
        public long Answered { get; init; }

        public double? Append { get; init; }

        public double? Row { get; set; }

        public double? Topic { get; set; }
    }
}
