namespace Kappa.Streams.Tests;

/// <summary>Jobs of windows and aggregates.</summary>
internal static partial class GoldenJobs
{
    public static readonly TimeSpan Gap = TimeSpan.FromSeconds(2);
    public static readonly TimeSpan SessionGrace = TimeSpan.FromSeconds(5);

    public static readonly Job Sessions = Job.Define("sessions", flow =>
    {
        var sessions = Readings(flow).KeyBy(reading => reading.Device).Window(Window.Session(Gap).Grace(SessionGrace))
            .Aggregate(Visit.None, (visit, reading) => visit.Add(reading), (left, right) => left.Merge(right));
        sessions.ToTable("sessions");
        sessions.KeyBy(session => session.Value.Count % 2).InOrder(session => session.Key)
            .Aggregate(0L, (sum, session) => unchecked((sum * 31) + session.Value.Trace)).ToTable("digests");
    });

    public static readonly Job OrderedSessions = Job.Define("ordered-sessions", flow =>
    {
        var sessions = Readings(flow).KeyBy(reading => reading.Device).Window(Window.Session(Gap))
            .Aggregate(Total.None, (total, reading) => total.Add(reading));
        sessions.ToTable("sessions");
        sessions.KeyBy(session => session.Value.Count).Window(Window.Same)
            .Aggregate(Aggregate.Count<Windowed<string, Total>>()).ToTable("alike");
    });

    public static readonly Job Same = Job.Define("same", flow =>
    {
        var counts = Readings(flow).KeyBy(reading => reading.Device)
            .Window(Window.Hopping(TimeSpan.FromMinutes(1), TimeSpan.FromSeconds(20)))
            .Aggregate(Aggregate.Count<Reading>());
        var most = counts.Window(Window.Same)
            .Aggregate(Aggregate.Top(1, (Windowed<string, long> count) => count.Value, Ties.All));
        most.ToTable("most");
        most.SelectMany(top => top.Value)
            .ToTable("busiest", top => (top.Window.End, top.Key));
        Readings(flow).Window(Minute).Aggregate(Aggregate.Top(3, (Reading reading) => reading.Value)).ToTable("top");
    });

    public static readonly Job ByKey = Job.Define("by-key", flow => Readings(flow)
        .KeyBy(reading => reading.Seq % 397 == 0 ? "x" : reading.Seq % 401 == 0 ? "y" : reading.Device)
        .Window(
            device => device switch
            {
                "x" => throw new InvalidOperationException("no window for " + device),
                "y" => Window.Session(Gap),
                "d0" => Window.Hopping(TimeSpan.FromSeconds(20), TimeSpan.FromSeconds(10)),
                _ => Window.Tumbling(TimeSpan.FromSeconds(device == "d3" ? 30 : 60)),
            },
            grace: TimeSpan.FromSeconds(5))
        .Aggregate(Total.None, (total, reading) => total.Add(reading))
        .ToTable("by-key"));

    public static readonly Job Changing = Job.Define("changing", flow =>
    {
        var devices = Readings(flow).KeyBy(reading => reading.Device)
            .Aggregate((Visit?)Visit.None, (visit, reading) => reading.Seq % 23 == 0 ? null : visit!.Add(reading));
        devices.Changes().KeyBy(change => change.Item!.Count % 3)
            .Aggregate(Signed.None, (sum, change) => sum.Add(change.Item!, change.Sign)).ToTable("thirds");
        var minutes = Readings(flow).KeyBy(reading => reading.Device).Window(Minute)
            .Aggregate(Visit.None, (visit, reading) => visit.Add(reading));
        minutes.Changes().KeyBy(change => change.Item.Window.Start)
            .Aggregate(Signed.None, (sum, change) => sum.Add(change.Item.Value, change.Sign)).ToTable("minutes");
        var sessions = Readings(flow).KeyBy(reading => reading.Device).Window(Window.Session(Gap))
            .Aggregate(Visit.None, (visit, reading) => visit.Add(reading), (left, right) => left.Merge(right));
        sessions.Changes().KeyBy(change => change.Item.Key)
            .Aggregate(Signed.None, (sum, change) => sum.Add(change.Item.Value, change.Sign)).ToTable("visits");
    });

    public static readonly Job AsOf = Job.Define("as-of", flow => Readings(flow)
        .KeyBy(reading => reading.Device)
        .InOrder(reading => reading.Seq)
        .Aggregate(Total.None, (total, reading) => total.Add(reading))
        .AsOf(Window.Tumbling(TimeSpan.FromSeconds(20)))
        .ToTable("as-of", at => (at.Window.End, at.Key)));

    public static readonly Job Backlog = Job.Define("backlog", flow => Readings(flow)
        .KeyBy(reading => reading.Device)
        .InOrder(reading => reading.Seq)
        .Aggregate(Visit.None, (visit, reading) => visit.Add(reading))
        .Changes()
        .Where(change => change.Item.Count % 2 == 1)
        .KeyBy(change => change.Item.Count % 5)
        .Aggregate(0L, (open, change) => open + change.Sign)
        .AsOf(Window.Tumbling(TimeSpan.FromSeconds(20)))
        .ToTable("backlog", at => (at.Window.End, at.Key)));

    public static readonly Job Unbounded = Job.Define("unbounded", flow =>
    {
        var days = Readings(flow)
            .EventTime(
                reading => reading.At.AddHours(-(reading.Seq % 50)), Streams.Lateness.Unbounded,
                maxAhead: TimeSpan.FromDays(3650))
            .KeyBy(reading => reading.Device)
            .Window(Window.Calendar(CalendarUnit.Day, "Europe/Madrid"))
            .Aggregate(Visit.None, (visit, reading) => visit.Add(reading));
        days.ToTable("days");
        days.Changes().KeyBy(change => change.Item.Window.Start)
            .Aggregate(0L, (count, change) => count + (change.Sign * change.Item.Value.Count)).ToTable("by-day");
    });

    public static readonly Job Aggregates = Job.Define("aggregates", flow =>
    {
        var minutes = Readings(flow).KeyBy(reading => reading.Device).Window(Minute);
        minutes.Aggregate(Aggregate.Of(
            Aggregate.Count<Reading>(), Aggregate.Sum((Reading reading) => reading.Seq),
            Aggregate.Sum((Reading reading) => reading.Value), Aggregate.Sum((Reading reading) => (decimal)reading.Seq),
            (count, whole, real, exact) => new Sums(count, whole, real, exact))).ToTable("sums");
        minutes.Aggregate(Aggregate.Of(
            Aggregate.Min((Reading reading) => reading.Value), Aggregate.Max((Reading reading) => reading.Value),
            Aggregate.MinBy((Reading reading) => (long)reading.Value / 10),
            Aggregate.MaxBy((Reading reading) => (long)reading.Value / 10),
            (least, greatest, first, last) => new Ends(least, greatest, first.Seq, last.Seq))).ToTable("ends");
        minutes.Aggregate(Aggregate.Of(
            Aggregate.Average((Reading reading) => reading.Seq), Aggregate.Average((Reading reading) => reading.Value),
            Aggregate.Average((Reading reading) => (decimal)reading.Seq), Aggregate.Latest<Reading>(),
            (whole, real, exact, last) => new Means(whole, real, exact, last.Seq))).ToTable("means");
        minutes.Aggregate(Aggregate.Top(3, (Reading reading) => (long)reading.Value / 10)).ToTable("three");
        minutes.Aggregate(Aggregate.Top(3, (Reading reading) => (long)reading.Value / 10, Ties.All)).ToTable("all");
        minutes.Aggregate(Aggregate.Of(
            Aggregate.DistinctCount((Reading reading) => (long)reading.Value),
            Aggregate.ApproximateDistinctCount((Reading reading) => (long)reading.Value, 8),
            Aggregate.Percentiles((Reading reading) => reading.Value, [0, 50, 99.9], 0.02),
            (exact, about, percents) => new Sketched(exact, about, percents[0], percents[1], percents[2])))
            .ToTable("sketched");
        Readings(flow).KeyBy(reading => reading.Device).Latest().ToTable("latest");
    });

    public static IEnumerable<Job> OfWindows =>
        [Sessions, OrderedSessions, Same, ByKey, Changing, AsOf, Backlog, Unbounded, Aggregates];
}

/// <summary>A state that merges; the trace shows the order of adding and merging.</summary>
public sealed record Visit(long Count, long Sum, long Trace)
{
    public static readonly Visit None = new(0, 0, 17);

    public Visit Add(Reading reading) => new(Count + 1, Sum + reading.Seq, unchecked((Trace * 31) + reading.Seq));

    public Visit Merge(Visit right) => new(Count + right.Count, Sum + right.Sum, unchecked((Trace * 37) + right.Trace));
}

/// <summary>A sum over changes; the trace shows their order.</summary>
public sealed record Signed(long Count, long Sum, long Trace)
{
    public static readonly Signed None = new(0, 0, 17);

    public Signed Add(Visit visit, int sign) =>
        new(Count + (sign * visit.Count), Sum + (sign * visit.Sum), unchecked((Trace * 31) + (sign * visit.Trace)));
}

public sealed record Sums(long Count, long Whole, double Real, decimal Exact);

public sealed record Ends(double Least, double Greatest, long First, long Last);

public sealed record Means(double Whole, double Real, decimal Exact, long Latest);

public sealed record Sketched(long Exact, long About, double Least, double Median, double Most);
