using System.Buffers.Binary;
using System.Numerics;
using System.Text;
using Kappa.Log;

namespace Kappa.Tables;

/// <summary>
/// Reads key and row bytes back into values: bool, long, double, decimal, string (text and JSON), DateTimeOffset,
/// TimeSpan, Guid, byte[], or null.
/// </summary>
public static class RowReader
{
    /// <summary>The values of a whole row: key columns first, then value columns.</summary>
    public static object?[] ReadAll(TableSchema schema, TableRow row)
    {
        var values = new object?[schema.Key.Count + schema.Values.Count];
        ReadKey(schema, row.Key.Span, values);
        ReadRow(schema, row.Row.Span, values.AsSpan(schema.Key.Count));
        return values;
    }

    /// <summary>Reads the key columns.</summary>
    public static void ReadKey(TableSchema schema, ReadOnlySpan<byte> key, Span<object?> into)
    {
        var at = 0;
        for (var i = 0; i < schema.Key.Count; i++)
        {
            into[i] = key[at++] == 0 ? null : KeyValue(schema.Key[i].Type, key, ref at);
        }
    }

    /// <summary>Reads the value columns.</summary>
    public static void ReadRow(TableSchema schema, ReadOnlySpan<byte> row, Span<object?> into)
    {
        var at = 0;
        for (var i = 0; i < schema.Values.Count; i++)
        {
            into[i] = row[at++] == 0 ? null : RowValue(schema.Values[i].Type, row, ref at);
        }
    }

    /// <summary>Where each value column ends in row bytes; each begins where the one before ends.</summary>
    internal static void Ends(TableSchema schema, ReadOnlySpan<byte> row, Span<int> into)
    {
        var at = 0;
        for (var i = 0; i < schema.Values.Count; i++)
        {
            if (row[at++] != 0)
            {
                at += schema.Values[i].Type switch
                {
                    ColumnType.Boolean => 1,
                    ColumnType.Guid or ColumnType.Decimal => 16,
                    ColumnType.Text or ColumnType.Json or ColumnType.Bytes =>
                        4 + BinaryPrimitives.ReadInt32LittleEndian(row[at..]),
                    _ => 8,
                };
            }

            into[i] = at;
        }
    }

    /// <summary>The value of one column's bytes in a row.</summary>
    internal static object? ReadOne(ColumnType type, ReadOnlySpan<byte> bytes)
    {
        var at = 1;
        return bytes[0] == 0 ? null : RowValue(type, bytes, ref at);
    }

    private static object KeyValue(ColumnType type, ReadOnlySpan<byte> key, ref int at)
    {
        switch (type)
        {
            case ColumnType.Boolean:
                return key[at++] != 0;
            case ColumnType.Guid:
                return new Guid(Next(key, ref at, 16), bigEndian: true);
            case ColumnType.Text:
                return Encoding.UTF8.GetString(Unescape(key, ref at));
            case ColumnType.Bytes:
                return Unescape(key, ref at);
            case ColumnType.Decimal:
                return KeyDecimal(Next(key, ref at, 24));
            case ColumnType.Double:
                var bits = BinaryPrimitives.ReadUInt64BigEndian(Next(key, ref at, 8));
                return bits == ulong.MaxValue ? double.NaN
                    : BitConverter.UInt64BitsToDouble((bits >> 63) != 0 ? bits & 0x7FFF_FFFF_FFFF_FFFF : ~bits);
            default:
                var number = (long)(BinaryPrimitives.ReadUInt64BigEndian(Next(key, ref at, 8)) ^ 0x8000_0000_0000_0000);
                return Whole(type, number);
        }
    }

    private static object RowValue(ColumnType type, ReadOnlySpan<byte> row, ref int at)
    {
        switch (type)
        {
            case ColumnType.Boolean:
                return row[at++] != 0;
            case ColumnType.Guid:
                return new Guid(Next(row, ref at, 16), bigEndian: true);
            case ColumnType.Text or ColumnType.Json:
                return Encoding.UTF8.GetString(Sized(row, ref at));
            case ColumnType.Bytes:
                return Sized(row, ref at).ToArray();
            case ColumnType.Decimal:
                var parts = Next(row, ref at, 16);
                return new decimal([
                    BinaryPrimitives.ReadInt32LittleEndian(parts), BinaryPrimitives.ReadInt32LittleEndian(parts[4..]),
                    BinaryPrimitives.ReadInt32LittleEndian(parts[8..]),
                        BinaryPrimitives.ReadInt32LittleEndian(parts[12..])]);
            case ColumnType.Double:
                return BinaryPrimitives.ReadDoubleLittleEndian(Next(row, ref at, 8));
            default:
                return Whole(type, BinaryPrimitives.ReadInt64LittleEndian(Next(row, ref at, 8)));
        }
    }

    private static object Whole(ColumnType type, long number) => type switch
    {
        ColumnType.Integer => number,
        ColumnType.Timestamp => new DateTimeOffset(number, TimeSpan.Zero),
        ColumnType.Duration => new TimeSpan(number),
        _ => throw new KappaException(ErrorKind.Corrupt, $"A key cannot hold {type}.", "Run 'kappa verify'."),
    };

    private static decimal KeyDecimal(ReadOnlySpan<byte> bytes)
    {
        Span<byte> raw = stackalloc byte[24];
        bytes.CopyTo(raw);
        raw[0] ^= 0x80;
        var scaled = new BigInteger(raw, isUnsigned: false, isBigEndian: true);
        var scale = 28;
        while (scale > 0 && scaled % 10 == 0)
        {
            scaled /= 10;
            scale--;
        }

        var magnitude = BigInteger.Abs(scaled);
        return new decimal(
            (int)(uint)(magnitude & uint.MaxValue), (int)(uint)((magnitude >> 32) & uint.MaxValue),
            (int)(uint)(magnitude >> 64), scaled.Sign < 0, (byte)scale);
    }

    private static byte[] Unescape(ReadOnlySpan<byte> key, ref int at)
    {
        var value = new List<byte>();
        while (!(key[at] == 0 && key[at + 1] == 1))
        {
            value.Add(key[at]);
            at += key[at] == 0 ? 2 : 1;
        }

        at += 2;
        return [.. value];
    }

    private static ReadOnlySpan<byte> Sized(ReadOnlySpan<byte> row, ref int at) =>
        Next(row, ref at, BinaryPrimitives.ReadInt32LittleEndian(Next(row, ref at, 4)));

    private static ReadOnlySpan<byte> Next(ReadOnlySpan<byte> bytes, ref int at, int length)
    {
        var next = bytes.Slice(at, length);
        at += length;
        return next;
    }
}
