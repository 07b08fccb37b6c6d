using Kappa.Streams.Fingerprints;
using Xunit;

namespace Kappa.Streams.Tests.Aggregates;

/// <summary>Rule V2: everything an aggregation or window computes by is part of the fingerprint.</summary>
public sealed class AggregateFingerprintTests
{
    private static readonly Dictionary<string, Func<KeyedStream<string, Reading>, WindowResults<string, long>>> Ways =
        new()
        {
            ["count"] = s => s.Window(Minute).Aggregate(Aggregate.Count<Reading>()),
            ["sum"] = s => s.Window(Minute).Aggregate(Aggregate.Sum((Reading r) => r.Seq)),
            ["another sum"] = s => s.Window(Minute).Aggregate(Aggregate.Sum((Reading r) => r.Seq + 1)),
            ["least"] = s => s.Window(Minute).Aggregate(Aggregate.Min((Reading r) => r.Seq)),
            ["greatest"] = s => s.Window(Minute).Aggregate(Aggregate.Max((Reading r) => r.Seq)),
            ["exact"] = s => s.Window(Minute).Aggregate(Aggregate.DistinctCount((Reading r) => r.Seq)),
            ["about"] = s => s.Window(Minute).Aggregate(Aggregate.ApproximateDistinctCount((Reading r) => r.Seq)),
            ["less about"] = s => s.Window(Minute)
                .Aggregate(Aggregate.ApproximateDistinctCount((Reading r) => r.Seq, 13)),
            ["own"] = s => s.Window(Minute).Aggregate(new Aggregation<Reading, long, long>(0, (n, _) => n + 1, n => n)),
            ["own result"] = s => s.Window(Minute)
                .Aggregate(new Aggregation<Reading, long, long>(0, (n, _) => n + 1, n => n + 1)),
            ["own seed"] = s => s.Window(Minute)
                .Aggregate(new Aggregation<Reading, long, long>(1, (n, _) => n + 1, n => n)),
            ["own merge"] = s => s.Window(Minute)
                .Aggregate(new Aggregation<Reading, long, long>(0, (n, _) => n + 1, n => n, (a, b) => a + b)),
            ["two"] = s => s.Window(Minute).Aggregate(Aggregate.Of(
                Aggregate.Count<Reading>(), Aggregate.Sum((Reading r) => r.Seq), (a, b) => a + b)),
            ["two others"] = s => s.Window(Minute).Aggregate(Aggregate.Of(
                Aggregate.Count<Reading>(), Aggregate.Sum((Reading r) => r.Seq), (a, b) => a - b)),
            ["two of another part"] = s => s.Window(Minute).Aggregate(Aggregate.Of(
                Aggregate.Count<Reading>(), Aggregate.Sum((Reading r) => r.Seq * 2), (a, b) => a + b)),
            ["sessions"] = s => s.Window(Window.Session(TimeSpan.FromSeconds(1))).Aggregate(Aggregate.Count<Reading>()),
            ["longer sessions"] = s => s.Window(Window.Session(TimeSpan.FromSeconds(2)))
                .Aggregate(Aggregate.Count<Reading>()),
            ["by key"] = s => s.Window(key => Window.Tumbling(TimeSpan.FromSeconds(key.Length)))
                .Aggregate(Aggregate.Count<Reading>()),
            ["by key in another way"] = s => s.Window(key => Window.Tumbling(TimeSpan.FromMinutes(key.Length)))
                .Aggregate(Aggregate.Count<Reading>()),
            ["by key with a grace"] = s => s
                .Window(key => Window.Tumbling(TimeSpan.FromSeconds(key.Length)), TimeSpan.FromSeconds(1))
                .Aggregate(Aggregate.Count<Reading>()),
        };

    private static Window Minute => Window.Tumbling(TimeSpan.FromMinutes(1));

    [Fact]
    public void Each_way_to_aggregate_has_a_fingerprint_of_its_own_and_the_same_one_when_built_again_V2()
    {
        var hashes = Ways.ToDictionary(way => way.Key, way => Hash(way.Value));

        Assert.Equal(Ways.Count, hashes.Values.Distinct().Count());
        Assert.All(Ways, way => Assert.Equal(hashes[way.Key], Hash(way.Value)));
    }

    private static string Hash(Func<KeyedStream<string, Reading>, WindowResults<string, long>> way) =>
        Fingerprint.Of(FingerprintInput.Of(
            Job.Define("job", flow => way(flow.From<Reading>("readings", eventTime: reading => reading.At)
                .KeyBy(reading => reading.Device)).ToTable("t")).Build(),
            assembly => assembly == typeof(AggregateFingerprintTests).Assembly,
            Topology.SemanticsNumber)).Hash;
}
