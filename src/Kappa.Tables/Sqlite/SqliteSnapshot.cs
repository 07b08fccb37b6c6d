using System.Buffers;
using System.Runtime.CompilerServices;
using Kappa.Log;

namespace Kappa.Tables.Sqlite;

/// <summary>A read transaction on its own read-only connection. Not for two threads at once.</summary>
internal sealed class SqliteSnapshot : ITableSnapshot
{
    private readonly Database _database;

    private SqliteSnapshot(Database database, JobVersion version, Place place, IReadOnlyList<TableSchema> tables)
    {
        _database = database;
        Version = version;
        Place = place;
        Tables = tables;
    }

    public JobVersion Version { get; }

    public Place Place { get; }

    public IReadOnlyList<TableSchema> Tables { get; }

    public Database Database => _database;

    public static SqliteSnapshot Open(string path, string name, JobVersion version)
    {
        var database = Database.OpenReader(path, name);
        try
        {
            database.Execute("BEGIN");
            if (database.Text("SELECT name FROM sqlite_schema WHERE name = 'kappa_meta'") is null)
            {
                throw SqliteStore.Missing(version);
            }

            VersionFile.CheckMeta(database, version);
            var tables = SchemaJson.Read(
                database.Text("SELECT value FROM kappa_meta WHERE name = 'tables'") ?? "", name);
            return new SqliteSnapshot(database, version, VersionFile.ReadPlace(database), tables);
        }
        catch
        {
            database.Dispose();
            throw;
        }
    }

    public TableSchema Table(string name) => Tables.FirstOrDefault(t => t.Name == name)
        ?? throw new KappaException(
            ErrorKind.NotFound, $"{Version} has no table '{name}'.",
            Tables.Count == 0 ? "It has no tables at all."
                : $"Its tables are {string.Join(", ", Tables.Select(t => t.Name))}.");

    public async IAsyncEnumerable<TableRow> RowsAsync(
        string table, KeyRange range, [EnumeratorCancellation] CancellationToken cancel)
    {
        var schema = Table(table);
        var sql = TableSql.Select(schema) + $" WHERE {TableSql.RowKey} >= ?1"
            + (range.To is null ? "" : $" AND {TableSql.RowKey} < ?2") + $" ORDER BY {TableSql.RowKey}";
        using var statement = _database.Prepare(sql);
        statement.Blob(1, range.From.Span);
        if (range.To is { } to)
        {
            statement.Blob(2, to.Span);
        }

        var buffer = new ArrayBufferWriter<byte>();
        while (statement.Step())
        {
            cancel.ThrowIfCancellationRequested();
            yield return Row(statement, schema, buffer);
        }

        await ValueTask.CompletedTask.ConfigureAwait(false);
    }

    public ValueTask<TableRow?> FindAsync(string table, ReadOnlyMemory<byte> key, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        var schema = Table(table);
        using var statement = _database.Prepare(TableSql.Select(schema) + $" WHERE {TableSql.RowKey} = ?1");
        statement.Blob(1, key.Span);
        return new(statement.Step() ? Row(statement, schema, new ArrayBufferWriter<byte>()) : null);
    }

    public ValueTask DisposeAsync()
    {
        _database.Dispose();
        return ValueTask.CompletedTask;
    }

    public static TableRow Row(Statement statement, TableSchema schema, ArrayBufferWriter<byte> buffer)
    {
        buffer.ResetWrittenCount();
        var key = statement.Bytes(0);
        buffer.Write(key);
        var keyLength = key.Length;
        RowColumns.Read(statement, 1, schema.Values, buffer);
        var bytes = buffer.WrittenSpan.ToArray();
        return new TableRow(bytes.AsMemory(0, keyLength), bytes.AsMemory(keyLength));
    }
}
