using Kappa.Streams;

namespace Kappa.Testing.Tests;

/// <summary>The event of these tests and of the guide.</summary>
public sealed record Order(string Customer, decimal Amount, DateTimeOffset PlacedAt);

/// <summary>A row of the table: its key, its window, and what was summed up.</summary>
public sealed record MinuteRow(string Key, DateTimeOffset WindowStart, long Count, decimal Amount, bool IsFinal);

/// <summary>What is summed up.</summary>
public sealed record Spent(long Count, decimal Amount)
{
    public static readonly Spent Nothing = new(0, 0);

    public Spent Add(Order order) => new(Count + 1, Amount + order.Amount);
}

/// <summary>Jobs over orders; the last ones are what must not be written.</summary>
internal static class Orders
{
    public static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    // <job>
    public static readonly Job PerMinute = Job.Define("per-minute", flow => flow
        .From<Order>("orders", eventTime: order => order.PlacedAt, lateness: TimeSpan.FromSeconds(30))
        .KeyBy(order => order.Customer)
        .Window(Window.Tumbling(TimeSpan.FromMinutes(1)))
        .Aggregate(Spent.Nothing, (spent, order) => spent.Add(order))
        .ToTable("spent"));

    // </job>
    private static int _counter;

    /// <summary>Counts in a static field.</summary>
    public static readonly Job Counting = Job.Define("counting", flow => flow
        .From<Order>("orders")
        .KeyBy(order => order.Customer)
        .Aggregate(0L, (_, _) => Interlocked.Increment(ref _counter))
        .ToTable("counted"));

    /// <summary>Makes an id of its own.</summary>
    public static readonly Job Identified = Job.Define("identified", flow => flow
        .From<Order>("orders")
        .KeyBy(order => order.Customer)
        .Aggregate(Guid.Empty, (_, _) => Guid.NewGuid())
        .ToTable("ids"));

    /// <summary>Keeps state beside the state it is given: a restart loses it.</summary>
    public static readonly Job Remembering = Job.Define("remembering", flow => flow
        .From<Order>("orders")
        .KeyBy(order => order.Customer)
        .Process(new Memory())
        .ToTable("remembered", seen => seen.Customer));

    public static readonly Job WithoutTime = Job.Define("without-time", flow => flow
        .From<Order>("orders")
        .KeyBy(order => order.Customer)
        .Aggregate(Spent.Nothing, (spent, order) => spent.Add(order))
        .ToTable("totals"));

    public static Order Of(string customer, decimal amount, int second) =>
        new(customer, amount, Noon.AddSeconds(second));

    public static IEnumerable<TestRecord> Many(int count)
    {
        var random = new Random(11);
        return Enumerable.Range(0, count).Select(i => TestRecord.Of("orders", Of(
            "c" + random.Next(7), random.Next(1, 100), i - (random.Next(9) == 0 ? random.Next(200) : 0)))).ToList();
    }

    public sealed record Seen([property: System.Text.Json.Serialization.JsonIgnore] string Customer, long Times);

    private sealed class Memory : Process<string, Order, long, Seen>
    {
        private readonly System.Collections.Concurrent.ConcurrentDictionary<string, long> _times = new();

        public override void OnRecord(ProcessContext<Seen> context, string key, ref long state, Order value)
        {
            state++;
            context.Emit(new Seen(key, _times.AddOrUpdate(key, 1, (_, times) => times + 1)));
        }
    }
}
