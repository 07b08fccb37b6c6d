using System.Runtime.CompilerServices;
using Kappa.Log;

namespace Kappa.Tables.Tests;

/// <summary>Rows in memory as a snapshot; of several with one key the last counts.</summary>
internal sealed class FixedSnapshot : ITableSnapshot
{
    private readonly Dictionary<string, SortedDictionary<byte[], TableRow>> _rows = [];

    public FixedSnapshot(TableSchema table, IEnumerable<TableRow> rows, int number = 1)
        : this(number, (table, rows))
    {
    }

    public FixedSnapshot(int number, params (TableSchema Table, IEnumerable<TableRow> Rows)[] tables)
    {
        Version = new JobVersion("orders", number);
        Tables = [.. tables.Select(t => t.Table)];
        foreach (var (table, rows) in tables)
        {
            var sorted = new SortedDictionary<byte[], TableRow>(
                Comparer<byte[]>.Create((a, b) => a.AsSpan().SequenceCompareTo(b)));
            foreach (var row in rows)
            {
                sorted[row.Key.ToArray()] = row;
            }

            _rows[table.Name] = sorted;
        }
    }

    public JobVersion Version { get; }

    public Place Place { get; init; } = new(9, 1);

    public IReadOnlyList<TableSchema> Tables { get; }

    public async IAsyncEnumerable<TableRow> RowsAsync(
        string table, KeyRange range, [EnumeratorCancellation] CancellationToken cancel)
    {
        foreach (var row in _rows[table].Values)
        {
            await Task.Yield();
            yield return row;
        }
    }

    public ValueTask<TableRow?> FindAsync(string table, ReadOnlyMemory<byte> key, CancellationToken cancel) =>
        new(_rows[table].TryGetValue(key.ToArray(), out var row) ? row : null);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
