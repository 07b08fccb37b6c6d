using System.Security.Cryptography;
using Kappa.Log;

namespace Kappa.Tables.Sqlite;

/// <summary>
/// Tables in SQLite: one file per job version, <c>orders@2.db</c>, with all its tables and the place. Rows and place
/// commit in one transaction (rule C1), so table = f(prefix) at every instant. Any SQLite tool may open a file
/// read-only. One process may use a folder at a time; the host locks it.
/// </summary>
public sealed partial class SqliteStore : ITableStore
{
    private const string DroppedPrefix = "dropped-";

    private readonly object _gate = new();
    private readonly Dictionary<JobVersion, VersionFile> _files = [];
    private readonly string _folder;
    private readonly IFileSystem _disk;
    private readonly SqliteStoreOptions _options;

    /// <summary>
    /// Opens the folder, creates it if it is missing, and deletes what a crash in the middle of a drop left.
    /// </summary>
    /// <param name="folder">Where the files are.</param>
    /// <param name="disk">The disk, for what SQLite does not do itself: folders, renames, deletions.</param>
    /// <param name="options">Settings; null: the defaults.</param>
    public SqliteStore(string folder, IFileSystem disk, SqliteStoreOptions? options = null)
    {
        _folder = folder;
        _disk = disk;
        _options = options ?? new SqliteStoreOptions();
        _disk.CreateFolder(folder);
        DeleteLeftovers();
    }

    /// <inheritdoc/>
    public ValueTask<ITableWriter> OpenAsync(
        JobVersion version, IReadOnlyList<TableSchema> tables, long epoch, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        SchemaRules.Check(tables);
        var file = Acquire(version);
        try
        {
            var committed = file.Take(tables, epoch);
            _disk.SyncFolder(_folder);
            return new(new SqliteWriter(this, file, tables, epoch, committed));
        }
        catch
        {
            Release(file);
            throw;
        }
    }

    /// <inheritdoc/>
    public ValueTask<ITableSnapshot> ReadAsync(JobVersion version, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        return new(Snapshot(version));
    }

    /// <inheritdoc/>
    public ValueTask PointAsync(IReadOnlyList<JobVersion> live, CancellationToken cancel) => ValueTask.CompletedTask;

    /// <inheritdoc/>
    public ValueTask DropAsync(JobVersion version, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        lock (_gate)
        {
            if (_files.Remove(version, out var file))
            {
                file.Close("its version was dropped");
            }

            var path = FilePath(version);
            var dropped = Path.Combine(_folder, DroppedPrefix + RandomNumberGenerator.GetHexString(32, true) + ".db");
            if (_disk.Exists(path))
            {
                _disk.Rename(path, dropped);
                _disk.SyncFolder(_folder);
            }

            _disk.Delete(path + "-wal");
            _disk.Delete(path + "-shm");
            _disk.Delete(dropped);
            _disk.SyncFolder(_folder);
        }

        return ValueTask.CompletedTask;
    }

    /// <summary>Closes every file. Writers that are still open fail from here on.</summary>
    public ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            foreach (var file in _files.Values)
            {
                file.Close("the store was closed");
            }

            _files.Clear();
        }

        return ValueTask.CompletedTask;
    }

    internal static KappaException Missing(JobVersion version) => new(
        ErrorKind.NotFound, $"There are no tables of {version}.",
        "Run 'kappa tables' for the versions there are; a dropped one comes back by reprocessing.");

    /// <summary>The open file of a version, for tests of a full disk.</summary>
    internal VersionFile FileOf(JobVersion version)
    {
        lock (_gate)
        {
            return _files[version];
        }
    }

    internal void Release(VersionFile file)
    {
        lock (_gate)
        {
            file.Writers--;
            if (file.Writers == 0)
            {
                file.Dispose();
                if (_files.TryGetValue(file.Version, out var current) && ReferenceEquals(current, file))
                {
                    _files.Remove(file.Version);
                }
            }
        }
    }

    private VersionFile Acquire(JobVersion version)
    {
        lock (_gate)
        {
            if (!_files.TryGetValue(version, out var file) || file.IsClosed)
            {
                var path = FilePath(version);
                CreatePrivate(path);
                _files[version] = file = VersionFile.Open(path, Path.GetFileName(path), version);
            }

            file.Writers++;
            return file;
        }
    }

    /// <summary>
    /// SQLite gives its -wal and -shm the rights of the file itself, so the file is made by the disk, for its owner
    /// alone.
    /// </summary>
    private void CreatePrivate(string path)
    {
        if (!_disk.Exists(path))
        {
            _disk.Open(path, FileIntent.Create).Dispose();
        }
    }

    private SqliteSnapshot Snapshot(JobVersion version)
    {
        var path = FilePath(version);
        return _disk.Exists(path)
            ? SqliteSnapshot.Open(path, Path.GetFileName(path), version)
            : throw Missing(version);
    }

    private string FilePath(JobVersion version) =>
        Path.Combine(_folder, new JobVersion(Names.Check("job", version.Job), version.Number) + ".db");

    /// <summary>A file dropped but not yet deleted, and the companions of a file that is gone (rule V8).</summary>
    private void DeleteLeftovers()
    {
        var names = _disk.List(_folder);
        var leftovers =
            names.Where(name => (name.StartsWith(DroppedPrefix, StringComparison.Ordinal) && !name.Contains('@'))
            || (Companion(name) is { } owner && !names.Contains(owner))).ToList();
        foreach (var name in leftovers)
        {
            _disk.Delete(Path.Combine(_folder, name));
        }

        if (leftovers.Count > 0)
        {
            _disk.SyncFolder(_folder);
        }
    }

    private static string? Companion(string name) =>
        name.EndsWith(".db-wal", StringComparison.Ordinal) || name.EndsWith(".db-shm", StringComparison.Ordinal)
            ? name[..^4] : null;
}
