using System.Buffers;
using Kappa.Log;

namespace Kappa.Tables.Sqlite;

/// <content>Questions about one version: SQL, by key, by column.</content>
public sealed partial class SqliteStore
{
    /// <summary>
    /// Runs one select statement over a version's tables, on the caller's thread, in one read transaction. Parameters
    /// are written <c>@name</c> in the statement and <c>name</c> in the dictionary.
    /// </summary>
    /// <param name="version">The version.</param>
    /// <param name="sql">One statement that only reads, in SQLite's dialect.</param>
    /// <param name="parameters">A value for each parameter of the statement.</param>
    /// <param name="rowsMax">Rows at most, 1 or more; more are cut and the answer says so.</param>
    /// <param name="timeout">How long it may run.</param>
    /// <param name="cancel">Stops it.</param>
    /// <exception cref="KappaException">
    /// Invalid: it cannot be understood, with the columns there are. Forbidden: it does more than read. Unavailable: it
    /// took too long. NotFound: there is no such version.
    /// </exception>
    public async ValueTask<QueryResult> QueryAsync(
        JobVersion version, string sql, IReadOnlyDictionary<string, object?> parameters, int rowsMax, TimeSpan timeout,
        CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        CheckRowsMax(rowsMax);
        var snapshot = Snapshot(version);
        await using var disposed = snapshot.ConfigureAwait(false);
        return new SqliteQuery(snapshot, _options).Run(sql, parameters, rowsMax, timeout, cancel);
    }

    /// <summary>
    /// The rows of a table in which columns equal values, in order of key. Where all key columns are given it is one
    /// look-up; NaN equals NaN, null equals null, and decimals of value columns are equal when their scale is too.
    /// </summary>
    /// <param name="version">The version.</param>
    /// <param name="table">One of its tables.</param>
    /// <param name="equal">Column names and values; texts are read as the column's type. Empty: every row.</param>
    /// <param name="rowsMax">Rows at most, 1 or more; more are cut and the answer says so.</param>
    /// <param name="cancel">Stops it.</param>
    /// <exception cref="KappaException">
    /// Invalid: no such column, or a wrong value. NotFound: no such version or table.
    /// </exception>
    public async ValueTask<QueryResult> FilterAsync(
        JobVersion version, string table, IReadOnlyDictionary<string, object?> equal, int rowsMax,
        CancellationToken cancel)
    {
        CheckRowsMax(rowsMax);
        var snapshot = Snapshot(version);
        await using var disposed = snapshot.ConfigureAwait(false);
        var schema = snapshot.Table(table);
        var columns = equal.Keys.Select(name => schema.Columns.FirstOrDefault(c => c.Name == name)
            ?? throw new KappaException(
                ErrorKind.Invalid, $"The table '{table}' has no column '{name}'.",
                $"Its columns are: {string.Join(", ", schema.Columns.Select(c => c.Name))}.")).ToList();
        var names = schema.Columns.Select(c => c.Name).ToList();
        var found = schema.Key.All(columns.Contains)
            ? ByKey(snapshot, schema, columns, equal)
            : ByColumns(snapshot, schema, columns, equal, rowsMax, cancel);
        var rows = found.Take(rowsMax).Select(row => RowReader.ReadAll(schema, row)).ToList();
        return new QueryResult(version, snapshot.Place, names, rows, found.Count > rowsMax);
    }

    private static List<TableRow> ByKey(
        SqliteSnapshot snapshot, TableSchema schema, List<Column> columns, IReadOnlyDictionary<string, object?> equal)
    {
        var key = RowKey.Of(schema, [.. schema.Key.Select(c => equal[c.Name])]);
        using var statement = snapshot.Database.Prepare(TableSql.Select(schema) + $" WHERE {TableSql.RowKey} = ?1");
        statement.Blob(1, key);
        if (!statement.Step())
        {
            return [];
        }

        var row = SqliteSnapshot.Row(statement, schema, new ArrayBufferWriter<byte>());
        var values = RowReader.ReadAll(schema, row);
        var names = schema.Columns.ToList();
        var rest = columns.Where(c => !schema.Key.Contains(c));
        return rest.All(c => Same(c, values[names.IndexOf(c)], RowKey.Read(c, equal[c.Name]))) ? [row] : [];
    }

    private static List<TableRow> ByColumns(
        SqliteSnapshot snapshot, TableSchema schema, List<Column> columns, IReadOnlyDictionary<string, object?> equal,
        int rowsMax, CancellationToken cancel)
    {
        var where = columns.Select((c, i) => $"{TableSql.Quote(c.Name)} IS ?{i + 2}");
        using var statement = snapshot.Database.Prepare(
            TableSql.Select(schema) + (columns.Count == 0 ? "" : " WHERE " + string.Join(" AND ", where))
            + $" ORDER BY {TableSql.RowKey} LIMIT ?1");
        statement.Integer(1, rowsMax + 1L);
        for (var i = 0; i < columns.Count; i++)
        {
            var asked = RowKey.Read(columns[i], equal[columns[i].Name]);
            RowColumns.Bind(statement, i + 2, schema.Key.Contains(columns[i]) ? AsInKey(asked) : asked);
        }

        var rows = new List<TableRow>();
        var buffer = new ArrayBufferWriter<byte>();
        while (statement.Step())
        {
            cancel.ThrowIfCancellationRequested();
            rows.Add(SqliteSnapshot.Row(statement, schema, buffer));
        }

        return rows;
    }

    /// <summary>
    /// Keys hold decimals without trailing zeros (1.0 equals 1.00), so that is how their columns are asked.
    /// </summary>
    private static object? AsInKey(object? value) =>
        value is decimal number ? number / 1.0000000000000000000000000000m : value;

    /// <summary>As SQLite's IS compares what is stored: texts by their bytes, so decimals with their scale.</summary>
    private static bool Same(Column column, object? stored, object? asked) => (stored, asked) switch
    {
        (null, null) => true,
        (byte[] one, byte[] other) => one.AsSpan().SequenceEqual(other),
        (decimal one, decimal other) => one == other && one.Scale == other.Scale && column.Type == ColumnType.Decimal,
        _ => Equals(stored, asked),
    };

    private static void CheckRowsMax(int rowsMax)
    {
        if (rowsMax < 1)
        {
            throw new KappaException(
                ErrorKind.Invalid, $"An answer of at most {rowsMax} rows is none; allowed are 1 or more.",
                "Ask for more rows.");
        }
    }
}
