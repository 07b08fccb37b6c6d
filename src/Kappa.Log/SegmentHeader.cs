using System.Buffers.Binary;

namespace Kappa.Log;

/// <summary>
/// The first 96 bytes of a segment (docs/formats/segment.md): whose it is, and where the one before it ends.
/// </summary>
internal readonly record struct SegmentHeader(
    Guid LogId, int TopicId, int Partition, int Number, long BaseOffset, Guid SegmentId,
    long PreviousEnd, long PreviousStamp)
{
    public const int Size = 96;

    /// <summary>What is written; 1, without compressed batches and without an end of its own, is read too.</summary>
    public const ushort FormatVersion = 2;

    /// <summary>The format it was written in.</summary>
    public ushort Format { get; init; } = FormatVersion;

    /// <summary>
    /// Where its batches end, of a segment that was written again (rule L10); 0: where the next one says, or the file.
    /// </summary>
    public long OwnEnd { get; init; }

    private static ReadOnlySpan<byte> Magic => "KAPPASEG"u8;

    /// <summary>The seed of the batches' checksums and the start of their chain (rule L10).</summary>
    public uint ChainStart
    {
        get
        {
            Span<byte> id = stackalloc byte[16];
            SegmentId.TryWriteBytes(id);
            return Crc32C.Of(id);
        }
    }

    public void Write(Span<byte> into)
    {
        into[..Size].Clear();
        Magic.CopyTo(into);
        BinaryPrimitives.WriteUInt16LittleEndian(into[8..], Format);
        BinaryPrimitives.WriteInt32LittleEndian(into[12..], TopicId);
        BinaryPrimitives.WriteInt32LittleEndian(into[16..], Partition);
        BinaryPrimitives.WriteInt32LittleEndian(into[20..], Number);
        BinaryPrimitives.WriteInt64LittleEndian(into[24..], BaseOffset);
        SegmentId.TryWriteBytes(into[32..]);
        BinaryPrimitives.WriteInt64LittleEndian(into[48..], PreviousEnd);
        BinaryPrimitives.WriteInt64LittleEndian(into[56..], PreviousStamp);
        LogId.TryWriteBytes(into[64..]);
        BinaryPrimitives.WriteInt64LittleEndian(into[80..], OwnEnd);
        BinaryPrimitives.WriteUInt32LittleEndian(into[92..], Crc32C.Of(into[..92]));
    }

    /// <summary>Reads a header; says what is wrong with it, or null.</summary>
    public static string? TryRead(ReadOnlySpan<byte> from, out SegmentHeader header)
    {
        header = default;
        if (from.Length < Size)
        {
            return $"its header has {from.Length} of {Size} bytes";
        }

        if (!from[..8].SequenceEqual(Magic))
        {
            return "it does not begin with the mark of a segment";
        }

        if (BinaryPrimitives.ReadUInt32LittleEndian(from[92..]) != Crc32C.Of(from[..92]))
        {
            return "its header's checksum does not match";
        }

        var version = BinaryPrimitives.ReadUInt16LittleEndian(from[8..]);
        if (version is 0 or > FormatVersion)
        {
            return $"its format is {version}, this Kappa reads 1 to {FormatVersion}";
        }

        header = new SegmentHeader(
            new Guid(from.Slice(64, 16)),
            BinaryPrimitives.ReadInt32LittleEndian(from[12..]),
            BinaryPrimitives.ReadInt32LittleEndian(from[16..]),
            BinaryPrimitives.ReadInt32LittleEndian(from[20..]),
            BinaryPrimitives.ReadInt64LittleEndian(from[24..]),
            new Guid(from.Slice(32, 16)),
            BinaryPrimitives.ReadInt64LittleEndian(from[48..]),
            BinaryPrimitives.ReadInt64LittleEndian(from[56..]))
        {
            Format = version,
            OwnEnd = version == 1 ? 0 : BinaryPrimitives.ReadInt64LittleEndian(from[80..]),
        };
        return null;
    }
}
