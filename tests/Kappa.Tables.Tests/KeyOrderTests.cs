using Xunit;

namespace Kappa.Tables.Tests;

/// <summary>Rule T8: the unsigned order of key bytes is the order of the values, for every type.</summary>
public sealed class KeyOrderTests
{
    [Fact]
    public void Byte_order_is_value_order_for_every_type_and_equal_bytes_are_equal_values()
    {
        const int Seed = 4711;
        var random = new Random(Seed);
        foreach (var type in Rows.KeyTypes)
        {
            for (var i = 0; i < 4_000; i++)
            {
                var (left, right) = (Rows.Value(random, type), Rows.Value(random, type));
                var bytes = Math.Sign(Rows.KeyBytes(left).AsSpan().SequenceCompareTo(Rows.KeyBytes(right)));
                Assert.True(bytes == Oracle(left, right), $"seed {Seed}: {type} {left} {right}");
            }
        }
    }

    [Fact]
    public void Keys_of_several_columns_sort_by_the_first_that_differs()
    {
        const int Seed = 99;
        var random = new Random(Seed);
        for (var i = 0; i < 5_000; i++)
        {
            ColumnType[] types =
                [.. Enumerable.Range(0, 3).Select(_ => Rows.KeyTypes[random.Next(Rows.KeyTypes.Length)])];
            object?[] left = [.. types.Select(t => Rows.Value(random, t))];
            object?[] right = [.. left.Select((v, c) => random.Next(2) == 0 ? v : Rows.Value(random, types[c]))];
            var expected = left.Zip(right, Oracle).FirstOrDefault(o => o != 0);
            byte[] one = [.. left.SelectMany(Rows.KeyBytes)];
            byte[] other = [.. right.SelectMany(Rows.KeyBytes)];
            Assert.True(Math.Sign(one.AsSpan().SequenceCompareTo(other)) == expected, $"seed {Seed} case {i}");
        }
    }

    [Fact]
    public void The_worked_example_of_the_documentation_is_what_the_code_writes()
    {
        var table = new TableSchema(
            "t", [new Column("a", ColumnType.Text), new Column("b", ColumnType.Integer)],
            [new Column("c", ColumnType.Double), new Column("d", ColumnType.Text),
                new Column("e", ColumnType.Boolean)]);
        var row = Rows.Encode(table, ["a", 1L], [0.5, null, true]);
        Assert.Equal("01610001018000000000000001", Convert.ToHexString(row.Key.Span));
        Assert.Equal("01000000000000E03F000101", Convert.ToHexString(row.Row.Span));
        Assert.Equal(["a", 1L, 0.5, null, true], RowReader.ReadAll(table, row));
    }

    /// <summary>The order by the values alone; texts by Unicode code points, a lone surrogate as U+FFFD.</summary>
    private static int Oracle(object? left, object? right) => (left, right) switch
    {
        (null, null) => 0,
        (null, _) => -1,
        (_, null) => 1,
        (double one, double other) when double.IsNaN(one) || double.IsNaN(other) =>
            double.IsNaN(one).CompareTo(double.IsNaN(other)),
        (string one, string other) => Math.Sign(Sequence(Runes(one), Runes(other))),
        (byte[] one, byte[] other) => Math.Sign(Sequence([.. one.Select(b => (int)b)], [.. other.Select(b => (int)b)])),
        (Guid one, Guid other) => Math.Sign(string.CompareOrdinal(one.ToString("N"), other.ToString("N"))),
        _ => Math.Sign(((IComparable)left).CompareTo(right)),
    };

    private static int[] Runes(string text) => [.. text.EnumerateRunes().Select(r => r.Value)];

    private static int Sequence(int[] left, int[] right)
    {
        var differing = left.Zip(right, (l, r) => l.CompareTo(r)).FirstOrDefault(o => o != 0);
        return differing != 0 ? differing : left.Length.CompareTo(right.Length);
    }
}
