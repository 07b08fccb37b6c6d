using System.Buffers.Binary;

namespace Kappa.Crash;

/// <summary>Changes batches in the bytes of a segment so that a log finds their checksums right.</summary>
internal static class BatchPatch
{
    /// <summary>Where each whole batch begins in a segment's bytes, as far as lengths can be followed.</summary>
    public static IEnumerable<int> Starts(byte[] segment)
    {
        var at = SegmentHeader.Size;
        while (at + BatchHeader.Size <= segment.Length
            && BinaryPrimitives.ReadUInt32LittleEndian(segment.AsSpan(at)) == BatchHeader.Magic)
        {
            var length = BinaryPrimitives.ReadInt32LittleEndian(segment.AsSpan(at + 8));
            var producer = BinaryPrimitives.ReadInt32LittleEndian(segment.AsSpan(at + 100));
            if (length < BatchHeader.Size || length > segment.Length - at || producer < 0
                || producer > length - BatchHeader.Size)
            {
                yield break;
            }

            yield return at;
            at += length;
        }
    }

    /// <summary>The seed of a segment's checksums.</summary>
    public static uint SeedOf(ReadOnlySpan<byte> segment) => Crc32C.Of(segment.Slice(32, 16));

    /// <summary>Makes chain and checksum of every batch from a position on right.</summary>
    /// <param name="segment">The whole segment.</param>
    /// <param name="from">The first batch that may have changed.</param>
    /// <param name="isOfRecords">The records' checksum, too.</param>
    public static void Seal(byte[] segment, int from, bool isOfRecords)
    {
        var seed = SeedOf(segment);
        var previous = seed;
        foreach (var at in Starts(segment))
        {
            var batch = segment.AsSpan(at, BinaryPrimitives.ReadInt32LittleEndian(segment.AsSpan(at + 8)));
            if (at >= from)
            {
                var recordsAt = BatchHeader.Size + BinaryPrimitives.ReadInt32LittleEndian(batch[100..]);
                if (isOfRecords)
                {
                    BinaryPrimitives.WriteUInt32LittleEndian(batch[12..], Crc32C.Of(batch[recordsAt..]));
                }

                BinaryPrimitives.WriteUInt32LittleEndian(batch[16..], previous);
                BinaryPrimitives.WriteUInt32LittleEndian(batch[4..], Crc32C.Continue(seed, batch[8..recordsAt]));
            }

            previous = BinaryPrimitives.ReadUInt32LittleEndian(batch[4..]);
        }
    }
}
