namespace Kappa.Streams.Tests.Outputs;

/// <summary>Jobs that say something: from records, from windows, from timers, from behind two exchanges.</summary>
internal static class OutputJobs
{
    public static readonly Job High = Job.Define("high", flow => Readings(flow)
        .Where(reading => reading.Value >= 60)
        .ToTopic("alerts", reading => reading.Device));

    public static readonly Job Minutes = Job.Define("minutes", flow =>
    {
        var minutes = Readings(flow).KeyBy(reading => reading.Device)
            .Window(Window.Tumbling(TimeSpan.FromMinutes(1)))
            .Aggregate(Total.None, (total, reading) => total.Add(reading));
        minutes.ToTable("minutes");
        minutes.ToTopic("finals", minute => minute.Key);
        minutes.KeyBy(minute => minute.Value.Count % 3)
            .Aggregate(0L, (sum, minute) => unchecked((sum * 31) + minute.Value.Trace))
            .ToTopic("sums");
    });

    public static readonly Job Ordered = Job.Define("ordered", flow =>
    {
        var ordered = Readings(flow).KeyBy(reading => reading.Device).InOrder(reading => reading.Seq);
        ordered.ToTopic("ordered");
        ordered.Process(new Silence()).ToTopic("silences");
        ordered.Aggregate(Total.None, (total, reading) => total.Add(reading))
            .SelectMany(total => Enumerable.Range(0, (int)(total.Count % 4))
                .Select(number => new Digest(number, total.Trace)))
            .ToTopic("many", digest => digest);
    });

    public static readonly IReadOnlyList<Job> All = [High, Minutes, Ordered];

    private static EventStream<Reading> Readings(Flow flow) =>
        flow.From<Reading>("readings", eventTime: reading => reading.At, lateness: TimeSpan.FromSeconds(30),
            maxAhead: TimeSpan.FromDays(3650));
}
