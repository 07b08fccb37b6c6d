using Microsoft.Win32.SafeHandles;

namespace Kappa.Log;

/// <summary>
/// The platform's own disk. Folders and files are private to the owner. Syncing goes through the platform's own calls,
/// because .NET's flush hides failures on Linux.
/// </summary>
public sealed class DiskFileSystem : IFileSystem
{
    private const UnixFileMode FolderMode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const UnixFileMode FileMode600 = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private readonly IDiskSync _sync;

    private DiskFileSystem(IDiskSync sync) => _sync = sync;

    /// <summary>The file system of this platform.</summary>
    /// <exception cref="KappaException">There is no proven way to make bytes durable on this platform.</exception>
    public static DiskFileSystem ForThisPlatform() => new(
        OperatingSystem.IsLinux() ? new LinuxSync()
        : OperatingSystem.IsMacOS() ? new MacSync()
        : OperatingSystem.IsWindows() ? new WindowsSync()
        : throw new KappaException(
            ErrorKind.Invalid,
            "Kappa has no proven way to make bytes durable on this platform.",
            "Run it on Linux, macOS or Windows."));

    /// <inheritdoc/>
    public IFile Open(string path, FileIntent intent)
    {
        try
        {
            var options = new FileStreamOptions
            {
                Mode = intent == FileIntent.Create ? FileMode.CreateNew : FileMode.Open,
                Access = intent == FileIntent.Read ? FileAccess.Read : FileAccess.ReadWrite,
                Share = FileShare.ReadWrite | FileShare.Delete,
                BufferSize = 0,
            };
            if (intent == FileIntent.Create && !OperatingSystem.IsWindows())
            {
                options.UnixCreateMode = FileMode600;
            }

            var opened = new FileStream(path, options);
            return new DiskFile(path, opened, _sync);
        }
        catch (Exception trouble) when (trouble is IOException or UnauthorizedAccessException)
        {
            throw DiskError.Of(path, "open", trouble);
        }
    }

    /// <inheritdoc/>
    public void CreateFolder(string path) => Do(path, "create", () => CreatePrivate(Path.GetFullPath(path)));

    /// <inheritdoc/>
    public bool Exists(string path) => Path.Exists(path);

    /// <inheritdoc/>
    public IReadOnlyList<string> List(string folder)
    {
        if (!Directory.Exists(folder))
        {
            return [];
        }

        IReadOnlyList<string> names = [];
        Do(folder, "list", () => names = [.. Directory.EnumerateFileSystemEntries(folder)
            .Select(entry => Path.GetFileName(entry)).Order(StringComparer.Ordinal)]);
        return names;
    }

    /// <inheritdoc/>
    public void Rename(string from, string to) => Do(from, "rename", () => File.Move(from, to, overwrite: true));

    /// <inheritdoc/>
    public void Delete(string path) => Do(path, "delete", () => File.Delete(path));

    /// <inheritdoc/>
    public void SyncFolder(string path) => _sync.SyncFolder(path);

    /// <inheritdoc/>
    public IDisposable Lock(string folder)
    {
        var path = Path.Combine(folder, "lock");
        try
        {
            var options = new FileStreamOptions
            {
                Mode = FileMode.OpenOrCreate,
                Access = FileAccess.ReadWrite,
                Share = FileShare.None,
                BufferSize = 0,
            };
            if (!OperatingSystem.IsWindows())
            {
                options.UnixCreateMode = FileMode600;
            }

            return new FileStream(path, options);
        }
        catch (IOException taken)
        {
            throw new KappaException(
                ErrorKind.Conflict,
                $"The folder '{folder}' is held by another process.",
                "Stop the other process, or choose another data folder.",
                taken);
        }
    }

    // One by one, because .NET gives the mode to the last folder only.
    private static void CreatePrivate(string path)
    {
        if (Directory.Exists(path))
        {
            return;
        }

        if (Path.GetDirectoryName(path) is { } parent)
        {
            CreatePrivate(parent);
        }

        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path);
        }
        else
        {
            Directory.CreateDirectory(path, FolderMode);
        }
    }

    private static void Do(string path, string what, Action act)
    {
        try
        {
            act();
        }
        catch (Exception trouble) when (trouble is IOException or UnauthorizedAccessException)
        {
            throw DiskError.Of(path, what, trouble);
        }
    }

    private sealed class DiskFile(string path, FileStream opened, IDiskSync sync) : IFile
    {
        /// <summary>Of a long write the disk begins with what it has while the rest is copied to the system.</summary>
        private const int BeginBytes = 1 << 20;

        private readonly SafeFileHandle _handle = opened.SafeFileHandle;

        public long Length => RandomAccess.GetLength(_handle);

        public int Read(Span<byte> into, long position)
        {
            try
            {
                var read = 0;
                while (read < into.Length)
                {
                    var some = RandomAccess.Read(_handle, into[read..], position + read);
                    if (some == 0)
                    {
                        break;
                    }

                    read += some;
                }

                return read;
            }
            catch (IOException trouble)
            {
                throw DiskError.Of(path, "read", trouble);
            }
        }

        public void Write(ReadOnlySpan<byte> bytes, long position)
        {
            try
            {
                while (bytes.Length >= BeginBytes)
                {
                    RandomAccess.Write(_handle, bytes[..BeginBytes], position);
                    sync.Begin(_handle, path, position, BeginBytes);
                    bytes = bytes[BeginBytes..];
                    position += BeginBytes;
                }

                RandomAccess.Write(_handle, bytes, position);
            }
            catch (IOException trouble)
            {
                throw DiskError.Of(path, "write", trouble);
            }
        }

        public void Truncate(long length)
        {
            try
            {
                RandomAccess.SetLength(_handle, length);
            }
            catch (IOException trouble)
            {
                throw DiskError.Of(path, "cut", trouble);
            }
        }

        public void Sync() => sync.SyncFile(_handle, path);

        public void Dispose() => opened.Dispose();
    }
}
