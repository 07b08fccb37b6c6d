using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Kappa.Tables;

/// <summary>
/// Writes the bytes of a row's value columns, in order of the schema (docs/formats/rows.md). Each is 0x00 for null or
/// 0x01 and its encoding, little-endian. Equal bytes are equal rows: diffs and checksums compare nothing else.
/// </summary>
/// <param name="into">Where the bytes go.</param>
public readonly struct RowWriter(IBufferWriter<byte> into)
{
    /// <summary>Writes an absent value.</summary>
    public void Null() => Byte(0);

    /// <summary>Writes 0x00 or 0x01.</summary>
    public void Boolean(bool value)
    {
        Byte(1);
        Byte(value ? (byte)1 : (byte)0);
    }

    /// <summary>Writes 8 bytes. Timestamps (UTC ticks) and durations (ticks) too.</summary>
    public void Integer(long value)
    {
        Byte(1);
        BinaryPrimitives.WriteInt64LittleEndian(into.GetSpan(8), value);
        into.Advance(8);
    }

    /// <summary>Writes the 8 IEEE bytes; −0 as 0, every NaN as one.</summary>
    public void Double(double value)
    {
        Byte(1);
        BinaryPrimitives.WriteDoubleLittleEndian(into.GetSpan(8), Normal(value));
        into.Advance(8);
    }

    /// <summary>Writes the four 32-bit parts of the decimal, low to flags: the scale is kept, −0 is 0.</summary>
    public void Decimal(decimal value)
    {
        Span<int> parts = stackalloc int[4];
        decimal.GetBits(value, parts);
        parts[3] = value == 0 ? parts[3] & 0x00FF_0000 : parts[3];
        Byte(1);
        var span = into.GetSpan(16);
        for (var i = 0; i < 4; i++)
        {
            BinaryPrimitives.WriteInt32LittleEndian(span[(4 * i)..], parts[i]);
        }

        into.Advance(16);
    }

    /// <summary>Writes a 32-bit length and UTF-8. JSON too.</summary>
    public void Text(string value)
    {
        Byte(1);
        var length = Encoding.UTF8.GetByteCount(value);
        BinaryPrimitives.WriteInt32LittleEndian(into.GetSpan(4), length);
        into.Advance(4);
        into.Advance(Encoding.UTF8.GetBytes(value, into.GetSpan(length)));
    }

    /// <summary>Writes a 32-bit length and the bytes. UTF-8 of a text or JSON column too.</summary>
    public void Bytes(ReadOnlySpan<byte> value)
    {
        Byte(1);
        BinaryPrimitives.WriteInt32LittleEndian(into.GetSpan(4), value.Length);
        into.Advance(4);
        into.Write(value);
    }

    /// <summary>Writes 16 bytes, big-endian, as the text form reads.</summary>
    public void Guid(Guid value)
    {
        Byte(1);
        value.TryWriteBytes(into.GetSpan(16), bigEndian: true, out _);
        into.Advance(16);
    }

    /// <summary>The one form of a double: SQLite keeps no −0, and NaN has many bit patterns.</summary>
    internal static double Normal(double value) => value == 0 ? 0 : double.IsNaN(value) ? double.NaN : value;

    private void Byte(byte value)
    {
        into.GetSpan(1)[0] = value;
        into.Advance(1);
    }
}
