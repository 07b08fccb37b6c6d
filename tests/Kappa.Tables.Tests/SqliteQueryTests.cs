using Kappa.Log;
using Kappa.Tables.Sqlite;
using Xunit;

namespace Kappa.Tables.Tests;

public sealed class SqliteQueryTests : IDisposable
{
    private static readonly JobVersion Version = new("orders", 1);
    private static readonly Dictionary<string, object?> None = [];

    private static readonly TableSchema Table = new(
        "order-totals", [new Column("city", ColumnType.Text), new Column("fee", ColumnType.Decimal)],
        [new Column("total", ColumnType.Double), new Column("at", ColumnType.Timestamp)]);

    private readonly TemporaryFolder _folder = new();
    private readonly PlainDisk _disk = new();
    private readonly SqliteStore _store;
    private readonly ManualTime _time = new(DateTimeOffset.UnixEpoch);

    public SqliteQueryTests()
    {
        _store = new SqliteStore(_folder.Path, _disk, new SqliteStoreOptions { Time = _time });
        using var task = FillAsync();
        task.GetAwaiter().GetResult();
    }

    public void Dispose()
    {
        _store.DisposeAsync().AsTask().GetAwaiter().GetResult();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_select_gives_columns_rows_and_place_of_one_state() // V7
    {
        var answer = await Query(
            "select city, sum(total) as s from \"order-totals\" where city <> @no group by city -- done\n;",
            new() { ["no"] = "Bonn" });
        Assert.Equal(new Place(7, 1), answer.Place);
        Assert.Equal(["city", "s"], answer.Columns);
        Assert.Equal([["Aachen", 3.0], ["Köln", 3.5]], answer.Rows);
        Assert.False(answer.Truncated);
    }

    [Fact]
    public async Task An_answer_is_cut_and_says_so_when_there_are_more_rows()
    {
        var answer = await Query("select * from \"order-totals\"", None, 2);
        Assert.Equal((2, true), (answer.Rows.Count, answer.Truncated));
        Assert.False((await Query("select * from \"order-totals\"", None, 4)).Truncated);
    }

    [Theory]
    [InlineData("select nope from \"order-totals\"", "nope")]
    [InlineData("select \"nope\" from \"order-totals\"", "nope")]
    [InlineData("select * from nope", "nope")]
    [InlineData("select * from order-totals", "syntax")]
    public async Task An_error_names_what_is_wrong_and_lists_the_columns_there_are(string sql, string named)
    {
        var error = await Assert.ThrowsAnyAsync<KappaException>(() => Query(sql, None));
        Assert.Equal(ErrorKind.Invalid, error.Kind);
        Assert.Contains(named, error.Message, StringComparison.Ordinal);
        Assert.Contains("\"order-totals\" (city, fee, total, at)", error.Next, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("insert into \"order-totals\" (city) values ('x')")]
    [InlineData("update kappa_meta set value = '9'")]
    [InlineData("delete from \"order-totals\"")]
    [InlineData("drop table \"order-totals\"")]
    [InlineData("create table x (y)")]
    [InlineData("create temp table x (y)")]
    [InlineData("attach database 'other.db' as other")]
    [InlineData("detach database main")]
    [InlineData("pragma query_only = off")]
    [InlineData("pragma table_info('order-totals')")]
    [InlineData("select * from pragma_table_info('order-totals')")]
    [InlineData("select * from pragma_query_only")]
    [InlineData("select load_extension('x')")]
    [InlineData("vacuum into 'copy.db'")]
    [InlineData("begin immediate")]
    [InlineData("rollback")]
    [InlineData("reindex")]
    [InlineData("select 1; select 2")]
    [InlineData("select 1; delete from \"order-totals\"")]
    [InlineData("")]
    [InlineData("-- nothing")]
    [InlineData("with x as (select 1) insert into \"order-totals\" (city) select * from x")]
    public async Task Nothing_but_one_reading_statement_is_run(string sql) // S13
    {
        var error = await Assert.ThrowsAnyAsync<KappaException>(() => Query(sql, None));
        Assert.True(error.Kind is ErrorKind.Invalid or ErrorKind.Forbidden, error.Message);
        Assert.Equal(4L, (await Query("select count(*) from \"order-totals\"", None)).Rows[0][0]);
        Assert.All(_disk.List(_folder.Path), name => Assert.StartsWith("orders@1.db", name, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_query_is_stopped_when_its_time_is_over()
    {
        const string Endless = "with recursive n(i) as (select 1 union all select i + 1 from n) select count(*) from n";
        var error = await Assert.ThrowsAnyAsync<KappaException>(
            () => _store.QueryAsync(Version, Endless, None, 10, TimeSpan.Zero, default).AsTask());
        Assert.Equal(ErrorKind.Unavailable, error.Kind);
        using var cancel = new CancellationTokenSource();
        var running = Task.Run(
            () => _store.QueryAsync(Version, Endless, None, 10, TimeSpan.FromHours(1), cancel.Token).AsTask());
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
    }

    [Fact]
    public async Task A_parameter_without_a_value_and_a_value_without_a_parameter_are_named()
    {
        var missing = await Assert.ThrowsAnyAsync<KappaException>(() => Query("select @a", None));
        Assert.Contains("'a'", missing.Message, StringComparison.Ordinal);
        var unused = await Assert.ThrowsAnyAsync<KappaException>(() => Query("select 1", new() { ["b"] = 1L }));
        Assert.Contains("'b'", unused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_filter_finds_rows_by_typed_values_or_by_their_texts()
    {
        Assert.Equal(2, (await Filter(new() { ["city"] = "Köln" })).Rows.Count);
        Assert.Equal(2, (await Filter(new() { ["fee"] = "1.500" })).Rows.Count);
        Assert.Equal(["Köln", 1.5m, double.NaN, null], Assert.Single((await Filter(new() { ["total"] = "NaN" })).Rows));
        Assert.Single((await Filter(new() { ["city"] = "Köln", ["fee"] = 2.0m })).Rows);
        Assert.Empty((await Filter(new() { ["city"] = "Köln", ["fee"] = 2.0m, ["total"] = 9.0 })).Rows);
        Assert.Empty((await Filter(new() { ["city"] = "x' or 1=1 --" })).Rows);
        Assert.Equal(4, (await Filter(None)).Rows.Count);
        await Assert.ThrowsAnyAsync<KappaException>(() => Filter(new() { ["city\" or 1=1 --"] = "x" }));
        await Assert.ThrowsAnyAsync<KappaException>(() => Filter(new() { ["fee"] = "much" }));
    }

    private async Task FillAsync()
    {
        await using var writer = await _store.OpenAsync(Version, [Table], 1, default);
        var changes = new TableChanges();
        foreach (var (city, fee, total) in new (string, decimal, double)[]
            { ("Aachen", 1.50m, 3), ("Bonn", 1, 1), ("Köln", 2.0m, 3.5), ("Köln", 1.5m, double.NaN) })
        {
            var row = Rows.Encode(Table, [city, fee], [total, null]);
            changes.Put(0, row.Key.Span, row.Row.Span);
        }

        await writer.CommitAsync(changes, new Place(7, 1), default);
    }

    private Task<QueryResult> Query(string sql, Dictionary<string, object?> parameters, int rowsMax = 100) =>
        _store.QueryAsync(Version, sql, parameters, rowsMax, TimeSpan.FromSeconds(5), default).AsTask();

    private Task<QueryResult> Filter(Dictionary<string, object?> equal) =>
        _store.FilterAsync(Version, Table.Name, equal, 100, default).AsTask();
}
