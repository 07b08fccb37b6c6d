using System.Globalization;

namespace ConnectedCar.Fleet;

/// <summary>
/// A fleet on the road. The seed, the number of cars and the minutes decide every byte; the calendar is always the
/// same. A car's drive does not depend on how many others there are.
/// </summary>
internal sealed class Simulation(int cars, int minutes, ulong seed)
{
    /// <summary>When every simulated day begins.</summary>
    public static readonly DateTimeOffset Start = new(2026, 1, 5, 6, 0, 0, TimeSpan.Zero);

    /// <summary>What was sent so far, as the whole fleet's records stand in order of sending.</summary>
    public Tally Tally { get; } = new();

    /// <summary>Everything the fleet sends, in the order in which it is sent.</summary>
    public IEnumerable<Delivery> Run()
    {
        var fleet = Enumerable.Range(1, cars)
            .Select(number => new Car(
                "car-" + number.ToString("D4", CultureInfo.InvariantCulture),
                Start,
                new Dice((seed * 0x9E3779B97F4A7C15) ^ ((ulong)number * 0xD1B54A32D192ED03))))
            .ToArray();
        var underWay = new PriorityQueue<(DateTimeOffset SentAt, Telemetry Sample, bool Again), (long, long)>();
        var order = 0L;
        for (var second = 0; second < minutes * 60; second++)
        {
            var now = Start.AddSeconds(second);
            while (underWay.TryPeek(out var next, out _) && next.SentAt < now)
            {
                yield return Hand(underWay.Dequeue());
            }

            foreach (var delivery in fleet.SelectMany(car => car.Tick(now)))
            {
                underWay.Enqueue(delivery, (delivery.SentAt.UtcTicks, order++));
            }
        }

        while (underWay.TryDequeue(out var last, out _))
        {
            yield return Hand(last);
        }
    }

    private Delivery Hand((DateTimeOffset SentAt, Telemetry Sample, bool Again) sent)
    {
        Tally.Count(sent.Sample, sent.Again);
        return Delivery.Of(sent.Sample, sent.SentAt);
    }
}
