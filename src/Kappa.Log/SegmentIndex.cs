using System.Buffers.Binary;

namespace Kappa.Log;

/// <summary>
/// The sparse index of a sealed segment by offset and by time (docs/formats/segment.md): some of its batches, about
/// one in every 256 KiB. It lies beside the segment and is a cache: checked when it is read, and made again out of the
/// segment where it is missing or does not fit.
/// </summary>
internal static class SegmentIndex
{
    private const ushort Format = 1;
    private const int HeadBytes = 40;
    private const int MarkBytes = 28;
    private static ReadOnlySpan<byte> Magic => "KAPPAIDX"u8;

    /// <summary>The index beside a segment's file.</summary>
    public static string PathOf(string segment) => Path.ChangeExtension(segment, ".index");

    public static byte[] ToBytes(in SegmentHeader of, long end, IReadOnlyList<Segment.Mark> marks)
    {
        var bytes = new byte[HeadBytes + (MarkBytes * marks.Count) + 4];
        Magic.CopyTo(bytes);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(8), Format);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(12), marks.Count);
        of.SegmentId.TryWriteBytes(bytes.AsSpan(16));
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(32), end);
        var at = HeadBytes;
        foreach (var mark in marks)
        {
            BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(at), mark.Position);
            BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(at + 8), mark.BaseOffset);
            BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(at + 16), mark.LogTime);
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(at + 24), mark.PreviousCrc);
            at += MarkBytes;
        }

        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(at), Crc32C.Of(bytes.AsSpan(0, at)));
        return bytes;
    }

    /// <summary>The marks of an index that is whole and of just this segment; else null.</summary>
    public static Segment.Mark[]? TryParse(ReadOnlySpan<byte> bytes, in SegmentHeader of, long end)
    {
        if (bytes.Length < HeadBytes + 4 || !bytes[..8].SequenceEqual(Magic)
            || BinaryPrimitives.ReadUInt32LittleEndian(bytes[^4..]) != Crc32C.Of(bytes[..^4])
            || BinaryPrimitives.ReadUInt16LittleEndian(bytes[8..]) != Format
            || new Guid(bytes.Slice(16, 16)) != of.SegmentId
            || BinaryPrimitives.ReadInt64LittleEndian(bytes[32..]) != end)
        {
            return null;
        }

        var count = BinaryPrimitives.ReadInt32LittleEndian(bytes[12..]);
        if (count != (bytes.Length - HeadBytes - 4) / MarkBytes)
        {
            return null;
        }

        var marks = new Segment.Mark[count];
        for (var i = 0; i < count; i++)
        {
            var at = bytes[(HeadBytes + (i * MarkBytes))..];
            marks[i] = new Segment.Mark(
                BinaryPrimitives.ReadInt64LittleEndian(at), BinaryPrimitives.ReadInt64LittleEndian(at[8..]),
                BinaryPrimitives.ReadInt64LittleEndian(at[16..]), BinaryPrimitives.ReadUInt32LittleEndian(at[24..]));
        }

        return marks;
    }
}
