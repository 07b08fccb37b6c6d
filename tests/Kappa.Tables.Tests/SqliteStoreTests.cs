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
            var expected = new SortedDictionary<byte[],
                byte[]>(Comparer<byte[]>.Create((a, b) => a.AsSpan().SequenceCompareTo(b)));
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

    [Fact]
    public async Task The_last_change_of_a_key_counts_when_one_commit_changes_it_often()
    {
        var changes = new TableChanges();
        Put(changes, 1, "first");
        Remove(changes, 1);
        Put(changes, 1, "last");
        Put(changes, 2, "gone");
        Remove(changes, 2);
        Remove(changes, 3);
        await using var writer = await _store.OpenAsync(Version, [Table], 1, default);
        await writer.CommitAsync(changes, new Place(5, 1), default);
        Assert.Equal(["1=last"], await Texts());
    }

    [Fact]
    public async Task A_snapshot_stays_at_its_place_when_commits_follow()
    {
        await using var writer = await _store.OpenAsync(Version, [Table], 1, default);
        await Commit(writer, 5, c => Put(c, 1, "old"));
        await using var before = await _store.ReadAsync(Version, default);
        await Commit(writer, 6, c => Put(c, 1, "new"));
        await using var after = await _store.ReadAsync(Version, default);
        Assert.Equal((new Place(5, 1), new Place(6, 1)), (before.Place, after.Place));
        Assert.Equal("old", Text(Assert.Single(await All(before, Table.Name))));
        Assert.Equal("new", Text((await after.FindAsync(Table.Name, Rows.KeyBytes(1L), default))!.Value));
        Assert.Null(await after.FindAsync(Table.Name, Rows.KeyBytes(9L), default));
    }

    [Fact]
    public async Task Rows_of_a_range_begin_at_its_first_key_and_end_before_its_last()
    {
        await using var writer = await _store.OpenAsync(Version, [Table], 1, default);
        await Commit(writer, 5, c => Enumerable.Range(-3, 7).ToList().ForEach(i => Put(c, i, "x")));
        await using var snapshot = await _store.ReadAsync(Version, default);
        var keys = new List<object?>();
        await foreach (var row in snapshot.RowsAsync(
            Table.Name, new KeyRange(Rows.KeyBytes(-1L), Rows.KeyBytes(2L)), default))
        {
            keys.Add(RowReader.ReadAll(Table, row)[0]);
        }

        Assert.Equal([-1L, 0L, 1L], keys);
    }

    [Fact]
    public async Task A_lower_epoch_is_refused_when_it_opens_and_when_a_higher_one_came_while_it_wrote() // C4
    {
        await using var zombie = await _store.OpenAsync(Version, [Table], 3, default);
        await Commit(zombie, 5, c => Put(c, 1, "mine"));
        await using var other = new SqliteStore(_folder.Path, _disk);
        await using var heir = await other.OpenAsync(Version, [Table], 4, default);
        Assert.Equal(new Place(5, 1), heir.Committed);
        var refused = await Assert.ThrowsAnyAsync<KappaException>(() => Commit(zombie, 6, c => Put(c, 1, "zombie")));
        Assert.Equal(ErrorKind.Conflict, refused.Kind);
        await Commit(heir, 7, c => Put(c, 2, "heir"));
        Assert.Equal(["1=mine", "2=heir"], await Texts());
        var late = await Assert.ThrowsAnyAsync<KappaException>(
            () => _store.OpenAsync(Version, [Table], 3, default).AsTask());
        Assert.Contains("epoch 4", late.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_writer_of_the_same_store_is_fenced_too_when_a_higher_epoch_opens() // C4
    {
        await using var zombie = await _store.OpenAsync(Version, [Table], 3, default);
        await using var heir = await _store.OpenAsync(Version, [Table], 4, default);
        await Assert.ThrowsAnyAsync<KappaException>(() => Commit(zombie, 6, c => Put(c, 1, "zombie")));
        await Commit(heir, 6, c => Put(c, 1, "heir"));
        Assert.Equal(["1=heir"], await Texts());
    }

    [Fact]
    public async Task Rows_and_place_are_there_again_when_the_store_is_opened_again() // C1
    {
        await using (var writer = await _store.OpenAsync(Version, [Table], 1, default))
        {
            await Commit(writer, 5, c => Put(c, 1, "kept"));
        }

        await _store.DisposeAsync();
        await using var again = new SqliteStore(_folder.Path, _disk);
        await using (var snapshot = await again.ReadAsync(Version, default))
        {
            Assert.Equal(new Place(5, 1), snapshot.Place);
            Assert.Equal("kept", Text(Assert.Single(await All(snapshot, Table.Name))));
        }

        await using var next = await again.OpenAsync(Version, [Table], 1, default);
        Assert.Equal(new Place(5, 1), next.Committed);
    }

    [Fact]
    public async Task Nothing_of_a_commit_is_stored_when_one_of_its_changes_is_broken() // C1
    {
        await using var writer = await _store.OpenAsync(Version, [Table], 1, default);
        await Commit(writer, 5, c => Put(c, 1, "whole"));
        var broken = new TableChanges();
        Put(broken, 2, "half");
        broken.Put(0, Rows.KeyBytes(3L), [1, 2]);
        await Assert.ThrowsAnyAsync<Exception>(() => writer.CommitAsync(broken, new Place(6, 1), default).AsTask());
        Assert.Equal(new Place(5, 1), writer.Committed);
        Assert.Equal(["1=whole"], await Texts());
        await Commit(writer, 6, c => Put(c, 2, "next"));
        Assert.Equal(["1=whole", "2=next"], await Texts());
    }

    [Fact]
    public async Task A_commit_that_would_go_back_is_refused()
    {
        await using var writer = await _store.OpenAsync(Version, [Table], 1, default);
        await Commit(writer, 5, c => Put(c, 1, "x"));
        await Assert.ThrowsAnyAsync<KappaException>(() => Commit(writer, 4, c => Put(c, 1, "y")));
    }

    [Fact]
    public async Task A_file_of_another_format_is_refused_by_name()
    {
        await (await _store.OpenAsync(Version, [Table], 1, default)).DisposeAsync();
        Sql("UPDATE kappa_meta SET value = '7' WHERE name = 'format'");
        var refused = await Assert.ThrowsAnyAsync<KappaException>(
            () => _store.OpenAsync(Version, [Table], 1, default).AsTask());
        Assert.Contains("orders@2.db", refused.Message, StringComparison.Ordinal);
        Assert.Contains("format 7", refused.Message, StringComparison.Ordinal);
        await Assert.ThrowsAnyAsync<KappaException>(() => _store.ReadAsync(Version, default).AsTask());
    }

    [Fact]
    public async Task Tables_of_another_shape_are_refused_and_new_indexes_are_made()
    {
        await (await _store.OpenAsync(Version, [Table], 1, default)).DisposeAsync();
        var other = Table with { Values = [new Column("text", ColumnType.Json)] };
        await Assert.ThrowsAnyAsync<KappaException>(() => _store.OpenAsync(Version, [other], 1, default).AsTask());
        var indexed = Table with { Indexes = [new TableIndex(["text"])], Description = "said" };
        await (await _store.OpenAsync(Version, [indexed], 1, default)).DisposeAsync();
        Assert.Equal("1", Sql("SELECT count(*) FROM sqlite_schema WHERE type = 'index' AND tbl_name = 'order-totals'"
            + " AND name LIKE 'kappa%'"));
        await using var snapshot = await _store.ReadAsync(Version, default);
        Assert.Equal("said", snapshot.Tables[0].Description);
    }

    [Fact]
    public async Task Columns_are_typed_for_any_tool_when_another_program_opens_the_file()
    {
        var table = new TableSchema(
            "t", [new Column("at", ColumnType.Timestamp)],
            [new Column("d", ColumnType.Double), new Column("m", ColumnType.Decimal),
                new Column("l", ColumnType.Duration)]);
        var row = Rows.Encode(
            table, [new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero).AddTicks(7)],
            [double.NaN, 1.50m, TimeSpan.FromTicks(3)]);
        await using var writer = await _store.OpenAsync(Version, [table], 1, default);
        await Commit(writer, 5, c => c.Put(0, row.Key.Span, row.Row.Span));
        Assert.Equal(
            "2026-01-02T03:04:05.0000007Z|text NaN|1.50|integer 3",
            Sql("SELECT at || '|' || typeof(d) || ' ' || d || '|' || m || '|' || typeof(l) || ' ' || l FROM t"));
        Assert.Equal("ok", Sql("PRAGMA integrity_check"));
    }

    [Fact]
    public async Task A_dropped_version_leaves_nothing_when_readers_still_hold_it_and_when_it_is_dropped_again() // V8
    {
        var writer = await _store.OpenAsync(Version, [Table], 1, default);
        await Commit(writer, 5, c => Put(c, 1, "x"));
        var reader = await _store.ReadAsync(Version, default);
        await _store.DropAsync(Version, default);
        await _store.DropAsync(Version, default);
        Assert.Empty(_disk.List(_folder.Path));
        Assert.Single(await All(reader, Table.Name));
        var late = await Assert.ThrowsAnyAsync<KappaException>(() => Commit(writer, 6, c => Put(c, 1, "y")));
        Assert.Equal(ErrorKind.Unavailable, late.Kind);
        await reader.DisposeAsync();
        await writer.DisposeAsync();
        var missing = await Assert.ThrowsAnyAsync<KappaException>(() => _store.ReadAsync(Version, default).AsTask());
        Assert.Equal(ErrorKind.NotFound, missing.Kind);
    }

    [Fact]
    public async Task What_a_crash_in_a_drop_left_is_deleted_when_the_store_starts() // V8
    {
        for (var step = 1; step <= 6; step++)
        {
            var left = step;
            await Commit(await _store.OpenAsync(Version, [Table], 1, default), 5, c => Put(c, 1, "x"));
            _disk.Before = _ => left = left > 1 ? left - 1 : throw new IOException("power");
            await Assert.ThrowsAsync<IOException>(() => _store.DropAsync(Version, default).AsTask());
            _disk.Before = _ => { };
            await using var again = new SqliteStore(_folder.Path, _disk);
            await again.DropAsync(Version, default);
            Assert.Empty(_disk.List(_folder.Path));
        }
    }

    [Fact]
    public async Task A_full_file_is_unavailable_and_the_same_commit_succeeds_when_there_is_room() // I10
    {
        await using var writer = await _store.OpenAsync(Version, [Table], 1, default);
        await Commit(writer, 5, c => Put(c, 1, "x"));
        var file = _store.FileOf(Version);
        file.Alone(d => d.Text("PRAGMA max_page_count = 10"));
        var full = await Assert.ThrowsAnyAsync<KappaException>(
            () => Commit(writer, 6, c => Put(c, 2, new string('x', 100_000))));
        Assert.Equal(ErrorKind.Unavailable, full.Kind);
        Assert.Equal(["1=x"], await Texts());
        file.Alone(d => d.Text("PRAGMA max_page_count = 100000"));
        await Commit(writer, 6, c => Put(c, 2, "fits"));
        Assert.Equal(["1=x", "2=fits"], await Texts());
    }

    [Theory]
    [InlineData("kappa_meta", "id", "text")]
    [InlineData("Order", "id", "text")]
    [InlineData("t", "row_key", "text")]
    [InlineData("t", "id", "id")]
    [InlineData("t", "a\"b", "text")]
    public async Task A_schema_is_refused_when_its_names_break_the_rules(string table, string key, string value)
    {
        var schema = new TableSchema(table, [new Column(key, ColumnType.Text)], [new Column(value, ColumnType.Text)]);
        await Assert.ThrowsAnyAsync<KappaException>(() => _store.OpenAsync(Version, [schema], 1, default).AsTask());
        Assert.Empty(_disk.List(_folder.Path));
    }

    private static readonly TableSchema Table = new(
        "order-totals", [new Column("id", ColumnType.Integer)], [new Column("text", ColumnType.Text)]);

    private static void Put(TableChanges changes, long id, string text)
    {
        var row = Rows.Encode(Table, [id], [text]);
        changes.Put(0, row.Key.Span, row.Row.Span);
    }

    private static void Remove(TableChanges changes, long id) => changes.Remove(0, Rows.KeyBytes(id));

    private static async Task Commit(ITableWriter writer, long time, Action<TableChanges> fill)
    {
        var changes = new TableChanges();
        fill(changes);
        await writer.CommitAsync(changes, new Place(time, 1), default);
    }

    private static string? Text(TableRow row) => (string?)RowReader.ReadAll(Table, row)[1];

    private async Task<List<string>> Texts()
    {
        await using var snapshot = await _store.ReadAsync(Version, default);
        return [.. (await All(snapshot, Table.Name)).Select(r => $"{RowReader.ReadAll(Table, r)[0]}={Text(r)}")];
    }

    /// <summary>As another program would: Microsoft.Data.Sqlite is the independent reader.</summary>
    private string? Sql(string sql)
    {
        using var connection = new Microsoft.Data.Sqlite.SqliteConnection(
            $"Data Source={System.IO.Path.Combine(_folder.Path, Version + ".db")};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return Convert.ToString(command.ExecuteScalar(), System.Globalization.CultureInfo.InvariantCulture);
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
