using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using FsCheck;
using FsCheck.Fluent;
using Kappa.Log;
using Kappa.Streams.Codecs;
using Xunit;

namespace Kappa.Streams.Tests.Projections;

/// <summary>The typed form of an event, and the key of a projection (rule L11).</summary>
public sealed class TypedFormTests
{
    public enum Grade
    {
        Low,
        High = 7,
    }

    public sealed record Part(string? Name, int? Count, Grade Grade);

    public readonly record struct Point(short X, bool On, double Y, DateTimeOffset At);

    public sealed record Wide(
        long Whole, double Real, float Single, string Text, string? Note, bool Flag, Grade Grade, decimal Money,
        DateTimeOffset At, DateTime Clock, DateOnly Day, TimeOnly Time, TimeSpan Span, Guid Id, Text16 Short,
        byte[] Bytes, int? Maybe, Part? Inner, Point Where);

    private readonly record struct Fixed(Text16 Name, byte Small, double Value, Grade Grade, bool On, TimeSpan Span);

    private readonly record struct InPlace(long At, double Value, Text16 Name);

    [Fact]
    public void Typed_bytes_give_the_value_that_decoding_gives_L11() =>
        Prop.ForAll(ArbMap.Default.ArbFor<int>(), seed =>
        {
            var random = new Random(seed);
            Same(WideOf(random));
            Same(new Fixed(
                TextOf(random), (byte)random.Next(256), RealOf(random), Grade.High, random.Next(2) == 0,
                new TimeSpan(random.NextInt64())));
            Same(new InPlace(random.NextInt64(), RealOf(random), TextOf(random)));
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_text_that_is_no_Unicode_is_left_to_the_record_itself()
    {
        var codec = Codec.Json<Old>().Upcast<Part>(When.Has("name"), part => new("half \uD800 a pair"));

        Assert.False(Write(new TypedProjection<Old>("t", Key('a'), codec), """{"name":"x","count":1,"grade":0}""",
            out _));
        Assert.True(Write(new TypedProjection<Old>("t", Key('a'), codec), """{"text":"x"}""", out _));
    }

    [Fact]
    public void The_range_of_every_time_column_is_known()
    {
        var projection = new TypedProjection<Times>("t", Key('a'), Codec.Json<Times>());
        var ranges = new[] { TimeRange.None, TimeRange.None };

        Assert.Equal(["At", "Maybe"], projection.TimeColumns);
        foreach (var json in new[] { """{"at":"2026-01-02T00:00Z","maybe":null}""",
            """{"at":"2026-01-01T00:00-01:00"}""" })
        {
            Assert.True(Write(projection, json, out _, ranges));
        }

        Assert.Equal(new DateTime(2026, 1, 1, 1, 0, 0).Ticks, ranges[0].Least);
        Assert.Equal(new DateTime(2026, 1, 2).Ticks, ranges[0].Most);
        Assert.Equal(TimeRange.None, ranges[1]);
    }

    [Fact]
    public void The_key_is_another_for_another_type_converter_upcaster_or_codec_L11()
    {
        var keys = new[]
        {
            KeyOf(Codec.Json<Part>()),
            KeyOf(Codec.Json<Times>()),
            KeyOf(Codec.Json<Converted>()),
            KeyOf(Codec.Json<ConvertedOther>()),
            KeyOf(Codec.Json<Part>().Upcast<Times>(When.Has("at"), times => new(null, null, Grade.Low))),
            KeyOf(Codec.Json<Part>().Upcast<Times>(When.Has("at"), times => new("", null, Grade.Low))),
            KeyOf(Codec.Json<Part>().Upcast<Times>(When.Has("on"), times => new(null, null, Grade.Low))),
        };

        Assert.Equal(keys.Length, keys.Distinct().Count());
        Assert.Equal(KeyOf(Codec.Json<Part>()), KeyOf(Codec.Json<Part>()));
    }

    [Fact]
    public void What_cannot_be_typed_says_why()
    {
        var (projections, refused) = Job.Define("j", flow =>
        {
            flow.From<Listed>("listed").ToTable("l", listed => listed.Id);
            flow.From<Part>("twice").ToTable("a", part => part.Grade);
            flow.From<Times>("twice").ToTable("b", times => times.At);
            flow.From<Part>("plain").ToTable("c", part => part.Grade);
        }).Build().Project();

        Assert.Equal("plain", Assert.Single(projections).Topic);
        Assert.Equal("'Listed.Names' is of type String[], which has no typed form.", refused["listed"]);
        Assert.Equal("The job reads it as several types.", refused["twice"]);
    }

    private static string KeyOf<T>(Codec<T> codec) => Assert.Single(Job.Define(
        "j", flow =>
            flow.From("t", codec: codec).Select(_ => 1).ToTable("t", one => one)).Build().Project().All)
        .Key;

    private static void Same<T>(T value)
    {
        var codec = Codec.Json<T>();
        var json = new ArrayBufferWriter<byte>();
        codec.Write(value, json);
        var decoded = codec.Read(json.WrittenSpan);
        var projection = new TypedProjection<T>("t", Key('a'), codec);
        Assert.True(Write(projection, Encoding.UTF8.GetString(json.WrittenSpan), out var typed));
        T read = default!;
        projection.Read(typed, ref read);
        Assert.Equal(Text(decoded), Text(read));
        Assert.False(projection.TryRead(typed.AsSpan(1), out _));
    }

    private static bool Write(Projection projection, string json, out byte[] typed, TimeRange[]? times = null)
    {
        var bytes = new ArrayBufferWriter<byte>();
        RecordCodec.Write(bytes, NewRecord.Of(null, Encoding.UTF8.GetBytes(json)));
        var records = new RecordBatch("t", 0, 0, 1, 1, bytes.WrittenMemory).GetEnumerator();
        records.MoveNext();
        var into = new ArrayBufferWriter<byte>();
        var isTyped = projection.TryWrite(
            records.Current, into, times ?? [.. projection.TimeColumns.Select(_ => TimeRange.None)]);
        typed = into.WrittenSpan.ToArray();
        return isTyped;
    }

    private static string Text<T>(T value) => JsonSerializer.Serialize(value);

    private static string Key(char digit) => new(digit, 64);

    private static Wide WideOf(Random random) => new(
        random.NextInt64(long.MinValue, long.MaxValue), RealOf(random), (float)random.NextDouble(),
        "t" + random.Next(), random.Next(2) == 0 ? null : "é\U0001F600\0" + random.Next(), random.Next(2) == 0,
        random.Next(2) == 0 ? Grade.High : (Grade)3, new decimal(random.Next(), random.Next(), 0, true, 4),
        new DateTimeOffset(random.NextInt64(1L << 60), TimeSpan.FromMinutes(random.Next(-600, 600))),
        new DateTime(random.NextInt64(1L << 60), random.Next(2) == 0 ? DateTimeKind.Utc : DateTimeKind.Unspecified),
        DateOnly.FromDayNumber(random.Next(3_000_000)), new TimeOnly(random.NextInt64(TimeSpan.TicksPerDay)),
        new TimeSpan(random.NextInt64()), Guid.NewGuid(), TextOf(random), [1, 2, (byte)random.Next(256)],
        random.Next(2) == 0 ? null : random.Next(),
        random.Next(2) == 0 ? null : new Part(random.Next(2) == 0 ? null : "p", random.Next(), Grade.Low),
        new Point((short)random.Next(999), random.Next(2) == 0, RealOf(random), DateTimeOffset.UnixEpoch));

    private static Text16 TextOf(Random random) =>
        Text16.Of(random.Next(4) == 0 ? "éü" + random.Next(99) : "0123456789abcdef"[..random.Next(17)]);

    private static double RealOf(Random random) => random.Next(4) switch
    {
        0 => -0.0,
        1 => random.Next(10_000) / 100.0,
        2 => BitConverter.Int64BitsToDouble(random.NextInt64(1L << 62)),
        _ => random.NextDouble(),
    };

    public sealed record Old(string Text);

    public sealed record Listed(string Id, string[] Names);

    private sealed record Times(DateTimeOffset At, DateTime? Maybe = null);

    [JsonConverter(typeof(One))]
    private sealed record Converted(int N);

    [JsonConverter(typeof(Other))]
    private sealed record ConvertedOther(int N);

    private sealed class One : JsonConverter<Converted>
    {
        public override Converted Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            new(reader.GetInt32() + 1);

        public override void Write(Utf8JsonWriter writer, Converted value, JsonSerializerOptions options) =>
            writer.WriteNumberValue(value.N);
    }

    private sealed class Other : JsonConverter<ConvertedOther>
    {
        public override ConvertedOther Read(
            ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => new(reader.GetInt32());

        public override void Write(Utf8JsonWriter writer, ConvertedOther value, JsonSerializerOptions options) =>
            writer.WriteNumberValue(value.N);
    }
}
