using Kappa.Log;
using SQLitePCL;

namespace Kappa.Tables.Sqlite;

/// <summary>
/// One statement that only reads, on a read-only connection. Three walls stand one behind the other: the file is open
/// for reading, the connection is query_only, and an authorizer refuses everything but select, read, function and
/// recursion while the statement is prepared.
/// </summary>
internal sealed class SqliteQuery(SqliteSnapshot snapshot, SqliteStoreOptions options)
{
    private const int StepsBetweenLooks = 1_000;

    private readonly sqlite3 _handle = snapshot.Database.Handle;
    private string? _denied;

    public QueryResult Run(
        string sql, IReadOnlyDictionary<string, object?> parameters, int rowsMax, TimeSpan timeout,
        CancellationToken cancel)
    {
        var began = options.Time.GetTimestamp();
        Limit();
        raw.sqlite3_set_authorizer(_handle, (delegate_authorizer)Authorize, null);
        raw.sqlite3_progress_handler(
            _handle, StepsBetweenLooks,
            _ => cancel.IsCancellationRequested || options.Time.GetElapsedTime(began) >= timeout ? 1 : 0, null);
        try
        {
            using var statement = Prepare(sql);
            Bind(statement, parameters);
            return Read(statement, rowsMax);
        }
        catch (SqliteFailure failure) when ((failure.Code & 0xFF) == raw.SQLITE_INTERRUPT)
        {
            cancel.ThrowIfCancellationRequested();
            throw new KappaException(
                ErrorKind.Unavailable, $"The query ran longer than {timeout.TotalSeconds:0.###} s and was stopped.",
                "Ask for less: filter by key, add an index to the table, or allow more time.", failure);
        }
        catch (SqliteFailure failure) when (_denied is not null)
        {
            throw Explain(failure.Code);
        }
        finally
        {
            raw.sqlite3_progress_handler(_handle, 0, null, null);
            raw.sqlite3_set_authorizer(_handle, (delegate_authorizer?)null, null);
        }
    }

    private void Limit()
    {
        raw.sqlite3_limit(_handle, 1 /* bytes of a statement */, 100_000);
        raw.sqlite3_limit(_handle, 7 /* attached files */, 0);
        raw.sqlite3_limit(_handle, 8 /* bytes of a pattern */, 1_000);
        raw.sqlite3_limit(_handle, 11 /* worker threads */, 0);
    }

    private int Authorize(object data, int action, utf8z one, utf8z two, utf8z database, utf8z inner)
    {
        var allowed = action switch
        {
            raw.SQLITE_SELECT or raw.SQLITE_READ or raw.SQLITE_RECURSIVE => true,
            raw.SQLITE_FUNCTION => two.utf8_to_string() is not ("load_extension" or "fts3_tokenizer" or "edit"
                or "readfile" or "writefile"),
            _ => false,
        };
        if (allowed)
        {
            return raw.SQLITE_OK;
        }

        _denied ??= action == raw.SQLITE_FUNCTION ? $"the function {two.utf8_to_string()}" : ActionName(action);
        return raw.SQLITE_DENY;
    }

    private Statement Prepare(string sql)
    {
        var code = raw.sqlite3_prepare_v2(_handle, sql, out sqlite3_stmt handle, out string tail);
        if (code != raw.SQLITE_OK)
        {
            throw Explain(code);
        }

        var statement = new Statement(snapshot.Database, handle);
        var more = raw.sqlite3_prepare_v2(_handle, tail ?? "", out sqlite3_stmt second);
        var isSecond = more != raw.SQLITE_OK || !second.IsInvalid;
        second?.Dispose();
        if (!handle.IsInvalid && !isSecond && raw.sqlite3_stmt_readonly(handle) != 0)
        {
            return statement;
        }

        statement.Dispose();
        throw new KappaException(
            ErrorKind.Invalid, handle.IsInvalid ? "The query is empty." : "The query holds more than one statement.",
            "Write one select statement.");
    }

    private static void Bind(Statement statement, IReadOnlyDictionary<string, object?> parameters)
    {
        var used = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 1; i <= raw.sqlite3_bind_parameter_count(statement.Handle); i++)
        {
            var name = raw.sqlite3_bind_parameter_name(statement.Handle, i).utf8_to_string();
            var plain = name?.TrimStart('@', ':', '$') ?? "?" + i;
            var given = name is not null && parameters.ContainsKey(name) ? name : plain;
            if (!parameters.TryGetValue(given, out var value))
            {
                throw new KappaException(
                    ErrorKind.Invalid, $"The query's parameter '{plain}' has no value.",
                    $"Give a value for '{plain}'.");
            }

            used.Add(given);
            RowColumns.Bind(statement, i, value);
        }

        if (parameters.Keys.FirstOrDefault(k => !used.Contains(k)) is { } unused)
        {
            throw new KappaException(
                ErrorKind.Invalid, $"The query has no parameter '{unused}'.",
                $"Write @{unused} where its value belongs.");
        }
    }

    private QueryResult Read(Statement statement, int rowsMax)
    {
        var columns = new string[raw.sqlite3_column_count(statement.Handle)];
        for (var i = 0; i < columns.Length; i++)
        {
            columns[i] = raw.sqlite3_column_name(statement.Handle, i).utf8_to_string();
        }

        var rows = new List<object?[]>();
        var bytes = 0L;
        var truncated = false;
        while (statement.Step())
        {
            if (rows.Count == rowsMax || bytes > options.AnswerBytesMax)
            {
                truncated = true;
                break;
            }

            var row = new object?[columns.Length];
            for (var i = 0; i < row.Length; i++)
            {
                row[i] = Value(statement, i);
                bytes += row[i] is string or byte[]? raw.sqlite3_column_bytes(statement.Handle, i) : 8;
            }

            rows.Add(row);
        }

        return new QueryResult(snapshot.Version, snapshot.Place, columns, rows, truncated);
    }

    private static object? Value(Statement statement, int column) => statement.Type(column) switch
    {
        raw.SQLITE_NULL => null,
        raw.SQLITE_INTEGER => statement.Integer(column),
        raw.SQLITE_FLOAT => statement.Double(column),
        raw.SQLITE_TEXT => statement.Text(column),
        _ => statement.Bytes(column).ToArray(),
    };

    private KappaException Explain(int code)
    {
        var says = raw.sqlite3_errmsg(_handle).utf8_to_string();
        if (_denied is not null)
        {
            return new KappaException(
                ErrorKind.Forbidden, $"A query may only read tables; this one wants {_denied}.",
                "Write one select statement; tables change only through their job.");
        }

        if ((code & 0xFF) != raw.SQLITE_ERROR)
        {
            return snapshot.Database.Error(code);
        }

        var tables = snapshot.Tables.Select(t =>
            $"{TableSql.Quote(t.Name)} ({string.Join(", ", t.Columns.Select(c => c.Name))})");
        return new KappaException(
            ErrorKind.Invalid, $"The query cannot be understood: {says}.",
            $"The tables of {snapshot.Version} and their columns are: {string.Join("; ", tables)}. "
            + "Names with a hyphen or a dot stand in double quotes, texts in single ones.");
    }

    private static string ActionName(int action) => action switch
    {
        raw.SQLITE_ATTACH or raw.SQLITE_DETACH => "another file (attach)",
        raw.SQLITE_PRAGMA => "a pragma",
        raw.SQLITE_INSERT or raw.SQLITE_UPDATE or raw.SQLITE_DELETE => "to write",
        raw.SQLITE_TRANSACTION or raw.SQLITE_SAVEPOINT => "a transaction of its own",
        _ => "to change tables or settings",
    };
}
