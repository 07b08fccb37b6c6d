using Kappa.Log;

namespace Kappa.Tables.Tests;

/// <summary>The real disk without durability, with a way to fail at the nth change of a folder.</summary>
internal sealed class PlainDisk : IFileSystem
{
    /// <summary>Called before every change with what is about to happen; may throw.</summary>
    public Action<string> Before { get; set; } = _ => { };

    public IFile Open(string path, FileIntent intent)
    {
        Before("open");
        return new PlainFile(new FileStream(path, intent == FileIntent.Create ? FileMode.CreateNew : FileMode.Open));
    }

    public void CreateFolder(string path) => Directory.CreateDirectory(path);

    public bool Exists(string path) => File.Exists(path) || Directory.Exists(path);

    public IReadOnlyList<string> List(string folder) => Directory.Exists(folder)
        ? [.. Directory.EnumerateFileSystemEntries(folder).Select(p => Path.GetFileName(p))
            .Order(StringComparer.Ordinal)]
        : [];

    public void Rename(string from, string to)
    {
        Before("rename");
        File.Move(from, to, overwrite: true);
    }

    public void Delete(string path)
    {
        Before("delete");
        File.Delete(path);
    }

    public void SyncFolder(string path) => Before("sync");

    public IDisposable Lock(string folder) => throw new NotSupportedException();

    private sealed class PlainFile(FileStream stream) : IFile
    {
        public long Length => stream.Length;

        public int Read(Span<byte> into, long position) => RandomAccess.Read(stream.SafeFileHandle, into, position);

        public void Write(ReadOnlySpan<byte> bytes, long position) =>
            RandomAccess.Write(stream.SafeFileHandle, bytes, position);

        public void Truncate(long length) => stream.SetLength(length);

        public void Sync()
        {
        }

        public void Dispose() => stream.Dispose();
    }
}
