namespace Kappa.Streams.Tests;

/// <summary>Golden jobs of several streams: merges, joins, re-timed streams, quiet sources, sides.</summary>
internal static class StreamJobs
{
    public static readonly TimeSpan Before = TimeSpan.FromSeconds(-5);
    public static readonly TimeSpan After = TimeSpan.FromSeconds(12);
    private static readonly Window Minute = Window.Tumbling(TimeSpan.FromMinutes(1));

    public static readonly Job Joined = Job.Define("joined", flow =>
    {
        var (left, right) = Sides(flow);
        var pairs = left.Join(
            right, Interval.Between(Before, After), (l, r) => new Pair(l.Device, l.Seq, r.Seq),
            (l, r) => r.Seq % 400 == 7 && l.Seq % 7 == 1
                ? throw new InvalidOperationException("no pair") : (l.Seq + r.Seq) % 3 > 0);
        pairs.ToTable("pairs", pair => pair.Id());
        pairs.KeyBy(pair => pair.Device).Window(Minute)
            .Aggregate(0L, (trace, pair) => unchecked((trace * 31) + (pair.Left ?? 0) + (7 * pair.Right ?? 0)))
            .ToTable("traces");
    });

    public static readonly Job Outer = Job.Define("outer", flow =>
    {
        var (left, right) = Sides(flow);
        left.LeftJoin(right, Interval.Between(Before, After), (l, r) => new Pair(l.Device, l.Seq, r?.Seq))
            .ToTable("lefts", pair => pair.Id());
        left.FullJoin(
            right, Interval.Between(After, After * 2), (l, r) => new Pair(l?.Device ?? r!.Device, l?.Seq, r?.Seq),
            (l, r) => l.Seq % 2 == r.Seq % 2).ToTable("all", pair => pair.Id());
    });

    public static readonly Job Bounded = Job.Define("bounded", flow =>
    {
        var (left, right) = Sides(flow);
        left.Join(
            right, l => l.At, l => l.At.AddSeconds(l.Seq % 301 == 0 ? 13 : l.Seq % 12), TimeSpan.FromSeconds(11),
            (l, r) => new Pair(l.Device, l.Seq, r.Seq)).ToTable("bound", pair => pair.Id());
        left.Where(l => l.Seq % 150 == 0).Join(
            right.Where(r => r.Seq % 11 == 0), Interval.Since(TimeSpan.FromSeconds(3), rowsMax: 2),
            (l, r) => new Pair(l.Device, l.Seq, r.Seq)).ToTable("open", pair => pair.Id());
        left.Join(left, Interval.Within(TimeSpan.Zero), (l, r) => new Pair(l.Device, l.Seq, r.Seq))
            .KeyBy(pair => pair.Device)
            .Aggregate(0L, (trace, pair) => unchecked((trace * 31) + pair.Left!.Value - (3 * pair.Right!.Value)))
            .ToTable("selves");
    });

    public static readonly Job Merged = Job.Define("merged", flow =>
    {
        var readings = From(flow, 30);
        var minutes = readings.KeyBy(reading => reading.Device).Window(Minute.Grace(TimeSpan.FromSeconds(20)))
            .Aggregate(Total.None, (total, reading) => total.Add(reading))
            .Select(minute => new Reading(minute.Key, minute.Window.Start, minute.Value.Trace, minute.Value.Sum));
        var low = readings.Where(reading => reading.Value < 20);
        var high = From(flow, 10).Where(reading => reading.Value > 60);
        var all = low.Merge(high.Merge(readings.Where(reading => reading.Seq % 3 == 0)), minutes);
        all.ToTable("last", reading => reading.Seq % 10);
        all.KeyBy(reading => reading.Device).InOrder()
            .Aggregate(Total.None, (total, reading) => total.Add(reading)).ToTable("ordered");
        all.KeyBy(reading => reading.Device).Window(Minute)
            .Aggregate(Total.None, (total, reading) => total.Add(reading)).ToTable("again");
    });

    public static readonly Job Retimed = Job.Define("retimed", flow =>
    {
        var later = From(flow, 30).KeyBy(reading => reading.Device).InOrder(reading => reading.Seq)
            .Process(new Doubling<string>());
        var retimed = later.EventTime(
            reading => reading.At.AddMinutes(reading.Seq % 7), TimeSpan.FromMinutes(1), TimeSpan.FromDays(3650));
        retimed.KeyBy(reading => reading.Device).Window(Minute)
            .Aggregate(Total.None, (total, reading) => total.Add(reading)).ToTable("shifted");
        var hours = retimed.KeyBy(reading => reading.Seq % 2).InOrder()
            .Process(new Doubling<long>()).Merge(retimed, From(flow, 0));
        hours.KeyBy(reading => reading.Device).InOrder(reading => reading.Seq)
            .Aggregate(Total.None, (total, reading) => total.Add(reading)).ToTable("merged");
        From(flow, 0)
            .EventTime(reading => reading.At.AddHours(-(reading.Seq % 50)), Lateness.Unbounded)
            .KeyBy(reading => reading.Device).Window(Window.Tumbling(TimeSpan.FromHours(1)))
            .Aggregate(Total.None, (total, reading) => total.Add(reading)).ToTable("whenever");
    });

    public static readonly Job Quiet = Job.Define("quiet", flow =>
    {
        var readings = flow.From<Reading>(
            "readings", reading => reading.At, TimeSpan.FromSeconds(30), TimeSpan.FromDays(3650),
            quietAfter: TimeSpan.FromMicroseconds(700), settle: TimeSpan.FromMilliseconds(2));
        readings.KeyBy(reading => reading.Device).Window(Minute)
            .Aggregate(Total.None, (total, reading) => total.Add(reading)).ToTable("minutes");
        var alarms = new Alarms();
        var said = readings.KeyBy(reading => reading.Device).Process(alarms);
        said.KeyBy(text => text.Length).Aggregate("", (all, text) => all.Length > 900 ? text : all + text)
            .ToTable("said");
        said.Side(alarms.Odd).ToTable("odd", seq => seq % 10);
        said.Side(alarms.Times).KeyBy(time => time.Second % 5)
            .Aggregate(0L, (trace, time) => unchecked((trace * 31) + time.Ticks)).ToTable("times");
    });

    public static readonly Job LookedUp = Job.Define("looked", flow =>
    {
        var rows = flow.From<Reading>("readings").Where(reading => reading.Seq % 4 == 0)
            .KeyBy(reading => reading.Device)
            .Aggregate((Reading?)null, (_, reading) => reading.Value < 15 ? null : reading);
        var asking = From(flow, 30).Where(reading => reading.Seq % 4 != 0 || reading.Seq % 3 == 0);
        asking.LookUp(rows, reading => reading.Device, (asked, row) => new Pair(asked.Device, asked.Seq, row?.Seq))
            .ToTable("latest", pair => pair.Id());
        asking.KeyBy(reading => reading.Device).InOrder(reading => reading.Seq).Process(new Doubling<string>())
            .LookUp(
                rows, reading => reading.Device, (asked, row) => new Pair(asked.Device, asked.Seq, row?.Seq),
                validFrom: row => row!.At)
            .KeyBy(pair => pair.Device)
            .Aggregate(0L, (trace, pair) => unchecked((trace * 31) + (pair.Left ?? 0) + (7 * pair.Right ?? 0)))
            .ToTable("valid");
    });

    public static readonly Job Referenced = Job.Define("referenced", flow =>
    {
        var rows = flow.Table<string, Reading>("rows");
        rows.ToTable("rows");
        var readings = From(flow, 30);
        readings.LookUp(rows, reading => reading.Device, (asked, row) => new Pair(asked.Device, asked.Seq, row?.Seq))
            .ToTable("asked", pair => pair.Id());
        readings.KeyBy(reading => reading.Seq % 3)
            .LookUp(rows, reading => reading.Device, (asked, row) =>
                asked with { Seq = (31 * asked.Seq) + (row?.Seq ?? 0) })
            .Aggregate(Total.None, (total, reading) => total.Add(reading)).ToTable("thirds");
    });

    public static readonly Job Preloaded = Job.Define("preloaded", flow =>
    {
        var rows = flow.Table<string, Reading>("rows");
        var readings = From(flow, 30);
        readings
            .LookUp(
                rows, reading => reading.Device, (asked, row) => new Pair(asked.Device, asked.Seq, row?.Seq),
                preload: true)
            .ToTable("first", pair => pair.Id());
        readings.KeyBy(reading => reading.Seq % 5)
            .LookUp(
                flow.Table<string, Reading>("rows"), reading => reading.Device,
                (asked, row) => asked with { Seq = (31 * asked.Seq) + (row?.Seq ?? 0) }, row => row.At, preload: true)
            .InOrder(reading => reading.Seq)
            .Aggregate(Total.None, (total, reading) => total.Add(reading)).ToTable("fifths");
    });

    public static IEnumerable<Job> All =>
        [Joined, Outer, Bounded, Merged, Retimed, Quiet, LookedUp, Referenced, Preloaded];

    public static (KeyedStream<string, Reading> Left, KeyedStream<string, Reading> Right) Sides(Flow flow) => (
        From(flow, 30).Where(reading => reading.Value < 60).KeyBy(reading => reading.Device),
        From(flow, 12).Where(reading => reading.Value > 30).KeyBy(reading => reading.Device));

    private static EventStream<Reading> From(Flow flow, int lateness) => flow.From<Reading>(
        "readings", reading => reading.At, TimeSpan.FromSeconds(lateness), TimeSpan.FromDays(3650));
}

/// <summary>What a join found.</summary>
public sealed record Pair(string Device, long? Left, long? Right)
{
    public string Id() => FormattableString.Invariant($"{Device} {Left} {Right}");
}

/// <summary>Sends each value, and half of it again a second later by a timer.</summary>
internal sealed class Doubling<TKey> : Process<TKey, Reading, Reading?, Reading>
    where TKey : notnull
{
    public override void OnRecord(ProcessContext<Reading> context, TKey key, ref Reading? state, Reading value)
    {
        context.Emit(value);
        state = value;
        context.SetTimer(value.At.AddSeconds(1));
    }

    public override void OnTimer(ProcessContext<Reading> context, TKey key, ref Reading? state, DateTimeOffset due) =>
        context.Emit(state! with { At = due, Value = state.Value / 2 });
}

/// <summary>Sets timers of both kinds, and sends by three ways.</summary>
internal sealed class Alarms : Process<string, Reading, ImmutableTrace, string>
{
    public SideOutput<long> Odd { get; } = new("odd");

    public SideOutput<DateTimeOffset> Times { get; } = new("times");

    public override void OnRecord(
        ProcessContext<string> context, string key, ref ImmutableTrace state, Reading value)
    {
        state = new ImmutableTrace(state.Count + 1, unchecked((state.Trace * 31) + value.Seq));
        context.SetLogTimer(context.Place.Time.AddMicroseconds(value.Seq % 900));
        if (value.Seq % 4 == 0)
        {
            context.ClearLogTimer(context.Place.Time.AddMicroseconds((value.Seq + 1) % 900));
            context.SetTimer(value.At.AddSeconds(-3));
        }

        if (value.Seq % 2 == 1)
        {
            context.Emit(Odd, state.Trace);
        }
    }

    public override void OnTimer(
        ProcessContext<string> context, string key, ref ImmutableTrace state, DateTimeOffset due) =>
        context.Emit(FormattableString.Invariant($"{key}:{due:ss}:{state.Count};"));

    public override void OnLogTimer(
        ProcessContext<string> context, string key, ref ImmutableTrace state, DateTimeOffset due)
    {
        context.Emit(Times, due);
        if (state.Count % 397 == 0)
        {
            context.SetLogTimer(due.AddMilliseconds(1));
            throw new InvalidOperationException("at 397");
        }

        state = state with { Trace = state.Trace + due.Ticks };
    }
}

/// <summary>A count and a trace.</summary>
public readonly record struct ImmutableTrace(long Count, long Trace);
