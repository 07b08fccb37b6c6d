using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Kappa.Log;

/// <summary>
/// What was known of producers when segments were removed that it could be read from (docs/formats/manifest.md). With
/// what is left of the log it is the whole memory of rule L8.
/// </summary>
internal static class ProducerFile
{
    public const string FileName = "producers";
    private const int HeadBytes = 32;
    private const int EntryBytes = 64;
    private static ReadOnlySpan<byte> Magic => "KAPPAPRD"u8;

    /// <summary>Writes it; returns when it is durable.</summary>
    public static void Write(IFileSystem files, string folder, LogId log, IEnumerable<KnownBatch> batches)
    {
        var bytes = new ArrayBufferWriter<byte>(4 << 10);
        var head = bytes.GetSpan(HeadBytes)[..HeadBytes];
        head.Clear();
        Magic.CopyTo(head);
        head[8] = 1;
        log.Value.TryWriteBytes(head[16..]);
        bytes.Advance(HeadBytes);
        foreach (var known in batches)
        {
            var entry = bytes.GetSpan(EntryBytes + known.Producer.Length)[..(EntryBytes + known.Producer.Length)];
            entry.Clear();
            BinaryPrimitives.WriteInt32LittleEndian(entry, known.Producer.Length);
            BinaryPrimitives.WriteInt32LittleEndian(entry[4..], known.Part);
            BinaryPrimitives.WriteInt64LittleEndian(entry[8..], known.Number);
            BinaryPrimitives.WriteUInt128LittleEndian(entry[16..], known.ContentHash);
            BinaryPrimitives.WriteInt32LittleEndian(entry[32..], known.Parts);
            BinaryPrimitives.WriteInt32LittleEndian(entry[36..], known.CutBytes);
            BinaryPrimitives.WriteInt32LittleEndian(entry[40..], known.Batch.Partition);
            BinaryPrimitives.WriteInt32LittleEndian(entry[44..], known.Batch.Count);
            BinaryPrimitives.WriteInt64LittleEndian(entry[48..], known.Batch.BaseOffset);
            BinaryPrimitives.WriteInt64LittleEndian(entry[56..], known.Batch.LogTime);
            Encoding.ASCII.GetBytes(known.Producer, entry[EntryBytes..]);
            bytes.Advance(entry.Length);
        }

        BinaryPrimitives.WriteUInt32LittleEndian(bytes.GetSpan(4), Crc32C.Of(bytes.WrittenSpan));
        bytes.Advance(4);
        AtomicFile.Write(files, Path.Combine(folder, FileName), bytes.WrittenSpan);
    }

    /// <summary>Reads it; nothing where there is none.</summary>
    /// <exception cref="KappaException">It is damaged.</exception>
    public static List<KnownBatch> Read(IFileSystem files, string folder, LogId log)
    {
        var known = new List<KnownBatch>();
        var path = Path.Combine(folder, FileName);
        if (AtomicFile.Read(files, path) is not { } bytes)
        {
            return known;
        }

        if (bytes.Length < HeadBytes + 4 || !bytes.AsSpan(0, 8).SequenceEqual(Magic) || bytes[8] != 1
            || BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(bytes.Length - 4))
                != Crc32C.Of(bytes.AsSpan(0, bytes.Length - 4))
            || new Guid(bytes.AsSpan(16, 16)) != log.Value)
        {
            throw new KappaException(
                ErrorKind.Corrupt,
                $"'{path}' is damaged: it says which requests were taken whose records retention has removed.",
                "Restore that file from a backup. If you delete it, a request of the last day that is repeated may be"
                    + " taken twice.");
        }

        var rest = bytes.AsSpan(HeadBytes, bytes.Length - HeadBytes - 4);
        while (rest.Length > 0)
        {
            var name = BinaryPrimitives.ReadInt32LittleEndian(rest);
            known.Add(new KnownBatch(
                Encoding.ASCII.GetString(rest.Slice(EntryBytes, name)),
                BinaryPrimitives.ReadInt64LittleEndian(rest[8..]),
                BinaryPrimitives.ReadUInt128LittleEndian(rest[16..]),
                BinaryPrimitives.ReadInt32LittleEndian(rest[4..]),
                BinaryPrimitives.ReadInt32LittleEndian(rest[32..]),
                BinaryPrimitives.ReadInt32LittleEndian(rest[36..]),
                new AppendedBatch(
                    BinaryPrimitives.ReadInt32LittleEndian(rest[40..]),
                    BinaryPrimitives.ReadInt64LittleEndian(rest[48..]),
                    BinaryPrimitives.ReadInt32LittleEndian(rest[44..]),
                    BinaryPrimitives.ReadInt64LittleEndian(rest[56..]))));
            rest = rest[(EntryBytes + name)..];
        }

        return known;
    }
}

/// <summary>A batch of a numbered request, as producers are remembered by it.</summary>
internal readonly record struct KnownBatch(
    string Producer, long Number, UInt128 ContentHash, int Part, int Parts, int CutBytes, AppendedBatch Batch);
