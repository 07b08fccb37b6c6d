extern alias fleet;

using System.Text;
using System.Text.Json;
using ConnectedCar;
using fleet::ConnectedCar.Fleet;

namespace Kappa.Golden.Tests;

/// <summary>What the simulated fleet sends, in order of sending, counted here by itself.</summary>
internal sealed class FleetFeed
{
    public List<(Telemetry Sample, string Json)> Lines { get; } = [];

    public int Late { get; private set; }

    public int Duplicates { get; private set; }

    public int OutOfOrder { get; private set; }

    public static FleetFeed Of(int cars, int minutes, ulong seed)
    {
        var feed = new FleetFeed();
        foreach (var delivery in new Simulation(cars, minutes, seed).Run())
        {
            var json = Encoding.UTF8.GetString(delivery.Json.Span);
            feed.Lines.Add((JsonSerializer.Deserialize<Telemetry>(json, JsonSerializerOptions.Web)!, json));
        }

        feed.Count();
        return feed;
    }

    private void Count()
    {
        var seen = new HashSet<(string, string, long)>();
        var latest = new Dictionary<string, DateTimeOffset>();
        var highest = DateTimeOffset.MinValue;
        foreach (var (sample, _) in Lines)
        {
            if (!seen.Add((sample.Device, sample.Boot, sample.Seq)))
            {
                Duplicates++;
                continue;
            }

            OutOfOrder += latest.TryGetValue(sample.Device, out var last) && sample.At < last ? 1 : 0;
            Late += highest - sample.At > TimeSpan.FromSeconds(30) ? 1 : 0;
            latest[sample.Device] = sample.At > last ? sample.At : last;
            highest = sample.At > highest ? sample.At : highest;
        }
    }
}
