using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Kappa.Streams.Runtime;
using Xunit;

namespace Kappa.Streams.Tests;

/// <summary>Every row of docs/formats/json.md is tried.</summary>
public sealed class JsonPageTests
{
    private static readonly Dictionary<string, Func<byte[], string>> Readers = new()
    {
        ["int"] = Read<int>,
        ["long"] = Read<long>,
        ["byte"] = Read<byte>,
        ["double"] = Read<double>,
        ["decimal"] = Read<decimal>,
        ["bool"] = Read<bool>,
        ["string"] = Member<HasText>,
        ["string?"] = Member<MayHaveText>,
        ["char"] = Read<char>,
        ["Guid"] = Read<Guid>,
        ["byte[]"] = Member<HasBytes>,
        ["int?"] = Member<MayHaveNumber>,
        ["int[]"] = Read<int[]>,
        ["DateTimeOffset"] = Read<DateTimeOffset>,
        ["DateTime"] = Read<DateTime>,
        ["DateOnly"] = Read<DateOnly>,
        ["TimeOnly"] = Read<TimeOnly>,
        ["TimeSpan"] = Read<TimeSpan>,
        ["Grade"] = Read<Grade>,
        ["Sale"] = Read<Sale>,
    };

    public enum Grade
    {
        Low,
        VeryHigh = 7,
    }

    private interface IMember
    {
        object? Value { get; }
    }

    public static TheoryData<string, string, string> Rows
    {
        get
        {
            var rows = new TheoryData<string, string, string>();
            foreach (var cells in Page().Split('\n').Where(line => line.StartsWith("| `", StringComparison.Ordinal))
                .Select(line => line.Split('|', StringSplitOptions.TrimEntries)))
            {
                rows.Add(Code(cells[1]), Code(cells[2]), cells[3]);
            }

            return rows;
        }
    }

    [Theory]
    [MemberData(nameof(Rows))]
    public void A_row_of_the_page_is_true(string type, string json, string outcome)
    {
        var read = Readers[type];
        var bytes = Encoding.UTF8.GetBytes(json);

        if (outcome == "refused")
        {
            Assert.Throws<JsonException>(() => read(bytes));
        }
        else
        {
            Assert.Equal(Code(outcome), read(bytes));
        }
    }

    [Fact]
    public void A_time_is_the_same_in_every_zone_P2()
    {
        // The zone of this process is the machine's; where it is UTC, the library's own reading would pass as well.
        Assert.Throws<JsonException>(() => JsonCodec.Decode<DateTimeOffset>("\"2026-03-29T01:30:00\""u8));
        Assert.Equal(
            DateTimeKind.Utc, JsonCodec.Decode<DateTime>("\"2026-03-29T01:30:00+02:00\""u8).Kind);
        Assert.Equal(
            DateTimeKind.Unspecified, JsonCodec.Decode<DateTime>("\"2026-03-29T01:30:00\""u8).Kind);
    }

    [Fact]
    public void An_event_of_bytes_is_the_value_itself() =>
        Assert.Equal([0xFF, 0, 1], JsonCodec.Decode<byte[]>([0xFF, 0, 1]));

    [Fact]
    public void Bytes_that_are_no_UTF8_are_refused() =>
        Assert.ThrowsAny<Exception>(() => JsonCodec.Decode<string>([(byte)'"', 0xFF, (byte)'"']));

    [Fact]
    public void Beyond_64_levels_nothing_is_read()
    {
        var deep = new string('[', 65) + new string(']', 65);

        Assert.Throws<JsonException>(() => JsonCodec.Decode<JsonElement>(Encoding.UTF8.GetBytes(deep)));
    }

    private static string Read<T>(byte[] json) => Text(JsonCodec.Decode<T>(json));

    private static string Member<T>(byte[] json)
        where T : IMember => Text(JsonCodec.Decode<T>([.. "{\"value\":"u8, .. json, (byte)'}']).Value);

    private static string Text(object? value) => value switch
    {
        null => "null",
        DateTimeOffset or DateTime or TimeOnly or DateOnly =>
            ((IFormattable)value).ToString("O", CultureInfo.InvariantCulture),
        byte[] bytes => Convert.ToHexString(bytes),
        int[] numbers => "[" + string.Join(',', numbers) + "]",
        Sale sale => sale.ToString(),
        IFormattable formattable => formattable.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString()!,
    };

    private static string Code(string cell) => cell.Trim('`');

    private static string Page()
    {
        var at = new DirectoryInfo(AppContext.BaseDirectory);
        while (at is not null && !File.Exists(Path.Combine(at.FullName, "Kappa.slnx")))
        {
            at = at.Parent;
        }

        return File.ReadAllText(Path.Combine(at!.FullName, "docs/formats/json.md"));
    }

    // <event>
    public sealed record Sale(
        string Id,
        int Count,
        string? Note,
        [property: JsonPropertyName("unit_price")] double Price = 1.5,
        string Currency = "EUR");
    // </event>

    private sealed record HasText(string Value) : IMember
    {
        object? IMember.Value => Value;
    }

    private sealed record MayHaveText(string? Value) : IMember
    {
        object? IMember.Value => Value;
    }

    private sealed record HasBytes(byte[] Value) : IMember
    {
        object? IMember.Value => Value;
    }

    private sealed record MayHaveNumber(int? Value) : IMember
    {
        object? IMember.Value => Value;
    }
}
