using Kappa.Log;
using SQLitePCL;

namespace Kappa.Tables.Sqlite;

/// <summary>One connection to one SQLite file. Not for two threads at once.</summary>
internal sealed class Database : IDisposable
{
    private readonly sqlite3 _handle;

    static Database() => Batteries_V2.Init();

    private Database(sqlite3 handle, string name)
    {
        _handle = handle;
        Name = name;
    }

    /// <summary>The file's name, as errors say it.</summary>
    public string Name { get; }

    public sqlite3 Handle => _handle;

    /// <summary>The connection that writes and checkpoints the file: there is one per file.</summary>
    public static Database OpenWriter(string path, string name)
    {
        var database = Open(path, name, raw.SQLITE_OPEN_READWRITE | raw.SQLITE_OPEN_CREATE);
        return database.Prepared(
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=1000; "
            + "PRAGMA journal_size_limit=67108864; PRAGMA cache_size=-32768;");
    }

    /// <summary>A connection that can neither write nor checkpoint.</summary>
    public static Database OpenReader(string path, string name)
    {
        var database = Open(path, name, raw.SQLITE_OPEN_READONLY);
        return database.Prepared("PRAGMA wal_autocheckpoint=0; PRAGMA query_only=ON;");
    }

    private Database Prepared(string pragmas)
    {
        try
        {
            Execute(pragmas);
            return this;
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    private static Database Open(string path, string name, int flags)
    {
        var code = raw.sqlite3_open_v2(path, out var handle, flags, null);
        if (code != raw.SQLITE_OK)
        {
            handle?.Dispose();
            throw SqliteError.Of(code, name, "it cannot be opened");
        }

        raw.sqlite3_extended_result_codes(handle, 1);
        raw.sqlite3_busy_timeout(handle, 5_000);
        raw.sqlite3_db_config(handle, 1010 /* defensive */, 1, out _);
        raw.sqlite3_db_config(handle, 1013 /* double-quoted strings are no texts */, 0, out _);
        raw.sqlite3_db_config(handle, 1017 /* trusted schema */, 0, out _);
        return new Database(handle, name);
    }

    public void Execute(string sql)
    {
        var code = raw.sqlite3_exec(_handle, sql);
        if (code != raw.SQLITE_OK)
        {
            throw Error(code);
        }
    }

    public Statement Prepare(string sql)
    {
        var code = raw.sqlite3_prepare_v3(_handle, sql, 1 /* kept for long */, out sqlite3_stmt statement);
        return code == raw.SQLITE_OK ? new Statement(this, statement) : throw Error(code);
    }

    /// <summary>The first column of the first row as text, or null.</summary>
    public string? Text(string sql)
    {
        using var statement = Prepare(sql);
        return statement.Step() ? statement.Text(0) : null;
    }

    public KappaException Error(int code) =>
        SqliteError.Of(code, Name, raw.sqlite3_errmsg(_handle).utf8_to_string());

    public void Dispose() => _handle.Dispose();
}
