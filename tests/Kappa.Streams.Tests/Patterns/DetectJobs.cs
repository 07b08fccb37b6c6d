using Kappa.Streams.Patterns;

namespace Kappa.Streams.Tests.Patterns;

/// <summary>Golden jobs with patterns: loops, skips, absence, predicates that see the match and that fail.</summary>
internal static class DetectJobs
{
    private static readonly Step<Reading> High = Step.Of<Reading>("high", reading => reading.Value > 70);
    private static readonly Step<Reading> Low = Step.Of<Reading>("low", reading => reading.Value < 30);

    private static readonly Step<Reading> Higher = Step.Of<Reading>("higher", (reading, soFar) =>
        reading.Value > (soFar["higher"].Count > 0 ? soFar["higher"][^1] : soFar[High][0]).Value);

    private static readonly Step<Reading> Fragile = Step.Of<Reading>("fragile", reading => reading.Seq % 1009 == 7
        ? throw new InvalidOperationException("seq " + reading.Seq) : reading.Value > 50);

    public static readonly Job Detected = Job.Define("detected", flow =>
    {
        var devices = flow.From<Reading>("readings", eventTime: reading => reading.At,
            lateness: TimeSpan.FromSeconds(30), maxAhead: TimeSpan.FromDays(3650)).KeyBy(reading => reading.Device);
        Trace(devices.Detect(
            High.TimesOrMore(2).FollowedBy(Low).Within(TimeSpan.FromSeconds(20)), Episode.Of,
            then: reading => reading.Seq)).ToTable("loops");
        Trace(devices.Detect(
            High.FollowedBy(Higher.OneOrMore().Greedy()).Within(TimeSpan.FromSeconds(15)).AfterMatch(Skip.PastLast),
            Episode.Of, then: reading => reading.Seq)).ToTable("rises");
        Trace(devices.InOrder(reading => reading.Seq).Detect(
            High.NotFollowedBy(Low).Within(TimeSpan.FromSeconds(9)), Episode.Of)).ToTable("absences");
        Trace(devices.Detect(
            Fragile.Next(Low.Optional()).FollowedByAny(High).NotNext(Higher)
                .Within(TimeSpan.FromSeconds(10), maxRuns: 40).AfterMatch(Skip.ToNext),
            Episode.Of, then: reading => reading.Seq)).ToTable("fragile");
    });

    public static IEnumerable<Job> All => [Detected];

    private static RunningResults<string, long> Trace(EventStream<Episode> episodes) => episodes
        .KeyBy(episode => episode.Device)
        .Aggregate(0L, (trace, episode) => unchecked((trace * 31) + episode.Trace));
}

/// <summary>A match as one number.</summary>
public sealed record Episode(string Device, long Trace)
{
    internal static Episode Of(string device, Match<Reading> match) => new(device, match.Events.Aggregate(
        0L, (trace, reading) => unchecked((trace * 31) + (17 * reading.Seq))));
}
