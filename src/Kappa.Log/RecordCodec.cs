using System.Buffers;
using System.Text;

namespace Kappa.Log;

/// <summary>
/// The bytes of records inside a batch (docs/formats/segment.md). Per record: key, value, headers. A key is
/// <c>varint(length + 1) bytes</c>, 0 = none. A value is <c>varint(length + 2) bytes</c>, 0 = none, 1 = erased.
/// Headers are
/// <c>varint(count)</c>, then per header <c>varint(name length) name varint(value length) value</c>.
/// </summary>
public static class RecordCodec
{
    /// <summary>Appends one encoded record to a buffer.</summary>
    public static void Write(IBufferWriter<byte> into, in NewRecord record)
    {
        if (record.Key is { } key)
        {
            WriteVarint(into, (uint)key.Length + 1);
            into.Write(key.Span);
        }
        else
        {
            WriteVarint(into, 0);
        }

        if (record.Value is { } value)
        {
            WriteVarint(into, (uint)value.Length + 2);
            into.Write(value.Span);
        }
        else
        {
            WriteVarint(into, 0);
        }

        WriteVarint(into, (uint)(record.Headers?.Count ?? 0));
        foreach (var header in record.Headers ?? [])
        {
            WriteVarint(into, (uint)Encoding.UTF8.GetByteCount(header.Key));
            Encoding.UTF8.GetBytes(header.Key, into);
            WriteVarint(into, (uint)header.Value.Length);
            into.Write(header.Value.Span);
        }
    }

    /// <summary>Reads a LEB128 number of at most 32 bits.</summary>
    /// <exception cref="KappaException">The bytes end early or the number is too long.</exception>
    public static uint ReadVarint(ReadOnlySpan<byte> bytes, scoped ref int at)
    {
        uint value = 0;
        for (var shift = 0; shift < 35; shift += 7)
        {
            if (at >= bytes.Length)
            {
                break;
            }

            var b = bytes[at++];
            value |= (uint)(b & 0x7F) << shift;
            if (b < 0x80)
            {
                return value;
            }
        }

        throw new KappaException(
            ErrorKind.Corrupt, "A record's length cannot be read.", "Run 'kappa verify' to find the damage.");
    }

    internal static void WriteVarint(IBufferWriter<byte> into, uint value)
    {
        var span = into.GetSpan(5);
        var used = 0;
        while (value >= 0x80)
        {
            span[used++] = (byte)(value | 0x80);
            value >>= 7;
        }

        span[used++] = (byte)value;
        into.Advance(used);
    }
}
