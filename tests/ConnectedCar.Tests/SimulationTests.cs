using System.Text;
using System.Text.Json;
using ConnectedCar.Fleet;
using Xunit;

namespace ConnectedCar.Tests;

public sealed class SimulationTests
{
    private static readonly JsonSerializerOptions Web = new(JsonSerializerDefaults.Web);

    [Fact]
    public void The_same_seed_gives_the_same_bytes()
    {
        Assert.Equal(Lines(new Simulation(5, 10, 42)), Lines(new Simulation(5, 10, 42)));
        Assert.NotEqual(Lines(new Simulation(5, 10, 42)), Lines(new Simulation(5, 10, 43)));
    }

    [Fact]
    public void A_car_drives_the_same_whatever_the_size_of_the_fleet()
    {
        var alone = Lines(new Simulation(1, 10, 7)).Order(StringComparer.Ordinal);
        var among = Lines(new Simulation(4, 10, 7)).Where(line => line.Contains("car-0001", StringComparison.Ordinal));

        Assert.Equal(alone, among.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_default_fleet_is_as_hard_as_real_devices_make_it()
    {
        var simulation = new Simulation(20, 30, 1);
        var samples = Lines(simulation).Select(line => JsonSerializer.Deserialize<Telemetry>(line, Web)!).ToList();

        // Counted a second time from what was sent, in another way than the simulation counts.
        var seen = new HashSet<(string, string, long)>();
        var (duplicates, late, disorder, watermark) = (0, 0, 0, DateTimeOffset.MinValue);
        var highest = new Dictionary<(string, string), long>();
        foreach (var sample in samples)
        {
            if (!seen.Add((sample.Device, sample.Boot, sample.Seq)))
            {
                duplicates++;
                continue;
            }

            var trip = (sample.Device, sample.Boot);
            disorder += sample.Seq < highest.GetValueOrDefault(trip) ? 1 : 0;
            highest[trip] = Math.Max(sample.Seq, highest.GetValueOrDefault(trip));
            late += sample.At < watermark ? 1 : 0;
            watermark = Max(watermark, sample.At.AddSeconds(-30));
        }

        Assert.InRange(samples.Count, 20_000, 60_000);
        Assert.True(late >= 10 && duplicates >= 10 && disorder >= 1000, simulation.Tally.ToString());
        Assert.Equal((samples.Count, duplicates, late), (
            (int)simulation.Tally.Records, (int)simulation.Tally.Duplicates, (int)simulation.Tally.Late));
        Assert.InRange(simulation.Tally.OutOfOrder, disorder, samples.Count);
    }

    [Fact]
    public void The_default_fleet_drives_harshly_pauses_and_samples_twice_a_second()
    {
        var samples = Lines(new Simulation(20, 30, 1)).Select(line => JsonSerializer.Deserialize<Telemetry>(line, Web)!)
            .DistinctBy(t => (t.Device, t.Boot, t.Seq)).ToList();
        var trips = samples.GroupBy(t => new TripId(t.Device, t.Boot))
            .Select(trip => trip.OrderBy(t => t.Seq).ToList()).ToList();
        var steps = trips.SelectMany(trip => trip.Zip(trip.Skip(1), (a, b) => (b.At - a.At).TotalSeconds)).ToList();
        var motion = Motion.None;
        var harsh = trips[0].Concat(trips.Skip(1).SelectMany(trip => trip))
            .Select(t => motion = (t.Seq == 1 ? Motion.None : motion).On(t)).ToList();

        Assert.All(trips, trip => Assert.Equal(Enumerable.Range(1, trip.Count), trip.Select(t => (int)t.Seq)));
        Assert.Contains(trips, trip => trip[0].Boot == "2");
        Assert.Contains(0.0, steps);
        Assert.Contains(steps, step => step is >= 4 and <= 5);
        Assert.All(samples, t => Assert.InRange(t.SpeedKmh, 0, 130));
        Assert.Contains(harsh, m => m.Begins && m.IsBraking);
        Assert.Contains(harsh, m => m.Begins && m.IsAccelerating);
    }

    private static List<string> Lines(Simulation simulation) =>
        simulation.Run().Select(delivery => Encoding.UTF8.GetString(delivery.Json.Span)).ToList();

    private static DateTimeOffset Max(DateTimeOffset a, DateTimeOffset b) => a > b ? a : b;
}
