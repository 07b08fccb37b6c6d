using System.Buffers.Binary;

namespace Kappa.Crash;

/// <summary>What a mistaken log does when it writes and syncs.</summary>
internal enum WriteMistake
{
    SegmentNotSynced,
    AsideNotSynced,
    FolderNotSynced,
    FailureIgnored,
    FailureRetried,
    FullIgnored,
    CutToSector,
    LockIgnored,
    EndsTooFar,

    /// <summary>Nothing is synced while the log opens.</summary>
    OpeningNotSynced,
}

/// <summary>A disk that is written as a mistaken log would write it.</summary>
internal sealed class PlantedWrites(IFileSystem inner, WriteMistake mistake) : PlantedFiles(inner)
{
    private volatile bool _isOpening = true;

    public void Opened() => _isOpening = false;

    public override void SyncFolder(string path)
    {
        if (mistake != WriteMistake.FolderNotSynced && !(mistake == WriteMistake.OpeningNotSynced && _isOpening))
        {
            base.SyncFolder(path);
        }
    }

    public override IDisposable Lock(string folder) =>
        mistake == WriteMistake.LockIgnored ? new MemoryStream() : base.Lock(folder);

    protected override void Sync(IFile file, string path)
    {
        if ((mistake == WriteMistake.SegmentNotSynced && IsSegment(path))
            || (mistake == WriteMistake.AsideNotSynced && path.EndsWith(".new", StringComparison.Ordinal))
            || (mistake == WriteMistake.OpeningNotSynced && _isOpening))
        {
            return;
        }

        try
        {
            file.Sync();
        }
        catch (KappaException) when (mistake == WriteMistake.FailureIgnored)
        {
            // This is the plant: the failure is not told.
        }
        catch (KappaException) when (mistake == WriteMistake.FailureRetried)
        {
            file.Sync();
        }
    }

    protected override void Write(IFile file, string path, ReadOnlySpan<byte> bytes, long position)
    {
        if (mistake == WriteMistake.EndsTooFar && path.EndsWith("ends.new", StringComparison.Ordinal))
        {
            bytes = Further(bytes);
        }

        try
        {
            file.Write(bytes, position);
        }
        catch (DiskFullException) when (mistake == WriteMistake.FullIgnored)
        {
            // This is the plant: half of it is written, and nobody is told.
        }
    }

    protected override void Truncate(IFile file, string path, long length) =>
        file.Truncate(mistake == WriteMistake.CutToSector ? length / 512 * 512 : length);

    private static byte[] Further(ReadOnlySpan<byte> note)
    {
        var changed = note.ToArray();
        for (var at = 36; at + 24 <= changed.Length - 4; at += 24)
        {
            var end = changed.AsSpan(at + 12);
            BinaryPrimitives.WriteInt64LittleEndian(end, BinaryPrimitives.ReadInt64LittleEndian(end) + 1);
        }

        BinaryPrimitives.WriteUInt32LittleEndian(changed.AsSpan(changed.Length - 4), Crc32C.Of(changed.AsSpan()[..^4]));
        return changed;
    }
}
