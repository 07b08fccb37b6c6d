using System.Buffers.Binary;

namespace Kappa.Log;

/// <summary>
/// Tells a torn tail from damage (rule L7). A batch says where its group began: what lies before that was durable when
/// it was written. So whole batches behind the break whose group began behind it prove that something acknowledged is
/// lost.
/// </summary>
internal static class TailEvidence
{
    private const int SectorBytes = 512;

    /// <summary>Is there anything in the file that looks like a batch?</summary>
    public static bool HasMagic(IFile file)
    {
        var bytes = ReadFrom(file, 0);
        return FindMagic(bytes, 0) >= 0;
    }

    /// <summary>
    /// The highest stamp that whole batches behind a break say was durable before them; 0 when there are none.
    /// </summary>
    public static long DurableTo(IFile file, Segment segment, long breakAt, long expectedOffset)
    {
        var durableTo = 0L;
        foreach (var header in WholeBatches(ReadFrom(file, breakAt), segment))
        {
            if (header.BaseOffset >= expectedOffset)
            {
                durableTo = Math.Max(durableTo, header.DurableTo);
            }
        }

        return durableTo;
    }

    /// <summary>The highest stamp of any whole batch in the file; 0 when there is none.</summary>
    public static long LastStamp(IFile file, Segment segment) =>
        WholeBatches(ReadFrom(file, 0), segment).Select(header => header.LogTime).DefaultIfEmpty().Max();

    /// <summary>Was what stood at the break acknowledged, as far as the bytes can tell?</summary>
    /// <param name="file">The file.</param>
    /// <param name="segment">Its segment.</param>
    /// <param name="breakAt">Where the valid bytes end.</param>
    /// <param name="endOffset">The offset expected there.</param>
    /// <param name="lastStamp">The stamp of the last valid batch.</param>
    /// <param name="durableTo">The highest stamp that was durable in the whole log.</param>
    public static bool IsAcknowledged(
        IFile file, Segment segment, long breakAt, long endOffset, long lastStamp, long durableTo)
    {
        var bytes = ReadFrom(file, breakAt);
        foreach (var header in WholeBatches(bytes, segment))
        {
            if (header.GroupStart > breakAt || (header.LogTime > lastStamp && header.LogTime <= durableTo))
            {
                return true;
            }
        }

        return ReadStamp(bytes, breakAt, endOffset) is { } stamp && stamp > lastStamp && stamp <= durableTo;
    }

    /// <summary>
    /// The broken batch's own stamp, when it can still be read; null: a loss of power may have taken half of it.
    /// </summary>
    private static long? ReadStamp(ReadOnlySpan<byte> bytes, long breakAt, long endOffset)
    {
        const int OffsetAt = 32;
        const int StampAt = 40;
        const int GroupStartAt = 48;
        if (bytes.Length < GroupStartAt + sizeof(long))
        {
            return null;
        }

        // Power goes sector by sector. A stamp that lies in two of them is whole only where both are: else zeros and
        // the higher bytes of a stamp that was never durable make one that was. The batch's mark and offset lie in the
        // first sector, where its group began in the second; one damage does not take both marks.
        var inSector = (breakAt + StampAt) % SectorBytes;
        if (inSector > SectorBytes - sizeof(long))
        {
            var groupStart = BinaryPrimitives.ReadInt64LittleEndian(bytes[GroupStartAt..]);
            var isFirstThere = BinaryPrimitives.ReadUInt32LittleEndian(bytes) == BatchHeader.Magic
                || BinaryPrimitives.ReadInt64LittleEndian(bytes[OffsetAt..]) == endOffset;
            if (groupStart < SegmentHeader.Size || groupStart > breakAt || !isFirstThere)
            {
                return null;
            }
        }

        return BinaryPrimitives.ReadInt64LittleEndian(bytes[StampAt..]);
    }

    private static IEnumerable<BatchHeader> WholeBatches(byte[] bytes, Segment segment)
    {
        for (var at = FindMagic(bytes, 0); at >= 0; at = FindMagic(bytes, at + 1))
        {
            if (BatchHeader.TryRead(bytes.AsSpan(at), segment.Seed, out var header))
            {
                yield return header;
            }
        }
    }

    private static int FindMagic(byte[] bytes, int from)
    {
        Span<byte> magic = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(magic, BatchHeader.Magic);
        var found = bytes.AsSpan(from).IndexOf(magic);
        return found < 0 ? -1 : from + found;
    }

    private static byte[] ReadFrom(IFile file, long position)
    {
        var bytes = new byte[file.Length - position];
        var read = file.Read(bytes, position);
        return read == bytes.Length ? bytes : bytes[..read];
    }
}
