using Kappa.Streams;

namespace Kappa.Benchmarks;

/// <summary>Count, sum and maximum.</summary>
internal readonly record struct Stats(long Count, double Sum, double Max)
{
    public static readonly Stats None = new(0, 0, double.MinValue);

    public Stats Add(double value) => new(Count + 1, Sum + value, Math.Max(Max, value));
}

/// <summary>The jobs that are measured, written as a user writes them.</summary>
internal static class Jobs
{
    public static readonly TimeSpan Lateness = TimeSpan.FromSeconds(2);
    public static readonly Window Minute = Window.Tumbling(TimeSpan.FromMinutes(1));

    public static readonly Job Small = Minutes(tick => tick.Small);
    public static readonly Job Medium = Minutes(tick => tick.Medium);
    public static readonly Job Large = Minutes(tick => tick.Large);

    private static Job Minutes(Func<Tick, int> key) => Job.Define("minutes", flow => flow
        .From("ticks", tick => new DateTimeOffset(tick.At, default), Lateness, codec: Codec.Binary<Tick>())
        .Where(tick => tick.Value >= 10)
        .KeyBy(key)
        .Window(Minute)
        .Aggregate(Stats.None, (stats, tick) => stats.Add(tick.Value))
        .ToTable("minutes"));
}
