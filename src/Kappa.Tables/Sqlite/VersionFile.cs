using System.Globalization;
using Kappa.Log;

namespace Kappa.Tables.Sqlite;

/// <summary>
/// The file of one job version with the one connection that writes and checkpoints it. All writers of the version share
/// it, so that two epochs never write through two connections (the WAL-reset fault of this SQLite needs two).
/// </summary>
internal sealed class VersionFile : IDisposable
{
    public const int Format = 1;

    private readonly object _gate = new();
    private readonly Database _database;
    private Statement? _readEpoch;
    private Statement? _writePlace;
    private string? _closed;

    private VersionFile(Database database, JobVersion version)
    {
        _database = database;
        Version = version;
    }

    public JobVersion Version { get; }

    /// <summary>How many writers share it; guarded by the store's lock.</summary>
    public int Writers { get; set; }

    /// <summary>Can it no longer be written? Then the next writer opens the file anew.</summary>
    public bool IsClosed => Volatile.Read(ref _closed) is not null;

    public static VersionFile Open(string path, string name, JobVersion version) =>
        new(Database.OpenWriter(path, name), version);

    /// <summary>Creates what is missing, fences lower epochs and returns the committed place.</summary>
    public Place Take(IReadOnlyList<TableSchema> tables, long epoch)
    {
        lock (_gate)
        {
            return Within(() =>
            {
                if (_database.Text("SELECT name FROM sqlite_schema WHERE name = 'kappa_meta'") is null)
                {
                    Create(tables, epoch);
                    return Place.Start;
                }

                CheckMeta(_database, Version);
                CheckShape(tables);
                Fence(epoch, MetaLong("epoch"));
                SetMeta("epoch", epoch.ToString(CultureInfo.InvariantCulture));
                SetMeta("tables", SchemaJson.Write(tables));
                CreateIndexes(tables);
                return ReadPlace(_database);
            });
        }
    }

    /// <summary>
    /// Runs changes and the new place as one transaction (rule C1), unless a higher epoch has taken over (rule C4).
    /// </summary>
    public void Commit(long epoch, Place place, Action<Database> apply)
    {
        lock (_gate)
        {
            Within(() =>
            {
                Fence(epoch, Epoch());
                apply(_database);
                _writePlace ??= _database.Prepare("UPDATE kappa_meta SET value = ?1 WHERE name = 'place'");
                _writePlace.Text(1, place.ToString());
                _writePlace.Run();
                return true;
            });
        }
    }

    /// <summary>Runs something while nobody else uses the connection.</summary>
    public T Alone<T>(Func<Database, T> work)
    {
        lock (_gate)
        {
            return work(_database);
        }
    }

    /// <summary>Closes the connection; later commits say why.</summary>
    public void Close(string why)
    {
        lock (_gate)
        {
            if (_closed is not null)
            {
                return;
            }

            Volatile.Write(ref _closed, why);
            _readEpoch?.Dispose();
            _writePlace?.Dispose();
            _database.Dispose();
        }
    }

    public void Dispose() => Close("it was closed");

    /// <summary>Refuses a file of another format, or one that holds another version.</summary>
    public static void CheckMeta(Database database, JobVersion version)
    {
        var format = database.Text("SELECT value FROM kappa_meta WHERE name = 'format'");
        if (format != Format.ToString(CultureInfo.InvariantCulture))
        {
            throw new KappaException(
                ErrorKind.Conflict,
                $"The table file '{database.Name}' has format {format}; this program reads format {Format}.",
                "Run the Kappa release that wrote it, or drop this version and reprocess the job.");
        }

        if (database.Text("SELECT value FROM kappa_meta WHERE name = 'version'") is var stored
            && stored != version.ToString())
        {
            throw new KappaException(
                ErrorKind.Corrupt, $"The table file '{database.Name}' holds the tables of {stored}.",
                "Give the file its own name back, or drop this version and reprocess the job.");
        }
    }

    public static Place ReadPlace(Database database) =>
        Place.TryParse(database.Text("SELECT value FROM kappa_meta WHERE name = 'place'"), out var place)
            ? place
            : throw new KappaException(
                ErrorKind.Corrupt, $"The place stored in '{database.Name}' cannot be read.",
                "Drop this version and reprocess the job: the log still holds everything.");

    private void Create(IReadOnlyList<TableSchema> tables, long epoch)
    {
        _database.Execute(
            "CREATE TABLE kappa_meta (name TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID");
        foreach (var table in tables)
        {
            _database.Execute(TableSql.Create(table));
        }

        CreateIndexes(tables);
        SetMeta("format", Format.ToString(CultureInfo.InvariantCulture));
        SetMeta("version", Version.ToString());
        SetMeta("tables", SchemaJson.Write(tables));
        SetMeta("place", Place.Start.ToString());
        SetMeta("epoch", epoch.ToString(CultureInfo.InvariantCulture));
    }

    private void CreateIndexes(IReadOnlyList<TableSchema> tables)
    {
        foreach (var sql in tables.SelectMany(TableSql.CreateIndexes))
        {
            _database.Execute(sql);
        }
    }

    private void CheckShape(IReadOnlyList<TableSchema> tables)
    {
        var stored = SchemaJson.Read(
            _database.Text("SELECT value FROM kappa_meta WHERE name = 'tables'") ?? "", _database.Name);
        if (SchemaJson.Shape(stored) != SchemaJson.Shape(tables))
        {
            throw new KappaException(
                ErrorKind.Conflict, $"The tables stored for {Version} have another shape than its code.",
                "Reprocess the job: changed tables belong to a new version.");
        }
    }

    private void Fence(long epoch, long stored)
    {
        if (stored > epoch)
        {
            throw new FencedException(Version, epoch, stored);
        }
    }

    private long Epoch()
    {
        _readEpoch ??= _database.Prepare("SELECT value FROM kappa_meta WHERE name = 'epoch'");
        try
        {
            return _readEpoch.Step() ? _readEpoch.Integer(0) : long.MaxValue;
        }
        finally
        {
            _readEpoch.Reset();
        }
    }

    private long MetaLong(string name) =>
        long.Parse(_database.Text($"SELECT value FROM kappa_meta WHERE name = '{name}'") ?? "0",
            CultureInfo.InvariantCulture);

    private void SetMeta(string name, string value)
    {
        using var statement = _database.Prepare("INSERT OR REPLACE INTO kappa_meta (name, value) VALUES (?1, ?2)");
        statement.Text(1, name);
        statement.Text(2, value);
        statement.Run();
    }

    /// <summary>
    /// One transaction. After an error that leaves SQLite's view of the disk in doubt the connection is closed for
    /// good: the next writer opens the file anew and believes only what the disk says.
    /// </summary>
    private T Within<T>(Func<T> work)
    {
        if (_closed is not null)
        {
            throw new KappaException(
                ErrorKind.Unavailable, $"The tables of {Version} cannot be written any more: {_closed}.",
                "Open them again.");
        }

        try
        {
            _database.Execute("BEGIN IMMEDIATE");
            var result = work();
            _database.Execute("COMMIT");
            return result;
        }
        catch (Exception error)
        {
            Undo(error);
            throw;
        }
    }

    private void Undo(Exception error)
    {
        if (error is SqliteFailure failure && !SqliteError.IsHarmless(failure.Code)
            && failure.Kind != ErrorKind.Invalid)
        {
            Close(failure.Message);
            return;
        }

        if (SQLitePCL.raw.sqlite3_get_autocommit(_database.Handle) == 0)
        {
            _database.Execute("ROLLBACK");
        }
    }
}
