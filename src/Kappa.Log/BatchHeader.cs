using System.Buffers.Binary;
using System.Text;

namespace Kappa.Log;

/// <summary>
/// What stands before the records of a batch (docs/formats/segment.md). Its checksum covers itself and, through
/// <see cref="RecordsCrc"/>, the records; it begins from the segment's id, so that only this segment's batches match.
/// </summary>
internal record struct BatchHeader
{
    public const int Size = 104;
    public const uint Magic = 0x4843_424B; // "KBCH"

    /// <summary>The whole batch's length in bytes.</summary>
    public int Length;
    public uint Crc;
    public uint RecordsCrc;

    /// <summary>
    /// The header checksum of the batch before it; the segment's chain start for the first (rule L10).
    /// </summary>
    public uint PreviousCrc;
    public int TopicId;
    public int Partition;
    public int Count;
    public long BaseOffset;
    public long LogTime;

    /// <summary>
    /// Where its group begins in the file: everything before was durable when this was written (rule L7).
    /// </summary>
    public long GroupStart;

    /// <summary>The last stamp of the log that was durable when this was written (rule L7).</summary>
    public long DurableTo;

    /// <summary>Which of its request's batches it is, from 0, and how many these are (rule L8).</summary>
    public int Part;
    public int Parts;
    public long Number;
    public UInt128 ContentHash;

    /// <summary>
    /// How many bytes of records a batch was to hold when the request was cut: its retry is cut the same way.
    /// </summary>
    public int CutBytes;
    public int ProducerLength;

    /// <summary>How the records are stored: 0 as they are, else see <see cref="CompressedRecords"/>.</summary>
    public byte Codec;
    public string? Producer;

    public readonly int RecordsAt => Size + ProducerLength;

    /// <summary>Writes the header with its checksum before records that are already in place.</summary>
    public void Write(Span<byte> into, uint seed)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(into, Magic);
        BinaryPrimitives.WriteInt32LittleEndian(into[8..], Length);
        BinaryPrimitives.WriteUInt32LittleEndian(into[12..], RecordsCrc);
        BinaryPrimitives.WriteUInt32LittleEndian(into[16..], PreviousCrc);
        BinaryPrimitives.WriteInt32LittleEndian(into[20..], TopicId);
        BinaryPrimitives.WriteInt32LittleEndian(into[24..], Partition);
        BinaryPrimitives.WriteInt32LittleEndian(into[28..], Count);
        BinaryPrimitives.WriteInt64LittleEndian(into[32..], BaseOffset);
        BinaryPrimitives.WriteInt64LittleEndian(into[40..], LogTime);
        BinaryPrimitives.WriteInt64LittleEndian(into[48..], GroupStart);
        BinaryPrimitives.WriteInt64LittleEndian(into[56..], DurableTo);
        BinaryPrimitives.WriteInt32LittleEndian(into[64..], Part);
        BinaryPrimitives.WriteInt32LittleEndian(into[68..], Parts);
        BinaryPrimitives.WriteInt64LittleEndian(into[72..], Number);
        BinaryPrimitives.WriteUInt128LittleEndian(into[80..], ContentHash);
        BinaryPrimitives.WriteInt32LittleEndian(into[96..], CutBytes);
        BinaryPrimitives.WriteUInt16LittleEndian(into[100..], (ushort)ProducerLength);
        into[102] = Codec;
        into[103] = 0;
        if (ProducerLength > 0)
        {
            Encoding.ASCII.GetBytes(Producer, into[Size..]);
        }

        Crc = Crc32C.Continue(seed, into[8..RecordsAt]);
        BinaryPrimitives.WriteUInt32LittleEndian(into[4..], Crc);
    }

    /// <summary>
    /// Reads a header from bytes that begin with it. False when they are not a whole header of this segment: the length
    /// of what follows is only to be trusted when true.
    /// </summary>
    public static bool TryRead(ReadOnlySpan<byte> from, uint seed, out BatchHeader header)
    {
        header = default;
        if (from.Length < Size || BinaryPrimitives.ReadUInt32LittleEndian(from) != Magic)
        {
            return false;
        }

        var producerLength = BinaryPrimitives.ReadUInt16LittleEndian(from[100..]);
        if (producerLength > Names.LengthMax || from.Length < Size + producerLength)
        {
            return false;
        }

        header.Crc = BinaryPrimitives.ReadUInt32LittleEndian(from[4..]);
        if (header.Crc != Crc32C.Continue(seed, from[8..(Size + producerLength)]))
        {
            return false;
        }

        header.Length = BinaryPrimitives.ReadInt32LittleEndian(from[8..]);
        header.RecordsCrc = BinaryPrimitives.ReadUInt32LittleEndian(from[12..]);
        header.PreviousCrc = BinaryPrimitives.ReadUInt32LittleEndian(from[16..]);
        header.TopicId = BinaryPrimitives.ReadInt32LittleEndian(from[20..]);
        header.Partition = BinaryPrimitives.ReadInt32LittleEndian(from[24..]);
        header.Count = BinaryPrimitives.ReadInt32LittleEndian(from[28..]);
        header.BaseOffset = BinaryPrimitives.ReadInt64LittleEndian(from[32..]);
        header.LogTime = BinaryPrimitives.ReadInt64LittleEndian(from[40..]);
        header.GroupStart = BinaryPrimitives.ReadInt64LittleEndian(from[48..]);
        header.DurableTo = BinaryPrimitives.ReadInt64LittleEndian(from[56..]);
        header.Part = BinaryPrimitives.ReadInt32LittleEndian(from[64..]);
        header.Parts = BinaryPrimitives.ReadInt32LittleEndian(from[68..]);
        header.Number = BinaryPrimitives.ReadInt64LittleEndian(from[72..]);
        header.ContentHash = BinaryPrimitives.ReadUInt128LittleEndian(from[80..]);
        header.CutBytes = BinaryPrimitives.ReadInt32LittleEndian(from[96..]);
        header.ProducerLength = producerLength;
        header.Codec = from[102];
        return header.Length >= header.RecordsAt && header.Count > 0;
    }

    /// <summary>
    /// The producer's name out of the bytes the header was read from; null when the request was not numbered.
    /// </summary>
    public static string? ReadProducer(ReadOnlySpan<byte> from, in BatchHeader header) =>
        header.ProducerLength == 0 ? null : Encoding.ASCII.GetString(from.Slice(Size, header.ProducerLength));
}
