using System.Buffers.Binary;
using System.IO.Compression;

namespace Kappa.Log;

/// <summary>
/// The records of a batch as they are stored compressed (docs/formats/segment.md): 4 bytes with the length they have
/// when they are not, then Brotli. Whoever reads a batch gets the records as they came.
/// </summary>
internal static class CompressedRecords
{
    /// <summary>The codec's number in a batch.</summary>
    public const byte Brotli = 1;

    /// <summary>The most that a batch may become when it is read; above what any option lets be written.</summary>
    public const int PlainBytesMax = 80 << 20;

    /// <summary>Fewer bytes are not worth a try.</summary>
    private const int PlainBytesMin = 128;

    /// <summary>What records take at least: no key, no value, no headers.</summary>
    private const int RecordBytesMin = 3;

    private const int LengthBytes = 4;
    private const int Quality = 4;
    private const int Window = 22;

    /// <summary>The records compressed; null where that gains nothing.</summary>
    public static byte[]? TryCompress(ReadOnlySpan<byte> plain)
    {
        if (plain.Length is < PlainBytesMin or > PlainBytesMax)
        {
            return null;
        }

        var into = GC.AllocateUninitializedArray<byte>(plain.Length);
        if (!BrotliEncoder.TryCompress(plain, into.AsSpan(LengthBytes), out var written, Quality, Window)
            || LengthBytes + written >= plain.Length)
        {
            return null;
        }

        BinaryPrimitives.WriteInt32LittleEndian(into, plain.Length);
        return into[..(LengthBytes + written)];
    }

    /// <summary>
    /// How many bytes stored records become; says what is wrong with that, before any memory is taken for it.
    /// </summary>
    public static string? TryLength(ReadOnlySpan<byte> stored, int records, out int length)
    {
        length = stored.Length < LengthBytes ? -1 : BinaryPrimitives.ReadInt32LittleEndian(stored);
        return length is < 0 or > PlainBytesMax
            ? $"the batch's records claim {length} bytes, allowed are {PlainBytesMax}"
            : length / RecordBytesMin < records
                ? $"the batch claims {records} records in {length} bytes"
                : null;
    }

    /// <summary>Writes the records as they came; false where they are not exactly as long as they claim.</summary>
    public static bool TryExpand(ReadOnlySpan<byte> stored, Span<byte> into) =>
        BrotliDecoder.TryDecompress(stored[LengthBytes..], into, out var written) && written == into.Length;
}
