using Kappa.Log;
using Kappa.Tables.Sqlite;
using Xunit;

namespace Kappa.Tables.Tests;

public sealed class SqliteStoreTests : IDisposable
{
    private static readonly JobVersion Version = new("orders", 2);
    private readonly TemporaryFolder _folder = new();
    private readonly PlainDisk _disk = new();
    private readonly SqliteStore _store;

    public SqliteStoreTests() => _store = new SqliteStore(_folder.Path, _disk);

    public void Dispose()
    {
        _store.DisposeAsync().AsTask().GetAwaiter().GetResult();
        _folder.Dispose();
    }

    [Theory]
    [InlineData(20_260_101)]
    [InlineData(7)]
    public async Task Rows_come_back_byte_for_byte_when_columns_are_of_every_type_and_awkward_values(int seed)
    {
        var random = new Random(seed);
        for (var round = 0; round < 25; round++)
        {
            var version = new JobVersion("job" + seed, round + 1);
            var schema = Rows.Schema(random);
            var expected = new SortedDictionary<byte[], byte[]>(Comparer<byte[]>.Create((a, b) => a.AsSpan().SequenceCompareTo(b)));
            var changes = new TableChanges();
            await using var writer = await _store.OpenAsync(version, [schema], 1, default);
            for (var i = 0; i < 60; i++)
            {
                var row = Rows.Row(random, schema);
                expected[row.Key.ToArray()] = row.Row.ToArray();
                changes.Put(0, row.Key.Span, row.Row.Span);
            }

            await writer.CommitAsync(changes, new Place(round + 1, 1), default);
            await using var snapshot = await _store.ReadAsync(version, default);
            var actual = await All(snapshot, schema.Name);
            Assert.True(expected.Count == actual.Count, $"seed {seed} round {round}");
            foreach (var (row, (key, value)) in actual.Zip(expected))
            {
                Assert.True(row.Key.Span.SequenceEqual(key), $"key, seed {seed} round {round}");
                Assert.True(
                    row.Row.Span.SequenceEqual(value),
                    $"seed {seed} round {round}: {Convert.ToHexString(row.Row.Span)} {Convert.ToHexString(value)}");
            }
        }
    }

    private static async Task<List<TableRow>> All(ITableSnapshot snapshot, string table)
    {
        var rows = new List<TableRow>();
        await foreach (var row in snapshot.RowsAsync(table, KeyRange.All, default))
        {
            rows.Add(row);
        }

        return rows;
    }
}
