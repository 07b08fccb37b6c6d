using System.Text;
using SQLitePCL;

namespace Kappa.Tables.Sqlite;

/// <summary>A prepared statement. Parameters count from 1, columns from 0, as in SQLite.</summary>
internal sealed class Statement(Database database, sqlite3_stmt handle) : IDisposable
{
    public sqlite3_stmt Handle => handle;

    /// <summary>Moves to the next row; false at the end.</summary>
    public bool Step()
    {
        var code = raw.sqlite3_step(handle);
        return code switch
        {
            raw.SQLITE_ROW => true,
            raw.SQLITE_DONE => false,
            _ => throw database.Error(code),
        };
    }

    /// <summary>Runs a statement without rows and makes it ready to run again, whether it worked or not.</summary>
    public void Run()
    {
        var code = raw.sqlite3_step(handle);
        var error = code is raw.SQLITE_DONE or raw.SQLITE_ROW ? null : database.Error(code);
        raw.sqlite3_reset(handle);
        if (error is not null)
        {
            throw error;
        }
    }

    /// <summary>Makes the statement ready to run again.</summary>
    public void Reset() => raw.sqlite3_reset(handle);

    public void Null(int parameter) => Check(raw.sqlite3_bind_null(handle, parameter));

    public void Integer(int parameter, long value) => Check(raw.sqlite3_bind_int64(handle, parameter, value));

    public void Double(int parameter, double value) => Check(raw.sqlite3_bind_double(handle, parameter, value));

    /// <summary>Binds UTF-8. An empty span would be a null pointer, which SQLite takes for NULL.</summary>
    public void Text(int parameter, ReadOnlySpan<byte> utf8) => Check(utf8.IsEmpty
        ? raw.sqlite3_bind_text(handle, parameter, "")
        : raw.sqlite3_bind_text(handle, parameter, utf8));

    public void Text(int parameter, string value) => Text(parameter, Encoding.UTF8.GetBytes(value));

    /// <summary>Binds bytes; empty ones are bytes too.</summary>
    public void Blob(int parameter, ReadOnlySpan<byte> bytes) => Check(bytes.IsEmpty
        ? raw.sqlite3_bind_zeroblob(handle, parameter, 0)
        : raw.sqlite3_bind_blob(handle, parameter, bytes));

    public int Type(int column) => raw.sqlite3_column_type(handle, column);

    public long Integer(int column) => raw.sqlite3_column_int64(handle, column);

    public double Double(int column) => raw.sqlite3_column_double(handle, column);

    /// <summary>The bytes of a text or blob, valid until the next step.</summary>
    public ReadOnlySpan<byte> Bytes(int column) => raw.sqlite3_column_blob(handle, column);

    public string Text(int column) => Encoding.UTF8.GetString(Bytes(column));

    public void Dispose() => handle.Dispose();

    private void Check(int code)
    {
        if (code != raw.SQLITE_OK)
        {
            throw database.Error(code);
        }
    }
}
