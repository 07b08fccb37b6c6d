namespace Kappa.Crash;

/// <summary>A disk used as a mistaken log would use it; what is not planted passes.</summary>
internal class PlantedFiles(IFileSystem inner) : IFileSystem
{
    protected IFileSystem Inner { get; } = inner;

    public virtual IFile Open(string path, FileIntent intent) => new PassingFile(this, Inner.Open(path, intent), path);

    public void CreateFolder(string path) => Inner.CreateFolder(path);

    public bool Exists(string path) => Inner.Exists(path);

    public IReadOnlyList<string> List(string folder) => Inner.List(folder);

    public void Rename(string from, string to) => Inner.Rename(from, to);

    public void Delete(string path) => Inner.Delete(path);

    public virtual void SyncFolder(string path) => Inner.SyncFolder(path);

    public virtual IDisposable Lock(string folder) => Inner.Lock(folder);

    protected static bool IsSegment(string path) => path.EndsWith(".segment", StringComparison.Ordinal);

    protected virtual void Sync(IFile file, string path) => file.Sync();

    protected virtual void Write(IFile file, string path, ReadOnlySpan<byte> bytes, long position) =>
        file.Write(bytes, position);

    protected virtual void Truncate(IFile file, string path, long length) => file.Truncate(length);

    protected virtual int Read(IFile file, string path, Span<byte> into, long position) => file.Read(into, position);

    protected static byte[] Whole(IFile file)
    {
        var bytes = new byte[file.Length];
        _ = file.Read(bytes, 0);
        return bytes;
    }

    protected static int Serve(ReadOnlySpan<byte> whole, Span<byte> into, long position)
    {
        var count = (int)Math.Clamp(whole.Length - position, 0, into.Length);
        whole.Slice((int)Math.Min(position, whole.Length), count).CopyTo(into);
        return count;
    }

    private sealed class PassingFile(PlantedFiles files, IFile file, string path) : IFile
    {
        public long Length => file.Length;

        public int Read(Span<byte> into, long position) => files.Read(file, path, into, position);

        public void Write(ReadOnlySpan<byte> bytes, long position) => files.Write(file, path, bytes, position);

        public void Truncate(long length) => files.Truncate(file, path, length);

        public void Sync() => files.Sync(file, path);

        public void Dispose() => file.Dispose();
    }
}
