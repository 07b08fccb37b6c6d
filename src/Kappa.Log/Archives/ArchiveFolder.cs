namespace Kappa.Log;

/// <summary>An archive in a folder of this machine, or one mounted there. A name is a file.</summary>
public sealed class ArchiveFolder : IArchiveStore
{
    private const int PieceBytes = 256 << 10;
    private readonly IFileSystem _files;

    /// <summary>An archive in a folder, which is made with the first write.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="files">The disk.</param>
    public ArchiveFolder(string folder, IFileSystem files)
    {
        Name = Path.GetFullPath(folder);
        _files = files;
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public ValueTask<Stream?> ReadAsync(string name, CancellationToken cancel)
    {
        var path = PathOf(name);
        if (!_files.Exists(path))
        {
            return ValueTask.FromResult<Stream?>(null);
        }

        var file = _files.Open(path, FileIntent.Read);
        return ValueTask.FromResult<Stream?>(new Archives.FileBytes(file, file.Length));
    }

    /// <inheritdoc/>
    public async ValueTask WriteAsync(string name, Stream content, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(content);
        var path = PathOf(name);
        CreateFolder(Path.GetDirectoryName(path)!);
        var aside = path + ".new";
        _files.Delete(aside);
        using (var file = _files.Open(aside, FileIntent.Create))
        {
            var piece = new byte[PieceBytes];
            var at = 0L;
            for (int read; (read = await content.ReadAsync(piece, cancel)) > 0; at += read)
            {
                file.Write(piece.AsSpan(0, read), at);
            }

            file.Sync();
        }

        _files.Rename(aside, path);
        _files.SyncFolder(Path.GetDirectoryName(path)!);
    }

    /// <inheritdoc/>
    public ValueTask<bool> CreateAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancel)
    {
        var path = PathOf(name);
        var folder = Path.GetDirectoryName(path)!;
        CreateFolder(folder);

        // Held by one process at a time, so that of two one is told that the other was first.
        using var held = _files.Lock(folder);
        if (_files.Exists(path))
        {
            return ValueTask.FromResult(false);
        }

        AtomicFile.Write(_files, path, content.Span);
        return ValueTask.FromResult(true);
    }

    /// <inheritdoc/>
    public ValueTask DeleteAsync(string name, CancellationToken cancel)
    {
        var path = PathOf(name);
        if (_files.Exists(Path.GetDirectoryName(path)!))
        {
            _files.Delete(path + ".new");
            _files.Delete(path);
            _files.SyncFolder(Path.GetDirectoryName(path)!);
        }

        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<string>> ListAsync(string folder, CancellationToken cancel) =>
        ValueTask.FromResult(_files.List(PathOf(folder)));

    /// <summary>The file of a name.</summary>
    /// <exception cref="KappaException">It would lie elsewhere.</exception>
    public string PathOf(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        var path = Path.GetFullPath(Path.Combine(Name, name));
        return path == Name || path.StartsWith(Name + Path.DirectorySeparatorChar, StringComparison.Ordinal)
            ? path
            : throw new KappaException(
                ErrorKind.Invalid, $"'{name}' is no name in an archive.", "Name parts of a-z 0-9 . _ - joined by '/'.");
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    // A new folder is durable when the one that holds it is synced, up to the first that was there.
    private void CreateFolder(string folder)
    {
        if (_files.Exists(folder))
        {
            return;
        }

        var parent = Path.GetDirectoryName(folder);
        if (parent is not null)
        {
            CreateFolder(parent);
        }

        _files.CreateFolder(folder);
        if (parent is not null)
        {
            _files.SyncFolder(parent);
        }
    }
}
