using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Kappa.Simulation;

/// <summary>A disk that is used as an engine with a fault would use it.</summary>
internal sealed class PlantedFiles(IFileSystem inner, string? plant) : IFileSystem
{
    private const int PlaceAt = 8;
    private const int HashBytes = 32;

    public IFile Open(string path, FileIntent intent)
    {
        var file = inner.Open(path, intent);
        return path.EndsWith(".state", StringComparison.Ordinal) && plant == Plants.StateAhead
            ? new Relabelled(file)
            : new Planted(file, plant, path);
    }

    public void CreateFolder(string path) => inner.CreateFolder(path);

    public bool Exists(string path) => inner.Exists(path);

    public IReadOnlyList<string> List(string folder) => inner.List(folder);

    public void Rename(string from, string to) => inner.Rename(from, to);

    public void Delete(string path)
    {
        if (plant != Plants.DropLeavesState || !path.EndsWith(".state", StringComparison.Ordinal))
        {
            inner.Delete(path);
        }
    }

    public void SyncFolder(string path)
    {
        if (plant != Plants.FolderNotSynced)
        {
            inner.SyncFolder(path);
        }
    }

    public IDisposable Lock(string folder) => inner.Lock(folder);

    private class Planted(IFile file, string? plant, string path) : IFile
    {
        public virtual long Length => file.Length;

        public virtual int Read(Span<byte> into, long position) => file.Read(into, position);

        public void Write(ReadOnlySpan<byte> bytes, long position) => file.Write(bytes, position);

        public void Truncate(long length) => file.Truncate(length);

        public void Sync()
        {
            if (plant == Plants.LyingSync && path.EndsWith(".segment", StringComparison.Ordinal))
            {
                return;
            }

            try
            {
                file.Sync();
            }
            catch (KappaException) when (plant == Plants.SyncFailureIgnored)
            {
                // This is the plant: the failure is not told.
            }
        }

        public void Dispose() => file.Dispose();
    }

    /// <summary>A state file that says a place just before that of its state; its sum is right.</summary>
    private sealed class Relabelled(IFile file) : Planted(file, null, "")
    {
        public override int Read(Span<byte> into, long position)
        {
            var content = new byte[Length];
            base.Read(content, 0);
            var place = content.AsSpan(PlaceAt, 8);
            BinaryPrimitives.WriteInt64LittleEndian(place, BinaryPrimitives.ReadInt64LittleEndian(place) - 1);
            SHA256.HashData(content.AsSpan(0, content.Length - HashBytes), content.AsSpan(content.Length - HashBytes));
            var count = (int)Math.Min(into.Length, content.Length - position);
            content.AsSpan((int)position, count).CopyTo(into);
            return count;
        }
    }
}
