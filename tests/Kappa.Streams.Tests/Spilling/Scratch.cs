using Kappa.Log;
using Kappa.Streams.Runtime;

namespace Kappa.Streams.Tests.Spilling;

/// <summary>A place for scratch files, and how much went into them.</summary>
internal sealed class Scratch
{
    private int _made;

    public CountedDisk Files { get; } = new(new Kappa.Testing.MemoryFiles());

    /// <summary>Room for one machine.</summary>
    public SpillSpace Space(long share, long compactAt = 1) => new(
        Files, $"/{_made++}")
    {
        Share = () => share,
        CompactAt = compactAt,
    };
}

/// <summary>A disk that counts what is written to scratch files, and refuses it on demand.</summary>
internal sealed class CountedDisk(IFileSystem inner) : PassingFiles(inner)
{
    private long _written;
    private int _opened;

    /// <summary>Asked before each write to a scratch file.</summary>
    public Func<KappaException?> Refuse { get; set; } = () => null;

    /// <summary>Changes what is read from scratch files.</summary>
    public Action<byte[]> Damage { get; set; } = _ => { };

    public long Written => Interlocked.Read(ref _written);

    /// <summary>Scratch files ever made.</summary>
    public int Opened => _opened;

    protected override IFile Scratch(IFile file)
    {
        Interlocked.Increment(ref _opened);
        return new Counted(this, file);
    }

    private sealed class Counted(CountedDisk disk, IFile file) : IFile
    {
        public long Length => file.Length;

        public int Read(Span<byte> into, long position)
        {
            var read = new byte[into.Length];
            var count = file.Read(read, position);
            disk.Damage(read);
            read.AsSpan(0, count).CopyTo(into);
            return count;
        }

        public void Write(ReadOnlySpan<byte> bytes, long position)
        {
            if (disk.Refuse() is { } refusal)
            {
                throw refusal;
            }

            Interlocked.Add(ref disk._written, bytes.Length);
            file.Write(bytes, position);
        }

        public void Truncate(long length) => file.Truncate(length);

        public void Sync() => throw new InvalidOperationException("A scratch file is never synced.");

        public void Dispose() => file.Dispose();
    }
}
