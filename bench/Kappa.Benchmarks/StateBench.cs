using System.Buffers;
using System.Diagnostics;
using System.Globalization;
using Kappa.Log;
using Kappa.Streams;
using Kappa.Streams.Patterns;
using Kappa.Streams.Runtime;
using Kappa.Tables;

namespace Kappa.Benchmarks;

/// <summary><c>./do bench state</c>: what a key costs in memory and on disk, and what a bound costs in speed.</summary>
internal static class StateBench
{
    private const int Keys = 200_000;
    private const int ManyKeys = 1_000_000;
    private const int StepRecords = 16_384;
    private const int Saves = 30;
    private const long LogTime = Ticks.Origin + (10 * TimeSpan.TicksPerDay);
    private static readonly Window Hops = Window.Hopping(TimeSpan.FromHours(4), TimeSpan.FromHours(1));

    private static readonly (string Name, Job Job, int Windows)[] Cases =
    [
        ("fold, int key", Of(tick => tick.Large), 1),
        ("fold, string key", Of(tick => Ticks.NameOf(tick.Large)), 1),
        ("window, int key", Windowed(Hops), 4),
        ("session, int key", Windowed(Window.Session(TimeSpan.FromHours(2))), 1),
        ("Detect, int key", Detected(), 1),
    ];

    public static void Run()
    {
        var folder = Directory.CreateTempSubdirectory("kappa-bench-state-").FullName;
        try
        {
            Console.WriteLine(
                $"state of {Keys:N0} keys | B/key in memory | B/key and window | estimated / real | B/key on disk");
            foreach (var (name, job, windows) in Cases)
            {
                Memory(name, job, windows, folder);
            }

            Pauses(folder);
            Console.WriteLine($"{ManyKeys:N0} keys, one worker | M ev/s in memory | M ev/s at a tenth | ratio");
            Speed("fold, uniform keys", Of(tick => tick.Large), folder, i =>
                (int)(i * 7919 % ManyKeys));
            Speed("fold, 95 % in a twentieth", Of(tick => tick.Large), folder, Skewed);
            Speed("window, uniform keys", Windowed(Window.Tumbling(TimeSpan.FromDays(1))), folder,
                i => (int)(i * 7919 % ManyKeys));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static int Skewed(long i) => i % 20 == 0
        ? (int)(i * 7919 % ManyKeys)
        : (int)(i * 7919 % (ManyKeys / 20));

    private static Job Of<TKey>(Func<Tick, TKey> key)
        where TKey : notnull => Job.Define("running", flow => From(flow)
            .KeyBy(key).Aggregate(Stats.None, (stats, tick) => stats.Add(tick.Value)).ToTable("running"));

    private static Job Windowed(Window window) => Job.Define("windowed", flow => From(flow)
        .KeyBy(tick => tick.Large).Window(window)
        .Aggregate(Stats.None, (stats, tick) => stats.Add(tick.Value)).ToTable("windowed"));

    private static Job Detected()
    {
        var first = Step.Of<Tick>("first", tick => tick.Value >= 0);
        var never = Step.Of<Tick>("never", tick => tick.Value < 0);
        return Job.Define("detected", flow => From(flow)
            .KeyBy(tick => tick.Large)
            .Detect(first.FollowedBy(never).Within(TimeSpan.FromHours(2)), (key, _) => key)
            .KeyBy(key => key).Aggregate(0L, (count, _) => count + 1).ToTable("detected"));
    }

    private static EventStream<Tick> From(Flow flow) => flow.From(
        "ticks", tick => new DateTimeOffset(tick.At, default), TimeSpan.FromSeconds(2), codec: Codec.Binary<Tick>());

    /// <summary>A step of events of these keys, a microsecond apart.</summary>
    private static RecordBatch Batch(long first, int count, Func<long, int> key)
    {
        var records = new ArrayBufferWriter<byte>(count * 64);
        var value = new ArrayBufferWriter<byte>(64);
        for (var i = first; i < first + count; i++)
        {
            value.ResetWrittenCount();
            Codec.Binary<Tick>().Write(
                new Tick(Ticks.Origin + (i * 10), i % 100, 0, 0, key(i), 0, i), value);
            RecordCodec.Write(records, new NewRecord(null, value.WrittenMemory));
        }

        return new RecordBatch("ticks", 0, first, LogTime + first, count, records.WrittenMemory);
    }

    private static JobMachine Machine(Job job, string folder, long share) => new(
        job.Build(), 1, spill: new SpillSpace(DiskFileSystem.ForThisPlatform(), folder) { Share = () => share });

    private static void Feed(JobMachine machine, long events, Func<long, int> key)
    {
        var changes = new TableChanges();
        for (long at = 0; at < events; at += StepRecords)
        {
            machine.Step([Batch(at, (int)Math.Min(StepRecords, events - at), key)]);
            machine.Collect(changes);
            changes.Clear();
        }
    }

    private static void Memory(string name, Job job, int windows, string folder)
    {
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var machine = Machine(job, folder, long.MaxValue);
        Feed(machine, Keys, i => (int)i);

        // What waits for the watermark goes on to where it is kept; one key more does not count.
        machine.Step([Batch(10L * TimeSpan.TicksPerSecond, 1, _ => Keys)]);
        var changes = new TableChanges();
        machine.Collect(changes);
        changes = null;
        var estimate = machine.StateBytes;
        machine.Step([]);
        var real = (GC.GetTotalMemory(forceFullCollection: true) - before) / (double)Keys;
        var written = Save(machine, folder);
        GC.KeepAlive(machine);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{name} | {real:F0} | {real / windows:F0} | {estimate / (real * Keys):F2} | {written / (double)Keys:F0}"));
    }

    private static long Save(JobMachine machine, string folder)
    {
        new StateFiles(DiskFileSystem.ForThisPlatform(), folder, "bench").Write(new Place(1, 1), machine.Save);
        return new FileInfo(Directory.GetFiles(folder, "*.state").Single()).Length;
    }

    private static void Pauses(string folder)
    {
        foreach (var (name, share) in new[] { ("in memory", long.MaxValue), ("nine tenths spilled", Tenth(folder)) })
        {
            var machine = Machine(Cases[0].Job, folder, share);
            Feed(machine, ManyKeys, i => (int)i);
            var pauses = new List<double>();
            for (var i = 0; i < Saves; i++)
            {
                var watch = Stopwatch.StartNew();
                Save(machine, folder);
                pauses.Add(watch.Elapsed.TotalMilliseconds);
            }

            machine.Spill!.Close();
            pauses.Sort();
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"state file of {ManyKeys:N0} keys, {name}: p50 {pauses[Saves / 2]:F0} ms, p99 {pauses[^1]:F0} ms"));
        }
    }

    /// <summary>A tenth of what the states of all keys take.</summary>
    private static long Tenth(string folder)
    {
        var machine = Machine(Cases[0].Job, folder, long.MaxValue);
        Feed(machine, ManyKeys, i => (int)i);
        return machine.StateBytes / 10;
    }

    private static void Speed(string name, Job job, string folder, Func<long, int> key)
    {
        var plain = Rate(job, folder, long.MaxValue, key, out var bytes);
        var spilled = Rate(job, folder, bytes / 10, key, out _);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"{name} | {plain / 1e6:F2} | {spilled / 1e6:F2} | {spilled / plain:F3}"));
    }

    /// <summary>Events in a second, once all keys are there; making the events is not counted.</summary>
    private static double Rate(Job job, string folder, long share, Func<long, int> key, out long bytes)
    {
        var machine = Machine(job, folder, share);
        Feed(machine, ManyKeys, i => (int)i);
        var changes = new TableChanges();
        var watch = new Stopwatch();
        long events = 0;
        for (long at = ManyKeys; watch.Elapsed < TimeSpan.FromSeconds(4) && events < 8L * ManyKeys; at += StepRecords)
        {
            var batch = Batch(at, StepRecords, key);
            watch.Start();
            machine.Step([batch]);
            if (machine.IsCollectDue || events % (64 * StepRecords) == 0)
            {
                machine.Collect(changes);
                changes.Clear();
            }

            watch.Stop();
            events += StepRecords;
        }

        bytes = machine.StateBytes;
        machine.Spill!.Close();
        return events / watch.Elapsed.TotalSeconds;
    }
}
