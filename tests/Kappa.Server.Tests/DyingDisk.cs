using Kappa.Log;

namespace Kappa.Server.Tests;

/// <summary>
/// A disk that refuses every change from one on, as a process does that is killed there: nothing is cleaned up either.
/// </summary>
internal sealed class DyingDisk(IFileSystem inner, int changes) : IFileSystem
{
    private int _left = changes;

    /// <summary>Was it asked for more changes than it takes?</summary>
    public bool IsDead => Volatile.Read(ref _left) < 0;

    /// <summary>Which changes, by their path, are refused besides; default none.</summary>
    public Predicate<string> Refuses { get; set; } = _ => false;

    public IFile Open(string path, FileIntent intent)
    {
        if (intent == FileIntent.Create)
        {
            Change(path);
        }

        return new Dying(this, path, inner.Open(path, intent));
    }

    public void CreateFolder(string path) => inner.CreateFolder(path);

    public bool Exists(string path) => inner.Exists(path);

    public IReadOnlyList<string> List(string folder) => inner.List(folder);

    public void Rename(string from, string to)
    {
        Change(from);
        inner.Rename(from, to);
    }

    public void Delete(string path)
    {
        Change(path);
        inner.Delete(path);
    }

    public void SyncFolder(string path) => inner.SyncFolder(path);

    public IDisposable Lock(string folder) => inner.Lock(folder);

    private void Change(string path)
    {
        if (Interlocked.Decrement(ref _left) < 0 || Refuses(path))
        {
            throw new DiskFullException(path);
        }
    }

    private sealed class Dying(DyingDisk disk, string path, IFile file) : IFile
    {
        public long Length => file.Length;

        public int Read(Span<byte> into, long position) => file.Read(into, position);

        public void Write(ReadOnlySpan<byte> bytes, long position)
        {
            disk.Change(path);
            file.Write(bytes, position);
        }

        public void Truncate(long length)
        {
            disk.Change(path);
            file.Truncate(length);
        }

        public void Sync() => file.Sync();

        public void Dispose() => file.Dispose();
    }
}
