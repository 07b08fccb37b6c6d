using System.Text.Json;
using Kappa.Log;
using Kappa.Tables.Loop;
using Xunit;

namespace Kappa.Tables.Tests;

public sealed class DiffTests
{
    private static readonly TableSchema Table = Loops.Table("orders-totals");

    [Fact]
    public async Task Counts_and_deltas_are_those_of_set_arithmetic_when_rows_are_random() // I23
    {
        for (var seed = 1; seed <= 120; seed++)
        {
            var random = new Random(seed);
            var left = RandomRows(random);
            var right = RandomRows(random);
            await using var one = new FixedSnapshot(Table, left.Select(Encode), 1);
            await using var other = new FixedSnapshot(Table, right.Select(Encode), 2);
            var table = Assert.Single((await Diff.CompareAsync(one, other, 5, default)).Tables);
            var both = left.Keys.Intersect(right.Keys).ToList();
            var changed = both.Where(k => left[k] != right[k]).Order().ToList();
            Assert.Equal(
                (both.Count - changed.Count, changed.Count, left.Keys.Except(right.Keys).Count(),
                right.Keys.Except(left.Keys).Count()),
                ((int)table.Same, (int)table.Changed, (int)table.OnlyLeft, (int)table.OnlyRight));
            var totals = changed.Where(k => left[k].Total != right[k].Total).ToList();
            Assert.Equal(totals.Count, table.Columns[0].Changed);
            Assert.Equal(changed.Count(k => left[k].Note != right[k].Note), table.Columns[1].Changed);
            decimal[] deltas = [.. totals.Where(k => left[k].Total is not null && right[k].Total is not null)
                .Select(k => right[k].Total!.Value - left[k].Total!.Value)];
            Assert.Equal(
                deltas.Length == 0 ? null
                    : new NumberDelta(deltas.Length, (double)deltas.Min(), (double)deltas.Max(), (double)deltas.Sum()),
                table.Columns[0].Delta);
            var differing = left.Keys.Union(right.Keys).Where(k => !both.Contains(k) || changed.Contains(k)).Order();
            Assert.Equal(differing.Take(5), table.Samples.Select(s => s.Key.GetProperty("id").GetInt64()));
            Assert.Equal(!differing.Any(), table.IsSame);
        }
    }

    [Fact]
    public async Task Both_versions_are_read_at_exactly_the_mark() // V4
    {
        using var loops = await Loops.WithVersionsAsync(2);
        loops.Versions.Output[Loops.V(1)] = Put(1, 10);
        loops.Versions.Output[Loops.V(2)] = c => (Put(1, 12.5m) + Put(2, 1))(c);
        var result = await loops.Diff.RunAsync(Loops.V(1), Loops.V(2), 10, default);
        Assert.Equal(loops.Catalog.Place, result.At);
        var table = Assert.Single(result.Tables);
        Assert.Equal((0, 1, 0, 1), (table.Same, table.Changed, table.OnlyLeft, table.OnlyRight));
        Assert.Equal(new NumberDelta(1, 2.5, 2.5, 2.5), table.Columns[0].Delta);
        Assert.False(result.IsSame);
        Assert.Equal(
            """{"Change":"changed","Key":{"id":1},"Left":{"total":"10","note":null},"""
            + """
            "Right":{"total":"12.5","note":null}}
            """,
            JsonSerializer.Serialize(table.Samples[0]));
    }

    [Fact]
    public async Task A_version_that_has_stopped_cannot_be_compared_with_one_that_runs()
    {
        using var loops = await Loops.WithVersionsAsync(3);
        var error = await Assert.ThrowsAnyAsync<KappaException>(
            () => loops.Diff.RunAsync(Loops.V(2), Loops.V(1), 1, default).AsTask());
        Assert.Contains("orders@2 is retired", error.Message, StringComparison.Ordinal);
        await Assert.ThrowsAnyAsync<KappaException>(
            () => loops.Diff.RunAsync(Loops.V(1), Loops.V(1), 1, default).AsTask());
        await Assert.ThrowsAnyAsync<KappaException>(
            () => loops.Diff.RunAsync(Loops.V(1), Loops.V(9), 1, default).AsTask());
    }

    [Fact]
    public async Task Tables_and_columns_that_only_one_version_has_are_reported()
    {
        var more = Table with { Values = [.. Table.Values, new Column("extra", ColumnType.Integer)] };
        var gone = Loops.Table("gone");
        var row = Encode(new(1, (1m, "a")));
        await using var one = new FixedSnapshot(1, (Table, [row]), (gone, [row]));
        await using var other = new FixedSnapshot(2, (more, [Rows.Encode(more, [1L], [1m, "a", 7L])]));
        var result = await Diff.CompareAsync(one, other, 5, default);
        Assert.Equal(["gone only-left 0/0/1/0", "orders-totals both 1/0/0/0"], result.Tables.Select(t =>
            $"{t.Table} {t.Presence} {t.Same}/{t.Changed}/{t.OnlyLeft}/{t.OnlyRight}"));
        Assert.Equal(["both", "both", "only-right"], result.Tables[1].Columns.Select(c => c.Presence));
        Assert.False(result.Tables[1].IsSame);
    }

    private static Dictionary<long, (decimal? Total, string? Note)> RandomRows(Random random)
    {
        var range = random.Next(1, 60);
        return Enumerable.Range(0, range).Where(_ => random.Next(3) > 0).ToDictionary(
            i => (long)i - 20, _ =>
                (random.Next(4) == 0 ? (decimal?)null : random.Next(-5, 5) / 2m, random.Next(3) == 0 ? "x" : null));
    }

    private static TableRow Encode(KeyValuePair<long, (decimal? Total, string? Note)> row) =>
        Rows.Encode(Table, [row.Key], [row.Value.Total, row.Value.Note]);

    private static Action<TableChanges> Put(long id, decimal total) => changes =>
    {
        var row = Rows.Encode(Table, [id], [total, null]);
        changes.Put(0, row.Key.Span, row.Row.Span);
    };
}
