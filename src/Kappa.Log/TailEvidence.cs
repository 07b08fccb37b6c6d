using System.Buffers.Binary;

namespace Kappa.Log;

/// <summary>
/// Tells a torn tail from damage (rule L7). A batch says where its group began: what lies before that was durable when
/// it was written. So whole batches behind the break whose group began behind it prove that something acknowledged is
/// lost.
/// </summary>
internal static class TailEvidence
{
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
    /// <param name="lastStamp">The stamp of the last valid batch.</param>
    /// <param name="durableTo">The highest stamp that was durable in the whole log.</param>
    public static bool IsAcknowledged(IFile file, Segment segment, long breakAt, long lastStamp, long durableTo)
    {
        var bytes = ReadFrom(file, breakAt);
        foreach (var header in WholeBatches(bytes, segment))
        {
            if (header.GroupStart > breakAt || (header.LogTime > lastStamp && header.LogTime <= durableTo))
            {
                return true;
            }
        }

        // The broken batch's own stamp, when it can still be read, is one that the log knows to be durable.
        if (bytes.Length < 48)
        {
            return false;
        }

        var stamp = BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(40));
        return stamp > lastStamp && stamp <= durableTo;
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
