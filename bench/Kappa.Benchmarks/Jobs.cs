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
    public static readonly Window Hops = Window.Hopping(TimeSpan.FromMinutes(1), TimeSpan.FromSeconds(15));

    public static readonly Job Small = Windowed(tick => tick.Small, Minute);
    public static readonly Job Medium = Windowed(tick => tick.Medium, Minute);
    public static readonly Job Large = Windowed(tick => tick.Large, Minute);
    public static readonly Job Hopping = Windowed(tick => tick.Small, Hops);

    public static readonly Job Named = Job.Define("named", flow => flow
        .From("names", tick => new DateTimeOffset(tick.At, default), Lateness, codec: Codec.Binary<NamedTick>())
        .Where(tick => tick.Value >= 10)
        .KeyBy(tick => tick.Name)
        .Window(Minute)
        .Aggregate(Stats.None, (stats, tick) => stats.Add(tick.Value))
        .ToTable("minutes"));

    public static readonly Job Json = Job.Define("json", flow => flow
        .From<JsonTick>("json", tick => new DateTimeOffset(tick.Ts, default), Lateness)
        .Where(tick => tick.Value >= 10)
        .KeyBy(tick => tick.K2)
        .Window(Minute)
        .Aggregate(Stats.None, (stats, tick) => stats.Add(tick.Value))
        .ToTable("minutes"));

    public static readonly Job JsonAsBinary = Job.Define("json", flow => flow
        .From("json", tick => new DateTimeOffset(tick.Ts, default), Lateness, codec: Codec.Binary<JsonTick>())
        .Where(tick => tick.Value >= 10)
        .KeyBy(tick => tick.K2)
        .Window(Minute)
        .Aggregate(Stats.None, (stats, tick) => stats.Add(tick.Value))
        .ToTable("minutes"));

    private static Job Windowed(Func<Tick, int> key, Window window) => Job.Define("minutes", flow => flow
        .From("ticks", tick => new DateTimeOffset(tick.At, default), Lateness, codec: Codec.Binary<Tick>())
        .Where(tick => tick.Value >= 10)
        .KeyBy(key)
        .Window(window)
        .Aggregate(Stats.None, (stats, tick) => stats.Add(tick.Value))
        .ToTable("minutes"));
}
