namespace Kappa.Streams.Tests;

/// <summary>Jobs that between them use every operator there is.</summary>
internal static partial class GoldenJobs
{
    private static readonly TimeSpan Lateness = TimeSpan.FromSeconds(30);
    private static readonly Window Minute = Window.Tumbling(TimeSpan.FromMinutes(1));

    public static readonly Job Minutes = Job.Define("minutes", flow => Readings(flow)
        .Where(reading => reading.Value >= 10)
        .KeyBy(reading => reading.Device)
        .Window(Minute)
        .Aggregate(Total.None, (total, reading) => total.Add(reading))
        .ToTable("minutes"));

    public static readonly Job Grace = Job.Define("grace", flow => Readings(flow)
        .KeyBy(reading => reading.Device)
        .Window(Minute.Grace(TimeSpan.FromSeconds(20)))
        .Aggregate(Total.None, (total, reading) => total.Add(reading))
        .ToTable("grace"));

    public static readonly Job Graced = Job.Define("graced", flow => Readings(flow)
        .KeyBy(reading => reading.Device)
        .Window(Minute.Grace(TimeSpan.FromSeconds(20)))
        .Aggregate(Total.None, (total, reading) => total.Add(reading))
        .KeyBy(minute => minute.Value.Count % 2)
        .Window(Window.Tumbling(TimeSpan.FromMinutes(1)))
        .Aggregate(0L, (sum, minute) => unchecked((sum * 31) + minute.Value.Trace))
        .ToTable("graced"));

    public static readonly Job Overlapping = Job.Define("overlapping", flow =>
    {
        var devices = Readings(flow).KeyBy(reading => reading.Device);
        devices.Window(Window.Hopping(TimeSpan.FromMinutes(1), TimeSpan.FromSeconds(20)))
            .Aggregate(Total.None, (total, reading) => total.Add(reading)).ToTable("hopping");
        devices.Window(Window.Cumulating(TimeSpan.FromMinutes(1), TimeSpan.FromSeconds(15)))
            .Aggregate(Total.None, (total, reading) => total.Add(reading)).ToTable("cumulating");
        devices.Window(Window.Calendar(CalendarUnit.Day, "Europe/Madrid"))
            .Aggregate(Total.None, (total, reading) => total.Add(reading)).ToTable("daily");
    });

    public static readonly Job Running = Job.Define("running", flow => Readings(flow)
        .KeyBy(reading => new Cell(reading.Device, reading.Value > 50))
        .Aggregate(Last.None, (last, reading) => last.Add(reading))
        .ToTable("running"));

    public static readonly Job Ordered = Job.Define("ordered", flow => Readings(flow)
        .KeyBy(reading => reading.Device)
        .InOrder(reading => reading.Seq)
        .Aggregate(Total.None, (total, reading) => total.Add(reading))
        .ToTable("ordered"));

    public static readonly Job Distinct = Job.Define("distinct", flow => Readings(flow)
        .KeyBy(reading => reading.Device)
        .Distinct(reading => reading.Seq, TimeSpan.FromSeconds(10))
        .Aggregate(Total.None, (total, reading) => total.Add(reading))
        .ToTable("distinct"));

    public static readonly Job Chain = Job.Define("chain", flow =>
    {
        var clean = Readings(flow).KeyBy(reading => reading.Device)
            .Distinct(reading => reading.Seq, TimeSpan.FromSeconds(20));
        var ordered = clean.InOrder(reading => reading.Seq);
        ordered.Aggregate(Total.None, (total, reading) => total.Add(reading)).ToTable("totals");
        ordered.KeyBy(reading => reading.Seq % 3).InOrder(reading => reading.Device)
            .Aggregate(Total.None, (total, reading) => total.Add(reading)).ToTable("thirds");
        var weeks = ordered.KeyBy(reading => reading.Seq % 7).Window(Minute)
            .Aggregate(Total.None, (total, reading) => total.Add(reading))
            .SelectMany(week => new[] { week.Value.Count, week.Value.Trace });
        weeks.KeyBy(number => number % 2)
            .Aggregate(0L, (sum, number) => unchecked((sum * 31) + number)).ToTable("digests");
        weeks.Select(number => new Digest(number % 10, number))
            .ToTable("latest", digest => digest.Digit, table => table.Index("number").Describe("The last number."));
        Readings(flow).Select(reading => reading with { Value = Math.Round(reading.Value) })
            .ToTable("rounded", reading => reading.Value % 10);
    });

    public static readonly Job Removing = Job.Define("removing", flow => Readings(flow)
        .KeyBy(reading => reading.Device)
        .Aggregate((Total?)Total.None, (total, reading) => reading.Seq % 5 == 0 ? null : total!.Add(reading))
        .ToTable("removing"));

    public static readonly Job Failing = Job.Define("failing", flow => Readings(flow)
        .Select(reading => reading.Seq % 611 == 3 ? throw new InvalidOperationException("seq " + reading.Seq) : reading)
        .KeyBy(reading => reading.Seq % 623 == 5 ? null! : reading.Device)
        .Process(new Silence()).ToTable("silence", silent => silent));

    public static IEnumerable<Job> All =>
        [Minutes, Grace, Graced, Overlapping, Running, Ordered, Distinct, Chain, Removing, Failing,
            .. OfWindows,
            .. StreamJobs.All,
            .. Patterns.DetectJobs.All];

    /// <summary>Those that read the topic "readings" and no other.</summary>
    public static IEnumerable<Job> OfReadings => All.Where(job => job.Build().Topics is ["readings"]);

    private static EventStream<Reading> Readings(Flow flow) =>
        flow.From<Reading>("readings", eventTime: reading => reading.At, lateness: Lateness,
            maxAhead: TimeSpan.FromDays(3650));
}

/// <summary>A number and its last digit.</summary>
public sealed record Digest([property: System.Text.Json.Serialization.JsonIgnore] long Digit, long Number);

/// <summary>Says when a device was silent for ten seconds; fails now and then.</summary>
internal sealed class Silence : Process<string, Reading, DateTimeOffset, string>
{
    public override void OnRecord(ProcessContext<string> context, string key, ref DateTimeOffset state, Reading value)
    {
        context.ClearTimer(state.AddSeconds(10));
        if (value.At > state)
        {
            state = value.At;
        }

        context.SetTimer(state.AddSeconds(10));
        if (value.Seq % 707 == 0)
        {
            throw new InvalidOperationException("after the timer was set");
        }
    }

    public override void OnTimer(ProcessContext<string> context, string key, ref DateTimeOffset state,
        DateTimeOffset due)
    {
        if (due.Second % 17 == 0)
        {
            throw new InvalidOperationException("in the timer");
        }

        context.Emit(FormattableString.Invariant($"{key} {due:O}"));
        context.SetTimer(due.AddMinutes(5));
    }
}
