using Kappa.Streams;
using Kappa.Streams.Patterns;

namespace Kappa.Benchmarks;

/// <summary>Count, sum and maximum.</summary>
internal readonly record struct Stats(long Count, double Sum, double Max)
{
    public static readonly Stats None = new(0, 0, double.MinValue);

    public Stats Add(double value) => new(Count + 1, Sum + value, Math.Max(Max, value));

    public Stats Add(Stats other) => new(Count + other.Count, Sum + other.Sum, Math.Max(Max, other.Max));
}

/// <summary>A value in another unit.</summary>
internal readonly record struct Hot(long Serial, double Fahrenheit);

/// <summary>Two events that were joined.</summary>
internal readonly record struct Pair(long Left, long Right, double Difference);

/// <summary>The first and last event of a match.</summary>
internal readonly record struct Swing(long First, long Last, double Sum);

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

    /// <summary>Filter and map: one event in a hundred becomes a row.</summary>
    public static readonly Job Mapped = Job.Define("mapped", flow => Source(flow)
        .Where(tick => tick.Value >= 99)
        .Select(tick => new Hot(tick.Serial, (tick.Value * 1.8) + 32))
        .ToTable("hot", hot => hot.Serial));

    public static readonly Job Sessions = Job.Define("sessions", flow => Source(flow)
        .Where(tick => tick.Value >= 10)
        .KeyBy(tick => tick.Medium)
        .Window(Window.Session(TimeSpan.FromSeconds(3)))
        .Aggregate(Stats.None, (stats, tick) => stats.Add(tick.Value), (left, right) => left.Add(right))
        .ToTable("sessions"));

    /// <summary>A tenth of the events with another tenth, a second before or behind.</summary>
    public static readonly Job Joined = Job.Define("joined", flow =>
    {
        var ticks = Source(flow);
        var high = ticks.Where(tick => tick.Value >= 90).KeyBy(tick => tick.Medium);
        var low = ticks.Where(tick => tick.Value < 10).KeyBy(tick => tick.Medium);
        high.Join(low, Interval.Within(TimeSpan.FromSeconds(1)), (left, right) =>
                new Pair(left.Serial, right.Serial, left.Value - right.Value))
            .ToTable("pairs", pair => (pair.Left, pair.Right));
    });

    /// <summary>Up, down and up again within five seconds.</summary>
    public static readonly Job Swings = Job.Define("swings", flow =>
    {
        var up = Step.Of<Tick>("up", tick => tick.Value >= 80);
        var down = Step.Of<Tick>("down", tick => tick.Value < 20);
        var again = Step.Of<Tick>("again", tick => tick.Value >= 80);
        Source(flow).KeyBy(tick => tick.Medium)
            .Detect(
                up.Next(down).Next(again).Within(TimeSpan.FromSeconds(5)),
                (key, match) => new Swing(
                    match[up][0].Serial, match[again][0].Serial, match[up][0].Value + match[again][0].Value))
            .ToTable("swings", swing => (swing.First, swing.Last));
    });

    private static EventStream<Tick> Source(Flow flow) =>
        flow.From("ticks", tick => new DateTimeOffset(tick.At, default), Lateness, codec: Codec.Binary<Tick>());

    private static Job Windowed(Func<Tick, int> key, Window window) => Job.Define("minutes", flow => flow
        .From("ticks", tick => new DateTimeOffset(tick.At, default), Lateness, codec: Codec.Binary<Tick>())
        .Where(tick => tick.Value >= 10)
        .KeyBy(key)
        .Window(window)
        .Aggregate(Stats.None, (stats, tick) => stats.Add(tick.Value))
        .ToTable("minutes"));
}
