using Kappa.Log;
using SQLitePCL;

namespace Kappa.Tables.Sqlite;

/// <summary>What SQLite's result codes mean to a user.</summary>
internal static class SqliteError
{
    public static KappaException Of(int code, string file, string says)
    {
        var text = $"The table file '{file}' failed with SQLite's code {code}: {says}.";
        return (code & 0xFF) switch
        {
            raw.SQLITE_FULL => new SqliteFailure(
                code, ErrorKind.Unavailable, text, "Free space on the disk; the commit is tried again."),
            raw.SQLITE_BUSY or raw.SQLITE_LOCKED => new SqliteFailure(
                code, ErrorKind.Unavailable, text, "Close the program that holds the file, then try again."),
            raw.SQLITE_CORRUPT or raw.SQLITE_NOTADB => new SqliteFailure(
                code, ErrorKind.Corrupt, text,
                "Drop this version and reprocess the job: the log still holds everything."),
            raw.SQLITE_ERROR or raw.SQLITE_TOOBIG or raw.SQLITE_MISMATCH or raw.SQLITE_RANGE => new SqliteFailure(
                code, ErrorKind.Invalid, text, "Correct the statement or the value."),
            _ => new SqliteFailure(
                code, ErrorKind.Unavailable, text, "Check the disk and its permissions, then restart the version."),
        };
    }

    /// <summary>
    /// After these the connection's idea of the file is still right, so the same commit may be tried again.
    /// </summary>
    public static bool IsHarmless(int code) => (code & 0xFF)
        is raw.SQLITE_FULL or raw.SQLITE_BUSY or raw.SQLITE_LOCKED or raw.SQLITE_TOOBIG or raw.SQLITE_NOMEM;
}

/// <summary>An error of SQLite, with its result code.</summary>
internal sealed class SqliteFailure(int code, ErrorKind kind, string message, string next)
    : KappaException(kind, message, next)
{
    public int Code { get; } = code;
}
