using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Xunit;

namespace Kappa.Tables.Tests;

public sealed class CanonicalExportTests
{
    private static readonly TableSchema Table = new(
        "order-totals", [new Column("customer", ColumnType.Text), new Column("window_start", ColumnType.Timestamp)],
        [
            new Column("count", ColumnType.Integer), new Column("mean", ColumnType.Double),
            new Column("total", ColumnType.Decimal), new Column("open", ColumnType.Duration),
            new Column("id", ColumnType.Guid), new Column("raw", ColumnType.Bytes), new Column("rest", ColumnType.Json),
            new Column("is_final", ColumnType.Boolean),
        ]);

    [Fact]
    public async Task The_export_is_the_documented_bytes_whatever_the_culture_and_the_order_of_insertion()
    {
        var rows = new[]
        {
            Rows.Encode(
                Table, ["z", DateTimeOffset.MinValue],
                [-1L, double.NaN, 0.0m, TimeSpan.FromTicks(-1), null, Array.Empty<byte>(), null, false]),
            Rows.Encode(
                Table, ["Köln \"1\"\n", new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero)],
                [
                    9007199254740993L, 0.1, 1.50m, TimeSpan.FromMinutes(1),
                    Guid.Parse("00112233-4455-6677-8899-aabbccddeeff"), new byte[] { 0, 1, 2 }, "{\"a\": 1}", true,
                ]),
        };
        var before = CultureInfo.CurrentCulture;
        try
        {
            CultureInfo.CurrentCulture = new CultureInfo("ar-SA");
            await using var snapshot = new FixedSnapshot(Table, rows);
            using var into = new MemoryStream();
            var checksum = await CanonicalExport.WriteAsync(snapshot, Table.Name, into, default);
            Assert.Equal(Documented(), Encoding.UTF8.GetString(into.ToArray()));
            Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(into.ToArray())), checksum);
            Assert.Equal(checksum, await CanonicalExport.ChecksumAsync(snapshot, Table.Name, default));
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [Fact]
    public async Task Every_line_is_json_that_holds_the_values_when_rows_are_random()
    {
        const int Seed = 31;
        var random = new Random(Seed);
        for (var round = 0; round < 40; round++)
        {
            var schema = Rows.Schema(random);
            var rows = Enumerable.Range(0, 40).Select(_ => Rows.Row(random, schema)).ToArray();
            await using var snapshot = new FixedSnapshot(schema, rows);
            using var into = new MemoryStream();
            await CanonicalExport.WriteAsync(snapshot, schema.Name, into, default);
            var lines = Encoding.UTF8.GetString(into.ToArray()).Split('\n');
            var distinct = rows.Select(r => Convert.ToHexString(r.Key.Span)).Distinct().Count();
            Assert.Equal(distinct + 2, lines.Length);
            Assert.Equal("", lines[^1]);
            foreach (var line in lines[1..^1])
            {
                using var json = JsonDocument.Parse(line);
                Assert.Equal(schema.Columns.Count(), json.RootElement.GetArrayLength());
                foreach (var (column, value) in schema.Columns.Zip(json.RootElement.EnumerateArray()))
                {
                    CheckValue(column, value);
                }
            }
        }
    }

    /// <summary>The worked example of docs/formats/export.md.</summary>
    private static string Documented()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Kappa.slnx")))
        {
            folder = Path.GetDirectoryName(folder)!;
        }

        return File.ReadAllText(Path.Combine(folder, "docs", "formats", "export.md")).Split("```\n")[1];
    }

    private static void CheckValue(Column column, JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.Null)
        {
            return;
        }

        var text = value.ValueKind == JsonValueKind.String ? value.GetString() : value.GetRawText();
        var read = RowKey.Read(column, text);
        var again = new System.Buffers.ArrayBufferWriter<byte>();
        CanonicalRow.Value(read, again);
        Assert.Equal(value.GetRawText(), Encoding.UTF8.GetString(again.WrittenSpan));
    }
}
