using System.Runtime.CompilerServices;
using Kappa.Tables;

namespace Kappa.Simulation;

/// <summary>The tables of a version as they were when they were asked for.</summary>
internal sealed class MemorySnapshot(
    JobVersion version, Place place, IReadOnlyList<TableSchema> tables, IReadOnlyList<(int Table, TableRow Row)> rows)
    : ITableSnapshot
{
    public JobVersion Version => version;

    public Place Place => place;

    public IReadOnlyList<TableSchema> Tables => tables;

    /// <summary>One text of everything, a line for each row.</summary>
    public string Digest() => string.Join('\n', rows.Select(row =>
        $"{tables[row.Table].Name} {Convert.ToHexString(row.Row.Key.Span)} {Convert.ToHexString(row.Row.Row.Span)}"));

    public async IAsyncEnumerable<TableRow> RowsAsync(
        string table, KeyRange range, [EnumeratorCancellation] CancellationToken cancel)
    {
        await Task.CompletedTask;
        foreach (var (_, row) in rows.Where(row => tables[row.Table].Name == table
            && row.Row.Key.Span.SequenceCompareTo(range.From.Span) >= 0
            && (range.To is not { } to || row.Row.Key.Span.SequenceCompareTo(to.Span) < 0)))
        {
            yield return row;
        }
    }

    public ValueTask<TableRow?> FindAsync(string table, ReadOnlyMemory<byte> key, CancellationToken cancel) => new(rows
        .Where(row => tables[row.Table].Name == table && row.Row.Key.Span.SequenceEqual(key.Span))
        .Select(row => (TableRow?)row.Row).FirstOrDefault());

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
