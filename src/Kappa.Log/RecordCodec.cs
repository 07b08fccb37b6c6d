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
        var size = SizeOf(record);
        Write(into.GetSpan(size), record);
        into.Advance(size);
    }

    /// <summary>How many bytes a record has when it is encoded.</summary>
    internal static int SizeOf(in NewRecord record)
    {
        var size = record.Headers is { } headers ? SizeOf(headers) : 1;
        size += record.Key is { } key ? SizeOf((uint)key.Length + 1) + key.Length : 1;
        size += record.Value is { } value ? SizeOf((uint)value.Length + 2) + value.Length : 1;
        return size;
    }

    /// <summary>Writes one record into a span of at least its size; returns its size.</summary>
    internal static int Write(Span<byte> into, in NewRecord record)
    {
        var at = 0;
        if (record.Key is { } key)
        {
            Put(into, ref at, (uint)key.Length + 1, key.Span);
        }
        else
        {
            into[at++] = 0;
        }

        if (record.Value is { } value)
        {
            Put(into, ref at, (uint)value.Length + 2, value.Span);
        }
        else
        {
            into[at++] = 0;
        }

        if (record.Headers is { } headers)
        {
            Write(into, ref at, headers);
        }
        else
        {
            into[at++] = 0;
        }

        return at;
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

    private static int SizeOf(IReadOnlyList<KeyValuePair<string, ReadOnlyMemory<byte>>> headers)
    {
        var size = SizeOf((uint)headers.Count);
        foreach (var header in headers)
        {
            var name = Encoding.UTF8.GetByteCount(header.Key);
            size += SizeOf((uint)name) + name + SizeOf((uint)header.Value.Length) + header.Value.Length;
        }

        return size;
    }

    private static void Write(
        Span<byte> into, scoped ref int at, IReadOnlyList<KeyValuePair<string, ReadOnlyMemory<byte>>> headers)
    {
        Put(into, ref at, (uint)headers.Count, default);
        foreach (var header in headers)
        {
            Put(into, ref at, (uint)Encoding.UTF8.GetByteCount(header.Key), default);
            at += Encoding.UTF8.GetBytes(header.Key, into[at..]);
            Put(into, ref at, (uint)header.Value.Length, header.Value.Span);
        }
    }

    private static int SizeOf(uint number) => number switch
    {
        < 1 << 7 => 1,
        < 1 << 14 => 2,
        < 1 << 21 => 3,
        < 1 << 28 => 4,
        _ => 5,
    };

    private static void Put(Span<byte> into, scoped ref int at, uint number, ReadOnlySpan<byte> bytes)
    {
        for (; number >= 0x80; number >>= 7)
        {
            into[at++] = (byte)(number | 0x80);
        }

        into[at++] = (byte)number;
        bytes.CopyTo(into[at..]);
        at += bytes.Length;
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
