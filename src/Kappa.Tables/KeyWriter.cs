using System.Buffers;
using System.Buffers.Binary;
using System.Numerics;
using System.Text;

namespace Kappa.Tables;

/// <summary>
/// Writes key bytes (docs/formats/rows.md): unsigned comparison of the bytes is the order of the keys (rule T8). Each
/// column is 0x00 for null or 0x01 and its encoding.
/// </summary>
/// <param name="into">Where the bytes go.</param>
public readonly struct KeyWriter(IBufferWriter<byte> into)
{
    /// <summary>Writes an absent value; it sorts before all others.</summary>
    public void Null() => Byte(0);

    /// <summary>Writes 0x00 or 0x01.</summary>
    public void Boolean(bool value)
    {
        Byte(1);
        Byte(value ? (byte)1 : (byte)0);
    }

    /// <summary>
    /// Writes 8 bytes, big-endian, the sign bit flipped. Timestamps (UTC ticks) and durations (ticks) too.
    /// </summary>
    public void Integer(long value)
    {
        Byte(1);
        var span = into.GetSpan(8);
        BinaryPrimitives.WriteUInt64BigEndian(span, (ulong)value ^ 0x8000_0000_0000_0000);
        into.Advance(8);
    }

    /// <summary>
    /// Writes 8 bytes: the IEEE bits, all flipped if negative, else the sign bit flipped. −0 counts as 0, every NaN as
    /// one that sorts last.
    /// </summary>
    public void Double(double value)
    {
        var bits = BitConverter.DoubleToUInt64Bits(RowWriter.Normal(value));
        Byte(1);
        var span = into.GetSpan(8);
        bits = double.IsNaN(value) ? ulong.MaxValue : (bits >> 63) != 0 ? ~bits : bits | 0x8000_0000_0000_0000;
        BinaryPrimitives.WriteUInt64BigEndian(span, bits);
        into.Advance(8);
    }

    /// <summary>
    /// Writes 24 bytes: the value times 10^28, two's complement, big-endian, the sign bit flipped. 1.0 equals 1.00.
    /// </summary>
    public void Decimal(decimal value)
    {
        Span<int> parts = stackalloc int[4];
        decimal.GetBits(value, parts);
        var magnitude = (new BigInteger((uint)parts[2]) << 64) + (new BigInteger((uint)parts[1]) << 32)
            + (uint)parts[0];
        var scaled = magnitude * BigInteger.Pow(10, 28 - ((parts[3] >> 16) & 0xFF));
        scaled = parts[3] < 0 ? -scaled : scaled;
        Byte(1);
        var span = into.GetSpan(24)[..24];
        span.Fill(scaled.Sign < 0 ? (byte)0xFF : (byte)0);
        Span<byte> raw = stackalloc byte[25];
        scaled.TryWriteBytes(raw, out var written, isUnsigned: false, isBigEndian: true);
        raw[..written].CopyTo(span[(24 - written)..]);
        span[0] ^= 0x80;
        into.Advance(24);
    }

    /// <summary>Writes UTF-8 with 0x00 as 0x00 0xFF, ended by 0x00 0x01.</summary>
    public void Text(string value)
    {
        var rented = ArrayPool<byte>.Shared.Rent(Encoding.UTF8.GetMaxByteCount(value.Length));
        var used = Encoding.UTF8.GetBytes(value, rented);
        Bytes(rented.AsSpan(0, used));
        ArrayPool<byte>.Shared.Return(rented);
    }

    /// <summary>Writes bytes with 0x00 as 0x00 0xFF, ended by 0x00 0x01.</summary>
    public void Bytes(ReadOnlySpan<byte> value)
    {
        Byte(1);
        int zero;
        while ((zero = value.IndexOf((byte)0)) >= 0)
        {
            into.Write(value[..zero]);
            Byte(0);
            Byte(0xFF);
            value = value[(zero + 1)..];
        }

        into.Write(value);
        Byte(0);
        Byte(1);
    }

    /// <summary>Writes 16 bytes, big-endian, as the text form reads.</summary>
    public void Guid(Guid value)
    {
        Byte(1);
        value.TryWriteBytes(into.GetSpan(16), bigEndian: true, out _);
        into.Advance(16);
    }

    private void Byte(byte value)
    {
        into.GetSpan(1)[0] = value;
        into.Advance(1);
    }
}
