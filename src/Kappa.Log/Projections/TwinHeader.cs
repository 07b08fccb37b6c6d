using System.Buffers.Binary;
using System.Text;

namespace Kappa.Log.Projections;

/// <summary>
/// What a twin begins with (docs/formats/projection.md): a segment's header, and behind it of what, by which key and up
/// to where it is a twin.
/// </summary>
internal sealed record TwinHeader(
    SegmentHeader Segment, Guid RawId, string Key, long RawEnd, long Length, long Records, long Marks,
    IReadOnlyList<(string Name, TimeRange Range)> Times)
{
    private const ushort Format = 1;
    private const int Fixed = SegmentHeader.Size + 96;
    private const int SizeMax = 1 << 20;

    private static ReadOnlySpan<byte> Magic => "KAPPAPRJ"u8;

    /// <summary>Its bytes, and so where the first batch begins.</summary>
    public int Size => SizeOf(Times.Select(column => column.Name));

    public static int SizeOf(IEnumerable<string> timeColumns) =>
        Fixed + timeColumns.Sum(name => 2 + Encoding.UTF8.GetByteCount(name) + 16) + 4;

    public byte[] ToBytes()
    {
        var bytes = new byte[Size];
        Segment.Write(bytes);
        var own = bytes.AsSpan(SegmentHeader.Size);
        Magic.CopyTo(own);
        BinaryPrimitives.WriteUInt16LittleEndian(own[8..], Format);
        BinaryPrimitives.WriteUInt16LittleEndian(own[10..], (ushort)Times.Count);
        BinaryPrimitives.WriteInt32LittleEndian(own[12..], bytes.Length);
        RawId.TryWriteBytes(own[16..]);
        Convert.FromHexString(Key).CopyTo(own[32..]);
        BinaryPrimitives.WriteInt64LittleEndian(own[64..], RawEnd);
        BinaryPrimitives.WriteInt64LittleEndian(own[72..], Length);
        BinaryPrimitives.WriteInt64LittleEndian(own[80..], Records);
        BinaryPrimitives.WriteInt64LittleEndian(own[88..], Marks);
        own = own[96..];
        foreach (var (name, range) in Times)
        {
            var length = Encoding.UTF8.GetBytes(name, own[2..]);
            BinaryPrimitives.WriteUInt16LittleEndian(own, (ushort)length);
            own = own[(2 + length)..];
            BinaryPrimitives.WriteInt64LittleEndian(own, range.Least);
            BinaryPrimitives.WriteInt64LittleEndian(own[8..], range.Most);
            own = own[16..];
        }

        BinaryPrimitives.WriteUInt32LittleEndian(own, Crc32C.Of(bytes.AsSpan(0, bytes.Length - 4)));
        return bytes;
    }

    /// <summary>Reads the header of a file; null where it is damaged, of another format, or not whole.</summary>
    public static TwinHeader? Read(IFile file)
    {
        var bytes = new byte[Fixed];
        if (file.Read(bytes, 0) < Fixed || !bytes.AsSpan(SegmentHeader.Size, 8).SequenceEqual(Magic))
        {
            return null;
        }

        var size = BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(SegmentHeader.Size + 12));
        if (size is < Fixed + 4 or > SizeMax)
        {
            return null;
        }

        bytes = new byte[size];
        return file.Read(bytes, 0) == size
            && BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(size - 4)) == Crc32C.Of(bytes.AsSpan(0, size - 4))
            && SegmentHeader.TryRead(bytes, out var segment) is null
            && Parse(segment, bytes.AsSpan(SegmentHeader.Size)) is { } header
            && header.Length == file.Length
            ? header
            : null;
    }

    private static TwinHeader? Parse(SegmentHeader segment, ReadOnlySpan<byte> own)
    {
        if (BinaryPrimitives.ReadUInt16LittleEndian(own[8..]) != Format)
        {
            return null;
        }

        var times = new List<(string, TimeRange)>();
        var rest = own[96..];
        for (var count = BinaryPrimitives.ReadUInt16LittleEndian(own[10..]); count > 0; count--)
        {
            var length = BinaryPrimitives.ReadUInt16LittleEndian(rest);
            var range = rest[(2 + length)..];
            times.Add((Encoding.UTF8.GetString(rest.Slice(2, length)), new TimeRange(
                BinaryPrimitives.ReadInt64LittleEndian(range), BinaryPrimitives.ReadInt64LittleEndian(range[8..]))));
            rest = range[16..];
        }

        return new TwinHeader(
            segment, new Guid(own.Slice(16, 16)), Convert.ToHexStringLower(own.Slice(32, 32)),
            BinaryPrimitives.ReadInt64LittleEndian(own[64..]), BinaryPrimitives.ReadInt64LittleEndian(own[72..]),
            BinaryPrimitives.ReadInt64LittleEndian(own[80..]), BinaryPrimitives.ReadInt64LittleEndian(own[88..]),
                times);
    }
}
