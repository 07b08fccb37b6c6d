using System.Buffers;
using System.Text;
using Kappa.Log;
using Kappa.Streams.Fingerprints;
using Kappa.Tables;
using Xunit;

namespace Kappa.Streams.Tests.Codecs;

/// <summary>
/// Older shapes of an event become today's on the one decode path (rule V2, docs/guides/evolution.md).
/// </summary>
public sealed class UpcastTests
{
    // <types>
    public sealed record TripV1(string Id, DateTimeOffset At, double Miles);

    public sealed record TripV2(string Id, DateTimeOffset At, double Km);

    public sealed record Trip(string Id, DateTimeOffset At, double Km, string Vehicle);
    // </types>

    // <codec>
    public static readonly Codec<Trip> Trips = Codec.Json<Trip>()
        .Upcast<TripV1>(When.Has("miles"), v1 => Today(new TripV2(v1.Id, v1.At, v1.Miles * 1.609344)))
        .Upcast<TripV2>(When.Missing("vehicle"), Today);

    private static Trip Today(TripV2 v2) => new(v2.Id, v2.At, v2.Km, "car");
    // </codec>

    private static readonly Job Fleet = Job.Define("fleet", flow => flow
        .From("trips", trip => trip.At, maxAhead: TimeSpan.FromDays(3650), codec: Trips)
        .KeyBy(trip => trip.Vehicle)
        .Aggregate(0d, (sum, trip) => sum + trip.Km)
        .ToTable("fleet"));

    [Fact]
    public void Every_shape_becomes_the_event_of_today()
    {
        Assert.Equal(1.609344, Read(Trips, """{"id":"a","at":"2026-01-01T00:00Z","miles":1}""").Km);
        Assert.Equal(1.609344, Trips.Read("""{"id":"a","at":"2026-01-01T00:00Z","miles":1}"""u8).Km);
        Assert.Equal(
            new Trip("a", DateTimeOffset.UnixEpoch, 5, "car"),
            Read(Trips, """{"id":"a","at":"1970-01-01T00:00Z","km":5}"""));
        Assert.Equal(
            new Trip("a", DateTimeOffset.UnixEpoch, 5, "bus"),
            Read(Trips, """{"id":"a","at":"1970-01-01T00:00Z","km":5,"VEHICLE":"bus"}"""));
    }

    [Fact]
    public void Shapes_are_chained_by_codecs_V1_to_V2_to_V3()
    {
        var second = Codec.Json<TripV2>()
            .Upcast<TripV1>(When.Is("v", 1), v1 => new(v1.Id, v1.At, v1.Miles * 2));
        var third = Codec.Json<Trip>()
            .Upcast(When.Is("shape", "old"), v2 => new(v2.Id, v2.At, v2.Km, "chained"), second);

        Assert.Equal(6, Read(third, """{"shape":"old","v":1,"id":"a","at":"2026-01-01T00:00Z","miles":3}""").Km);
        Assert.Equal(3, Read(third, """{"shape":"old","v":2,"id":"a","at":"2026-01-01T00:00Z","km":3}""").Km);
    }

    [Fact]
    public void A_shape_is_told_by_a_header_or_by_its_bytes()
    {
        var binary = Codec.Binary<Tick>()
            .Upcast<OldTick>(When.Header("format", "1"), old => new(old.At, old.Value / 10.0))
            .Upcast(When.Bytes(bytes => bytes is [(byte)'{', ..]), tick => tick, Codec.Json<Tick>());
        var into = new ArrayBufferWriter<byte>();
        Codec.Binary<OldTick>().Write(new OldTick(5, 25), into);
        var old = NewRecord.Of(null, into.WrittenSpan.ToArray(), [new("format", "1"u8.ToArray())]);
        into = new ArrayBufferWriter<byte>();
        binary.Write(new Tick(6, 7), into);

        Assert.Equal(new Tick(5, 2.5), Read(binary, old));
        Assert.Equal(new Tick(6, 7), Read(binary, NewRecord.Of(null, into.WrittenSpan.ToArray())));
        Assert.Equal(new Tick(1, 2), Read(binary, """{"at":1,"value":2}"""));
    }

    [Theory]
    [InlineData("""{"a":1}""", true, false, false)]
    [InlineData("""{"x":{"v":1},"V":null}""", false, true, false)]
    [InlineData("""{"v":1}""", false, true, true)]
    [InlineData("""{"v":1,"v":2}""", false, true, false)]
    [InlineData("""{"v":1.0}""", false, true, false)]
    [InlineData("""{"\u0076":1}""", false, true, true)]
    [InlineData("""[{"v":1}]""", false, false, false)]
    [InlineData("""{"v":1""", false, false, false)]
    [InlineData("", false, false, false)]
    public void A_condition_looks_at_the_properties_of_the_object(string json, bool isMissing, bool has, bool isOne)
    {
        Assert.Equal(isMissing, Holds(When.Missing("v"), json));
        Assert.Equal(has, Holds(When.Has("v"), json));
        Assert.Equal(isOne, Holds(When.Is("v", 1), json));
    }

    [Fact]
    public void What_cannot_be_upcast_is_a_dead_letter_that_says_which_shape_O6()
    {
        var codec = Codec.Json<Trip>().Upcast<TripV1>(
            When.Has("miles"), v1 => v1.Miles < 0 ? throw new FormatException("negative") : null!);

        Assert.Equal(
            "The upcast from TripV1 to Trip failed: FormatException: negative",
            Refused(codec, """{"id":"a","at":"2026-01-01T00:00Z","miles":-1}"""));
        Assert.Equal(
            "The upcast from TripV1 to Trip failed: The upcast gave null.",
            Refused(codec, """{"id":"a","at":"2026-01-01T00:00Z","miles":1}"""));
        Assert.StartsWith(
            "A record is a TripV1, as 'miles' is there, but cannot be read as one: JsonException: ",
            Refused(codec, """{"miles":1}"""), StringComparison.Ordinal);
    }

    [Fact]
    public void A_condition_on_properties_is_refused_where_nothing_is_JSON()
    {
        var refused = Assert.Throws<KappaException>(
            () => Codec.Binary<Tick>().Upcast<OldTick>(When.Missing("value"), old => new(old.At, old.Value)));

        Assert.Contains("'value' is missing", refused.Message, StringComparison.Ordinal);
        Assert.Contains("When.Header", refused.Next, StringComparison.Ordinal);
    }

    [Fact]
    public void Upcasters_are_part_of_the_fingerprint_V2()
    {
        var prints = new[] { 1.5, 1.6 }.SelectMany(factor => new[]
            {
                Codec.Json<Trip>(),
                Codec.Json<Trip>().Upcast<TripV1>(When.Has("miles"), v1 => new(v1.Id, v1.At, v1.Miles * factor, "")),
                Codec.Json<Trip>().Upcast<TripV1>(When.Has("mi"), v1 => new(v1.Id, v1.At, v1.Miles * factor, "")),
                Codec.Json<Trip>().Upcast<TripV1>(When.Has("miles"), v1 => new(v1.Id, v1.At, -v1.Miles * factor, "")),
            })
            .Select(codec => Fingerprint.Of(FingerprintInput.Of(
                Job.Define("trips", flow => flow.From("trips", codec: codec).ToTable("t", trip => trip.Id)).Build(),
                assembly => assembly == typeof(UpcastTests).Assembly, 1)).Hash)
            .ToList();

        // Twice the plain codec, and each of the others once for each captured factor.
        Assert.Equal(7, prints.Distinct().Count());
    }

    [Fact]
    public async Task A_job_upcasts_in_every_mode_and_out_of_twins_L11_P2()
    {
        using var folder = new TemporaryFolder();
        var code = new Dictionary<JobVersion, Job>();
        string straight;
        await using (var house = await House.OpenAsync(folder.Path, code, workers: 1, isProjecting: true))
        {
            var first = await house.MakeAsync(Fleet);
            for (var request = 0; request < 60; request++)
            {
                await house.Log.AppendAsync(
                    new AppendRequest("trips", [.. Enumerable.Range(0, 40).Select(n => TripOf((request * 40) + n))]),
                    CancellationToken.None);
            }

            await house.CaughtUpAsync(first);
            straight = await house.DigestAsync(first);
            foreach (var projection in house.Versions.Projections().Projections)
            {
                Assert.True(await house.Log.ProjectAsync(projection, null, CancellationToken.None) > 0);
            }
        }

        foreach (var workers in new[] { 1, 3 })
        {
            await using var house = await House.OpenAsync(folder.Path, code, workers, 70, isProjecting: true);
            var again = await house.MakeAsync(Fleet);
            await house.CaughtUpAsync(again);
            Assert.Equal(straight, await house.DigestAsync(again));
            Assert.Empty(house.Reports);
        }

        Assert.Contains("fleet.dead", straight, StringComparison.Ordinal);
    }

    private static NewRecord TripOf(int number) => NewRecord.Of(null, Encoding.UTF8.GetBytes((number % 4) switch
    {
        _ when number % 300 == 7 => """{"miles":"far"}""",
        0 => $$"""{"id":"t{{number}}","at":"2026-03-01T00:00:00Z","miles":{{number}}}""",
        1 => $$"""{"id":"t{{number}}","at":"2026-03-01T00:00:00Z","km":{{number}}}""",
        _ => $$"""{"id":"t{{number}}","at":"2026-03-01T00:00:00Z","km":{{number}},"vehicle":"v{{number % 5}}"}""",
    }));

    private static bool Holds(When when, string json) => Holds(when, Encoding.UTF8.GetBytes(json));

    private static bool Holds(When when, byte[] value)
    {
        var records = BatchOf(NewRecord.Of(null, value)).GetEnumerator();
        records.MoveNext();
        return when.Holds(records.Current);
    }

    private static string Refused<T>(Codec<T> codec, string json) =>
        Assert.Throws<InvalidDataException>(() => Read(codec, json)).Message;

    private static T Read<T>(Codec<T> codec, string json) =>
        Read(codec, NewRecord.Of(null, Encoding.UTF8.GetBytes(json)));

    private static T Read<T>(Codec<T> codec, NewRecord record)
    {
        var records = BatchOf(record).GetEnumerator();
        records.MoveNext();
        return codec.Read(records.Current);
    }

    private static RecordBatch BatchOf(NewRecord record)
    {
        var bytes = new ArrayBufferWriter<byte>();
        RecordCodec.Write(bytes, record);
        return new RecordBatch("t", 0, 0, 1, 1, bytes.WrittenMemory);
    }

    private readonly record struct OldTick(long At, long Value);

    private readonly record struct Tick(long At, double Value);
}
