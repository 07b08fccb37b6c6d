using Kappa.Log;

namespace Kappa.Testing;

/// <summary>A disk in memory, for the scratch files of a machine that a test drives.</summary>
internal sealed class MemoryFiles : IFileSystem
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Content> _files = new(StringComparer.Ordinal);

    public IFile Open(string path, FileIntent intent)
    {
        lock (_lock)
        {
            if (intent == FileIntent.Create)
            {
                _files.Add(path, new Content());
            }

            return _files[path];
        }
    }

    public void CreateFolder(string path)
    {
    }

    public bool Exists(string path)
    {
        lock (_lock)
        {
            return _files.ContainsKey(path);
        }
    }

    public IReadOnlyList<string> List(string folder)
    {
        lock (_lock)
        {
            return [.. _files.Keys.Where(path => Path.GetDirectoryName(path) == folder)
                .Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];
        }
    }

    public void Rename(string from, string to)
    {
        lock (_lock)
        {
            _files.Remove(from, out var content);
            _files[to] = content!;
        }
    }

    public void Delete(string path)
    {
        lock (_lock)
        {
            _files.Remove(path);
        }
    }

    public void SyncFolder(string path)
    {
    }

    public IDisposable Lock(string folder) => throw new NotSupportedException("Nobody shares this disk.");

    /// <summary>A file's bytes; one thread at a time uses a file.</summary>
    private sealed class Content : IFile
    {
        private byte[] _bytes = [];
        private int _length;

        public long Length => _length;

        public int Read(Span<byte> into, long position)
        {
            var count = (int)Math.Clamp(_length - position, 0, into.Length);
            _bytes.AsSpan((int)position, count).CopyTo(into);
            return count;
        }

        public void Write(ReadOnlySpan<byte> bytes, long position)
        {
            var end = (int)position + bytes.Length;
            if (end > _bytes.Length)
            {
                Array.Resize(ref _bytes, Math.Max(end, _bytes.Length * 2));
            }

            bytes.CopyTo(_bytes.AsSpan((int)position));
            _length = Math.Max(_length, end);
        }

        public void Truncate(long length) => _length = (int)length;

        public void Sync()
        {
        }

        public void Dispose()
        {
        }
    }
}
