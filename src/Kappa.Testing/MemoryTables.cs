using Kappa.Streams.Runtime;
using Kappa.Tables;

namespace Kappa.Testing;

/// <summary>The tables of a job in memory, as a machine's changes leave them.</summary>
internal sealed class MemoryTables
{
    private readonly TableChanges _changes = new();
    private readonly Dictionary<byte[], byte[]>[] _rows;

    public MemoryTables(IReadOnlyList<TableSchema> schemas)
    {
        Schemas = schemas;
        _rows = [.. schemas.Select(_ => new Dictionary<byte[], byte[]>(BytesEquality.Instance))];
    }

    public IReadOnlyList<TableSchema> Schemas { get; }

    public long RowCount => _rows.Sum(rows => (long)rows.Count);

    /// <summary>Takes what changed in a machine since the last time.</summary>
    /// <param name="machine">The machine.</param>
    /// <param name="withOpen">Also rows that are not final (rule C3).</param>
    public void Take(JobMachine machine, bool withOpen = true)
    {
        machine.Collect(_changes, withOpen);
        for (var i = 0; i < _changes.Count; i++)
        {
            var change = _changes[i];
            if (change.Row is { } row)
            {
                _rows[change.Table][change.Key.ToArray()] = row.ToArray();
            }
            else
            {
                _rows[change.Table].Remove(change.Key.ToArray());
            }
        }

        _changes.Clear();
    }

    /// <summary>The rows of a table, in order of key bytes.</summary>
    public IEnumerable<TableRow> Rows(int table) => _rows[table]
        .OrderBy(pair => pair.Key, BytesEquality.Instance)
        .Select(pair => new TableRow(pair.Key, pair.Value));

    public TableRow? Find(int table, byte[] key) =>
        _rows[table].TryGetValue(key, out var row) ? new TableRow(key, row) : null;

    /// <summary>The first row, by table and key, that is not the same in others; null where there is none.</summary>
    public RowDifference? FirstDifference(MemoryTables others)
    {
        for (var table = 0; table < _rows.Length; table++)
        {
            var (left, right) = (_rows[table], others._rows[table]);
            var differing = left.Keys
                .Where(key => !right.TryGetValue(key, out var row) || !row.AsSpan().SequenceEqual(left[key]))
                .Concat(right.Keys.Where(key => !left.ContainsKey(key)))
                .Min(BytesEquality.Instance);
            if (differing is not null)
            {
                return new RowDifference(
                    Schemas[table], differing, left.GetValueOrDefault(differing), right.GetValueOrDefault(differing));
            }
        }

        return null;
    }
}

/// <summary>A row that two runs do not agree on.</summary>
internal sealed record RowDifference(TableSchema Table, byte[] Key, byte[]? Left, byte[]? Right)
{
    public string KeyText
    {
        get
        {
            var values = new object?[Table.Key.Count];
            RowReader.ReadKey(Table, Key, values);
            return "(" + string.Join(", ", values.Select(TestRow.TextOf)) + ")";
        }
    }

    public string LeftText => Text(Left);

    public string RightText => Text(Right);

    private string Text(byte[]? row) => row is null ? "no row" : new TestRow(Table, new TableRow(Key, row)).ToString();
}
