using System.Buffers.Binary;

namespace Kappa.Log;

/// <summary>
/// Where every partition's durable bytes ended when it was last noted: at every clock record and on closing. It proves
/// that what is missing before was acknowledged (rule L7); it says nothing about what comes behind.
/// </summary>
internal sealed class DurableEnds(long lastStamp, IReadOnlyDictionary<(int Topic, int Partition), DurableEnds.End> ends)
{
    public const string FileName = "ends";
    private const int HeadBytes = 40;
    private const int EntryBytes = 24;
    private static ReadOnlySpan<byte> Magic => "KAPPAEND"u8;

    public long LastStamp { get; } = lastStamp;

    /// <summary>
    /// There is a note, and it cannot be read. A crash leaves the old one or the new one, so the disk has lost bytes:
    /// what else is broken is damage, too.
    /// </summary>
    public bool IsUnreadable { get; private init; }

    /// <summary>All ends, by topic and partition.</summary>
    public IReadOnlyDictionary<(int Topic, int Partition), End> All { get; } = ends;

    public End? Of(int topic, int partition) => All.TryGetValue((topic, partition), out var end) ? end : null;

    /// <summary>Reads the note; a missing or unreadable one proves nothing.</summary>
    public static DurableEnds Read(IFileSystem files, string folder, LogId log)
    {
        var bytes = AtomicFile.Read(files, Path.Combine(folder, FileName));
        var none = new DurableEnds(0, new Dictionary<(int, int), End>())
        {
            IsUnreadable = bytes is not null && !IsWhole(bytes),
        };
        if (bytes is null || !IsWhole(bytes) || new Guid(bytes.AsSpan(8, 16)) != log.Value)
        {
            return none;
        }

        var ends = new Dictionary<(int, int), End>();
        for (var at = HeadBytes - 4; at + EntryBytes <= bytes.Length - 4; at += EntryBytes)
        {
            var entry = bytes.AsSpan(at);
            ends[(BinaryPrimitives.ReadInt32LittleEndian(entry), BinaryPrimitives.ReadInt32LittleEndian(entry[4..]))] =
                new End(BinaryPrimitives.ReadInt32LittleEndian(entry[8..]),
                    BinaryPrimitives.ReadInt64LittleEndian(entry[12..]),
                    entry[20] == 1);
        }

        return new DurableEnds(BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(24)), ends);
    }

    /// <summary>Is the note in this folder damaged?</summary>
    public static bool IsDamaged(IFileSystem files, string folder) =>
        AtomicFile.Read(files, Path.Combine(folder, FileName)) is { } bytes && !IsWhole(bytes);

    /// <summary>Notes where readers may read to now; returns when that is durable.</summary>
    public static void Write(
        IFileSystem files, string folder, LogId log, long lastStamp, IEnumerable<Partition> partitions) =>
        Write(files, folder, log, lastStamp, [.. partitions.Select(partition => (partition, end: EndOf(partition)))
            .Where(one => one.end is not null)
            .Select(one => (one.partition.TopicId, one.partition.Number, one.end!.Value))]);

    /// <summary>Notes where partitions end; returns when that is durable.</summary>
    public static void Write(
        IFileSystem files, string folder, LogId log, long lastStamp,
        IReadOnlyList<(int Topic, int Partition, End End)> ends)
    {
        var bytes = new byte[HeadBytes - 4 + (EntryBytes * ends.Count) + 4];
        Magic.CopyTo(bytes);
        log.Value.TryWriteBytes(bytes.AsSpan(8));
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(24), lastStamp);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(32), ends.Count);
        var at = HeadBytes - 4;
        foreach (var (topic, partition, end) in ends)
        {
            var entry = bytes.AsSpan(at);
            BinaryPrimitives.WriteInt32LittleEndian(entry, topic);
            BinaryPrimitives.WriteInt32LittleEndian(entry[4..], partition);
            BinaryPrimitives.WriteInt32LittleEndian(entry[8..], end.Segment);
            BinaryPrimitives.WriteInt64LittleEndian(entry[12..], end.Offset);
            entry[20] = end.IsStopped ? (byte)1 : (byte)0;
            at += EntryBytes;
        }

        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(at), Crc32C.Of(bytes.AsSpan(0, at)));
        AtomicFile.Write(files, Path.Combine(folder, FileName), bytes);
    }

    // Of a damaged partition the note keeps what was known before: else the next opening would take what is left for
    // all there ever was. That it is void behind an end is said again until a new segment exists: an older note that
    // comes back would void what was added since.
    private static End? EndOf(Partition partition) => partition.Stopped is { IsDamage: true }
        ? partition.NotedEnd
        : partition.Segments is [.., var last]
            ? new End(last.Header.Number, partition.EndOffset, partition.IsVoidBehind)
            : null;

    /// <summary>The same note for a log with another id; one that is not whole is left as it is.</summary>
    public static byte[] Renew(byte[] note, LogId log)
    {
        if (!IsWhole(note))
        {
            return note;
        }

        byte[] renewed = [.. note];
        log.Value.TryWriteBytes(renewed.AsSpan(8));
        BinaryPrimitives.WriteUInt32LittleEndian(
            renewed.AsSpan(renewed.Length - 4), Crc32C.Of(renewed.AsSpan(0, renewed.Length - 4)));
        return renewed;
    }

    private static bool IsWhole(byte[] bytes) =>
        bytes.Length >= HeadBytes
        && bytes.AsSpan(0, 8).SequenceEqual(Magic)
        && BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(bytes.Length - 4))
            == Crc32C.Of(bytes.AsSpan(0, bytes.Length - 4));

    /// <summary>
    /// The last segment and the end offset of a partition; stopped: what lies behind was refused and is void.
    /// </summary>
    public readonly record struct End(int Segment, long Offset, bool IsStopped);
}
