using System.Buffers;

namespace Kappa.Tables.Tests;

/// <summary>Random schemas and rows from a seed, with the awkward values of every type among them.</summary>
internal static class Rows
{
    public static readonly ColumnType[] Types = Enum.GetValues<ColumnType>();

    public static readonly ColumnType[] KeyTypes = [.. Types.Where(t => t != ColumnType.Json)];

    private static readonly string[] Texts =
        ["", "a", "ab", "a\0b", "\0", "\0\u0001", "z", "ä", "日本", "😀", "\ud800", "x\udfffy", "\"'\\\r\n\t", "NaN",
            "123", "\u007f", "ÿ"];

    private static readonly double[] Doubles =
    [
        0, -0.0, 1, -1, 0.1, -0.1, double.MaxValue, double.MinValue, double.Epsilon, -double.Epsilon, 1e15, 1e16, 1e-7,
        double.PositiveInfinity, double.NegativeInfinity, double.NaN, 9007199254740993, 123456789.123,
            double.MaxValue / 3,
    ];

    private static readonly decimal[] Decimals =
    [
        0m, 0.0m, -0.0m, 1m, 1.0m, 1.00m, -1.50m, decimal.MaxValue, decimal.MinValue, 0.0000000000000000000000000001m,
        -0.0000000000000000000000000001m, 100m, 7.9228162514264337593543950335m,
    ];

    /// <summary>A value of a type; null one time in eight where allowed.</summary>
    public static object? Value(Random random, ColumnType type, bool nullable = true)
    {
        if (nullable && random.Next(8) == 0)
        {
            return null;
        }

        return type switch
        {
            ColumnType.Boolean => random.Next(2) == 0,
            ColumnType.Integer => Whole(random, long.MinValue, long.MaxValue),
            ColumnType.Double => random.Next(3) == 0 ? BitConverter.Int64BitsToDouble(random.NextInt64())
                : Pick(random, Doubles),
            ColumnType.Decimal => random.Next(3) == 0
                ? new decimal(random.Next(), random.Next(), random.Next(), random.Next(2) == 0, (byte)random.Next(29))
                : Pick(random, Decimals),
            ColumnType.Text => random.Next(3) == 0 ? RandomText(random) : Pick(random, Texts),
            ColumnType.Timestamp => new DateTimeOffset(
                Whole(random, 0, DateTime.MaxValue.Ticks), TimeSpan.Zero),
            ColumnType.Duration => new TimeSpan(Whole(random, long.MinValue, long.MaxValue)),
            ColumnType.Guid => random.Next(8) == 0 ? Guid.Empty : new Guid(Bytes(random, 16)),
            ColumnType.Bytes => Bytes(random, random.Next(6)),
            _ => "{\"a\":" + random.Next(100) + "}",
        };
    }

    /// <summary>A table of random columns.</summary>
    public static TableSchema Schema(Random random, string name = "order-totals")
    {
        var key = Enumerable.Range(0, random.Next(1, 4)).Select(i => new Column("k" + i, Pick(random, KeyTypes)));
        var values = Enumerable.Range(0, random.Next(0, 8)).Select(i => new Column("v" + i, Pick(random, Types)));
        return new TableSchema(name, [.. key], [.. values]);
    }

    /// <summary>A random row.</summary>
    public static TableRow Row(Random random, TableSchema schema) => Encode(
        schema,
        [.. schema.Key.Select(c => Value(random, c.Type))],
        [.. schema.Values.Select(c => Value(random, c.Type))]);

    /// <summary>The bytes of a row.</summary>
    public static TableRow Encode(TableSchema schema, IReadOnlyList<object?> key, IReadOnlyList<object?> values)
    {
        var keyBytes = new ArrayBufferWriter<byte>();
        for (var i = 0; i < schema.Key.Count; i++)
        {
            Key(new KeyWriter(keyBytes), key[i]);
        }

        var rowBytes = new ArrayBufferWriter<byte>();
        for (var i = 0; i < schema.Values.Count; i++)
        {
            Value(new RowWriter(rowBytes), values[i]);
        }

        return new TableRow(keyBytes.WrittenMemory, rowBytes.WrittenMemory);
    }

    public static byte[] KeyBytes(object? value)
    {
        var bytes = new ArrayBufferWriter<byte>();
        Key(new KeyWriter(bytes), value);
        return bytes.WrittenSpan.ToArray();
    }

    private static void Key(KeyWriter writer, object? value)
    {
        switch (value)
        {
            case null: writer.Null(); break;
            case bool flag: writer.Boolean(flag); break;
            case long number: writer.Integer(number); break;
            case DateTimeOffset time: writer.Integer(time.UtcTicks); break;
            case TimeSpan length: writer.Integer(length.Ticks); break;
            case double number: writer.Double(number); break;
            case decimal number: writer.Decimal(number); break;
            case string text: writer.Text(text); break;
            case Guid id: writer.Guid(id); break;
            default: writer.Bytes((byte[])value); break;
        }
    }

    private static void Value(RowWriter writer, object? value)
    {
        switch (value)
        {
            case null: writer.Null(); break;
            case bool flag: writer.Boolean(flag); break;
            case long number: writer.Integer(number); break;
            case DateTimeOffset time: writer.Integer(time.UtcTicks); break;
            case TimeSpan length: writer.Integer(length.Ticks); break;
            case double number: writer.Double(number); break;
            case decimal number: writer.Decimal(number); break;
            case string text: writer.Text(text); break;
            case Guid id: writer.Guid(id); break;
            default: writer.Bytes((byte[])value); break;
        }
    }

    private static long Whole(Random random, long low, long high) => random.Next(5) switch
    {
        0 => low,
        1 => high,
        2 => Math.Clamp(random.Next(-3, 4), low, high),
        _ => random.NextInt64(low, high),
    };

    private static T Pick<T>(Random random, IReadOnlyList<T> from) => from[random.Next(from.Count)];

    private static byte[] Bytes(Random random, int length)
    {
        var bytes = new byte[length];
        random.NextBytes(bytes);
        return random.Next(3) == 0 ? [.. bytes.Select(b => (byte)(b % 3))] : bytes;
    }

    private static string RandomText(Random random) =>
        new([.. Enumerable.Range(0, random.Next(12))
            .Select(_ => (char)random.Next(random.Next(2) == 0 ? 128 : 65536))]);
}
