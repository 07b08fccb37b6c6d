using System.Text;
using System.Text.Json.Serialization;
using Kappa.Streams.Runtime;
using Xunit;

namespace Kappa.Streams.Tests.Codecs;

/// <summary>Reading by layout gives what the serializer gives, value or error.</summary>
public sealed class JsonScannerTests
{
    private readonly record struct Small(long Ts, string Device, int K1, double Value, bool On, Text16 Site);

    private sealed record Large(
        long Ts, string Device, DateTimeOffset At, double Value, [property: JsonPropertyName("n")] int Number,
        short Least = 0);

    private struct Fields
    {
        public int A { get; set; }

        public required string B { get; init; }
    }

    private static readonly string[] Numbers =
    [
        "0", "-0", "1", "-1", "12", "2147483647", "2147483648", "-2147483648", "9223372036854775807", "1.0", "1e2",
        "01", "1.", ".5", "-", "0.1", "99.99", "-0.0", "123456789.123456", "1234567890123456", "0.1234567890123456",
        "5e-324", "1.7976931348623157e308", "1e400", "null", "\"5\"", "true", "32768", "3.1415926535897931", "1.5.2",
    ];

    private static readonly string[] Texts =
    [
        "\"\"", "\"a\"", "\"sensor-00000001\"", "\"12345678901234567\"", "\"é\"", "\"\\u0041\"", "\"a\\nb\"", "null",
        "5", "\"a\tb\"", "\"\\uD800\"", "\"tail\\\\\"", "\"\u0001\"", "\"open",
    ];

    private static readonly string[] Times =
    [
        "\"2026-03-01T00:00:00Z\"", "\"2026-03-01T23:59:59.1234567Z\"", "\"2026-03-01T00:00:00.5+02:00\"",
        "\"2026-02-29T00:00:00Z\"", "\"2024-02-29T00:00:00-11:30\"", "\"2026-03-01T24:00:00Z\"",
        "\"2026-03-01T00:00:60Z\"", "\"2026-03-01\"", "\"2026-03-01T00:00Z\"", "\"2026-03-01T00:00:00.12345678Z\"",
        "\"2026-03-01T00:00:00+15:00\"", "\"2026-03-01T00:00:00+14:00\"", "\"2026-03-01T00:00:00.Z\"",
        "\"0001-01-01T00:00:00Z\"", "\"9999-12-31T23:59:59.9999999Z\"", "null", "\"2026-03-01T00:00:00+01:60\"",
        "\"2026-03-01T00:00:00z\"", "\"2026-13-01T00:00:00Z\"", "\"2026-03-01 00:00:00Z\"",
    ];

    [Fact]
    public void Events_read_by_layout_are_those_of_the_serializer()
    {
        for (var seed = 1; seed <= 30; seed++)
        {
            var random = new Random(seed);
            Compare<Small>(random, seed, ["ts", "device", "k1", "value", "on", "site", "other"]);
            Compare<Large>(random, seed, ["ts", "device", "at", "value", "n", "least", "other"]);
            Compare<Fields>(random, seed, ["a", "b", "more"]);
        }
    }

    [Fact]
    public void Plain_types_are_read_by_layout_without_the_serializer()
    {
        Assert.NotNull(JsonPlan<Small>.Known);
        Assert.NotNull(JsonPlan<Large>.Known);
        Assert.NotNull(JsonPlan<Fields>.Known);
        Assert.Null(JsonPlan<Dictionary<string, int>>.Known);
        Assert.Null(JsonPlan<byte[]>.Known);
    }

    private static void Compare<T>(Random random, int seed, string[] names)
    {
        var scanner = new JsonScanner<T>(JsonPlan<T>.Known!);
        for (var record = 0; record < 300; record++)
        {
            var text = Text(random, names, isUsual: random.Next(3) > 0);
            var bytes = Encoding.UTF8.GetBytes(text);
            var expected = Outcome(() => JsonCodec.Decode<T>(bytes));
            var got = Outcome(() => scanner.Read(bytes));

            Assert.True(expected == got, $"seed {seed} record {record}: {text}\nexpected {expected}\ngot      {got}");
        }
    }

    private static string Text(Random random, string[] names, bool isUsual)
    {
        var used = isUsual ? names : [.. names.Where(_ => random.Next(8) > 0)];
        if (!isUsual && random.Next(2) == 0)
        {
            random.Shuffle(used);
        }

        var space = isUsual || random.Next(2) == 0 ? "" : " ";
        var parts = used.Select(name =>
        {
            var written = !isUsual && random.Next(6) == 0 ? name.ToUpperInvariant() : name;
            return $"\"{written}\":{space}{Value(random, name, isUsual)}";
        });
        var text = "{" + space + string.Join("," + space, parts) + "}";
        return random.Next(20) == 0 ? text[..^1] : random.Next(20) == 0 ? text + " " : text;
    }

    private static string Value(Random random, string name, bool isUsual)
    {
        var isOdd = !isUsual && random.Next(3) == 0;
        return name switch
        {
            "device" or "site" or "b" => isOdd ? Pick(random, Texts) : $"\"device-{random.Next(100)}\"",
            "at" => isOdd ? Pick(random, Times) : $"\"2026-03-{random.Next(1, 32):D2}T10:00:{random.Next(60):D2}Z\"",
            "on" => isOdd ? Pick(random, Numbers) : random.Next(2) == 0 ? "true" : "false",
            "value" => isOdd ? Pick(random, Numbers)
                : random.NextDouble().ToString("R", System.Globalization.CultureInfo.InvariantCulture)[..6],
            "other" or "more" => isOdd ? Pick(random, ["{}", "[1]", "null", "1e5", "\"x\"", "tru", "-"]) : "12.5",
            _ => isOdd ? Pick(random, Numbers) : random.Next(100).ToString(
                System.Globalization.CultureInfo.InvariantCulture),
        };
    }

    private static string Pick(Random random, string[] of) => of[random.Next(of.Length)];

    private static string Outcome<T>(Func<T> read)
    {
        try
        {
            var value = read()!;
            var text = System.Text.Json.JsonSerializer.Serialize(value, JsonCodec.Options);
            return value is Large large ? text + large.At.Offset + BitConverter.DoubleToInt64Bits(large.Value)
                : value is Small small ? text + BitConverter.DoubleToInt64Bits(small.Value)
                : text;
        }
        catch (Exception wrong)
        {
            return $"{wrong.GetType().Name}: {wrong.Message}";
        }
    }
}
