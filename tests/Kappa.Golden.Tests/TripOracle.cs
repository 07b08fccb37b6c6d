using System.Text.Json;
using ConnectedCar;
using Kappa.Log;

namespace Kappa.Golden.Tests;

/// <summary>
/// The trips of version 2, said again over a list: one pass for watermark, duplicates and lateness (rules T1, O4, T5),
/// one sort per trip (rule T9), one sum. It shares no code with the engine nor with the sample's domain.
/// </summary>
internal static class TripOracle
{
    internal sealed record Result(SortedDictionary<string, (long Samples, double DistanceKm)> Trips, int Late);

    public static Result Of(EmbeddedLog log)
    {
        var samples = ReadAll(log);
        var kept = new Dictionary<string, List<Telemetry>>();
        var passed = new Dictionary<(string, string, long), List<DateTimeOffset>>();
        var late = 0;
        DateTimeOffset? highest = null;
        foreach (var sample in samples)
        {
            var watermark = highest is { } high ? high.AddSeconds(-30) : DateTimeOffset.MinValue;
            highest = highest is null || sample.At > highest ? sample.At : highest;
            var times = passed.TryGetValue((sample.Device, sample.Boot, sample.Seq), out var found) ? found : [];
            passed[(sample.Device, sample.Boot, sample.Seq)] = times;
            if (watermark > sample.At.AddHours(1))
            {
                late++;
                continue;
            }

            if (times.Any(time => (time - sample.At).Duration() <= TimeSpan.FromHours(1)))
            {
                continue;
            }

            times.Add(sample.At);
            if (sample.At < watermark)
            {
                late += 2; // The job puts the samples in order twice, and each of the two counts it.
                continue;
            }

            var trip = sample.Device + " " + sample.Boot;
            kept[trip] = kept.TryGetValue(trip, out var list) ? [.. list, sample] : [sample];
        }

        var trips = new SortedDictionary<string, (long, double)>(StringComparer.Ordinal);
        foreach (var (trip, list) in kept)
        {
            var ordered = list.OrderBy(sample => sample.At).ThenBy(sample => sample.Seq).ToList();
            var distance = ordered.Zip(ordered.Skip(1)).Sum(pair =>
                (pair.First.SpeedKmh + pair.Second.SpeedKmh) / 2
                    * (pair.Second.At - pair.First.At).TotalSeconds / 3600);
            trips.Add(trip, (ordered.Count, distance));
        }

        return new Result(trips, late);
    }

    private static List<Telemetry> ReadAll(EmbeddedLog log)
    {
        var samples = new List<Telemetry>();
        var sequence = log.Read(["telemetry"], Place.Start);
        while (sequence.TryRead(out var batch))
        {
            foreach (var record in batch)
            {
                if (batch.Topic == "telemetry")
                {
                    samples.Add(JsonSerializer.Deserialize<Telemetry>(record.Value, JsonSerializerOptions.Web)!);
                }
            }
        }

        return samples;
    }
}
