using Kappa.Log;

namespace Kappa.Tables.Sqlite;

/// <summary>Writes one version's tables. Commits run on the caller's thread and return when they are on disk.</summary>
internal sealed class SqliteWriter : ITableWriter
{
    private readonly SqliteStore _store;
    private readonly VersionFile _file;
    private readonly IReadOnlyList<TableSchema> _tables;
    private readonly long _epoch;
    private readonly Statement?[] _put;
    private readonly Statement?[] _remove;
    private readonly object?[] _key;
    private readonly ChangeOrder _order = new();
    private bool _disposed;

    public SqliteWriter(
        SqliteStore store, VersionFile file, IReadOnlyList<TableSchema> tables, long epoch, Place committed)
    {
        _store = store;
        _file = file;
        _tables = tables;
        _epoch = epoch;
        _put = new Statement?[tables.Count];
        _remove = new Statement?[tables.Count];
        _key = new object?[tables.Select(t => t.Key.Count).DefaultIfEmpty(0).Max()];
        Committed = committed;
    }

    public Place Committed { get; private set; }

    public ValueTask CommitAsync(TableChanges changes, Place place, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (place < Committed)
        {
            throw new KappaException(
                ErrorKind.Conflict,
                $"The tables of {_file.Version} are at {Committed}; a commit at {place} would go back.",
                "Start the version again from the place its tables hold.");
        }

        _file.Commit(_epoch, place, database => Apply(database, changes));
        Committed = place;
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync()
    {
        if (!_disposed)
        {
            _disposed = true;
            _file.Alone(_ =>
            {
                foreach (var statement in _put.Concat(_remove))
                {
                    statement?.Dispose();
                }

                return true;
            });
            _store.Release(_file);
        }

        return ValueTask.CompletedTask;
    }

    /// <summary>In order of key; of a key only the last change.</summary>
    private void Apply(Database database, TableChanges changes)
    {
        _order.Sort(changes);
        for (var i = 0; i < _order.Count; i++)
        {
            if (!_order.IsChangedAgain(changes, i))
            {
                Apply(database, changes[_order[i]]);
            }
        }
    }

    private void Apply(Database database, TableChange change)
    {
        if (change.Row is { } row)
        {
            Put(database, change.Table, change.Key.Span, row.Span);
            return;
        }

        var remove = _remove[change.Table] ??= database.Prepare(TableSql.Remove(_tables[change.Table]));
        remove.Blob(1, change.Key.Span);
        remove.Run();
    }

    private void Put(Database database, int index, ReadOnlySpan<byte> key, ReadOnlySpan<byte> row)
    {
        var table = _tables[index];
        var put = _put[index] ??= database.Prepare(TableSql.Put(table));
        RowReader.ReadKey(table, key, _key);
        for (var i = 0; i < table.Key.Count; i++)
        {
            RowColumns.Bind(put, i + 1, _key[i]);
        }

        RowColumns.Bind(put, table.Key.Count + 1, table.Values, row);
        put.Blob(table.Key.Count + table.Values.Count + 1, key);
        put.Run();
    }
}
