using System.Globalization;
using System.Text;
using Kappa.Log;
using Kappa.Streams.Runtime;
using Xunit;

namespace Kappa.Streams.Tests;

/// <summary>Reference topics: rows by key, removals, look-ups from any stream, preload (rule O3).</summary>
public sealed class TableTests
{
    [Fact]
    public void A_record_without_a_value_removes_the_row_of_its_key_O3()
    {
        var (removed, found) = (0, 0);
        for (var seed = 120; seed < 140; seed++)
        {
            var sequence = Sequence.Random(seed, 600, 2, complete: seed % 2 == 0, rows: true);
            var tables = Machine.Run(StreamJobs.Referenced, sequence, 3, () => 6, () => seed % 3);
            var rows = new Dictionary<string, Reading>();
            var expected = new SortedSet<string>(StringComparer.Ordinal);
            foreach (var (asked, changed) in InOrder(sequence, Place.Start))
            {
                if (asked is not null)
                {
                    var row = rows.GetValueOrDefault(asked.Device);
                    found += row is null ? 0 : 1;
                    expected.Add(new Pair(asked.Device, asked.Seq, row?.Seq).Id());
                }
                else if (changed!.Value.Row is { } row)
                {
                    rows[changed.Value.Device] = row;
                }
                else
                {
                    removed += rows.Remove(changed.Value.Device) ? 1 : 0;
                }
            }

            Assert.Equal(expected, tables.Rows("asked").Select(row => (string)row[0]!).Order(StringComparer.Ordinal));
            Assert.Equal(
                rows.OrderBy(row => row.Key, StringComparer.Ordinal).Select(row => row.Key + " " + row.Value.Seq),
                tables.Rows("rows").Select(row => string.Create(CultureInfo.InvariantCulture, $"{row[0]} {row[3]}")));
            Assert.Empty(tables.Rows("referenced.dead"));
        }

        Assert.True(removed > 100 && found > 1_000, $"{removed} removed, {found} found");
    }

    [Fact]
    public void A_keyed_stream_looks_up_by_another_key_and_keeps_its_own_and_its_order_O3_T8()
    {
        for (var seed = 140; seed < 150; seed++)
        {
            var sequence = Sequence.Random(seed, 500, 3, complete: false, rows: true);
            var rows = new Dictionary<string, Reading?>();
            var totals = new SortedDictionary<long, Total>();
            foreach (var (asked, changed) in InOrder(sequence, Place.Start))
            {
                if (asked is null)
                {
                    rows[changed!.Value.Device] = changed.Value.Row;
                    continue;
                }

                var row = rows.GetValueOrDefault(asked.Device);
                totals[asked.Seq % 3] = totals.GetValueOrDefault(asked.Seq % 3, Total.None)
                    .Add(asked with { Seq = (31 * asked.Seq) + (row?.Seq ?? 0) });
            }

            var tables = Machine.Run(StreamJobs.Referenced, sequence, 4, () => 5);
            Assert.Equal(
                totals.Select(total => (total.Key, total.Value.Count, total.Value.Sum, total.Value.Trace)),
                tables.Rows("thirds").Select(row => ((long)row[0]!, (long)row[1]!, (double)row[2]!, (long)row[4]!)));
        }
    }

    [Fact]
    public void What_is_preloaded_is_known_before_the_first_place_and_not_applied_again_O3()
    {
        var early = 0;
        for (var seed = 150; seed < 170; seed++)
        {
            var sequence = Sequence.Random(seed, 600, 2, complete: false, rows: true);
            var rows = sequence.Rows.Where(row => row.Place <= sequence.Preloads)
                .GroupBy(row => row.Device).ToDictionary(group => group.Key, group => group.Last().Row);
            early += rows.Count(row => row.Value is not null);
            var expected = new SortedSet<string>(StringComparer.Ordinal);
            foreach (var (asked, changed) in InOrder(sequence, sequence.Preloads))
            {
                if (asked is null)
                {
                    rows[changed!.Value.Device] = changed.Value.Row;
                    continue;
                }

                expected.Add(new Pair(asked.Device, asked.Seq, rows.GetValueOrDefault(asked.Device)?.Seq).Id());
            }

            var tables = Machine.Run(StreamJobs.Preloaded, sequence, 3, () => 4, () => seed % 3);
            Assert.Equal(expected, tables.Rows("first").Select(row => (string)row[0]!).Order(StringComparer.Ordinal));
        }

        Assert.True(early > 40, $"{early} rows were preloaded");
    }

    [Fact]
    public void A_key_is_read_as_it_is_written()
    {
        RoundTrip("", "d1", "späte \"Straße\"", "42", "null");
        RoundTrip(0, -7, int.MaxValue);
        RoundTrip(ulong.MaxValue);
        RoundTrip(12.5m);
        RoundTrip(true, false);
        RoundTrip(DayOfWeek.Friday);
        RoundTrip(Guid.Parse("0f8fad5b-d9cb-469f-a165-70867728950e"));
        RoundTrip(Sequence.Origin.AddTicks(7));
        RoundTrip(new DateOnly(2026, 3, 1));
        RoundTrip(TimeSpan.FromMinutes(-61.5));
        RoundTrip(new Cell("a \"b\"", true), new Cell("", false));
    }

    [Fact]
    public void A_record_that_is_no_row_is_a_dead_letter_O6()
    {
        var sequence = new Sequence();
        sequence.AddRecords("rows", 0, Sequence.Origin.AddDays(1).UtcTicks,
        [
            Row("7", "\"seven\""), Row("x", "\"no number\""), Row("", "\"no number either\""), Row("null", "\"null\""),
            new NewRecord(null, "\"no key\""u8.ToArray()), Row("8", "no json"), Row("9", "\"nine\""), Row("9", ""),
            Row("10", null),
        ]);
        var job = Job.Define("rows", flow => flow.Table<int, string>("rows").ToTable("numbers"));

        var tables = Machine.Straight(job, sequence);

        Assert.Equal(["7 seven"], tables.Rows("numbers").Select(row => $"{row[0]} {row[1]}"));
        var errors = tables.Rows("rows.dead").Select(row => (string)row[^1]!).ToList();
        Assert.Equal(5, errors.Count);
        Assert.Equal(3, errors.Count(error => error.Contains("key is no Int32", StringComparison.Ordinal)));
        Assert.Single(errors, error => error.Contains("has no key", StringComparison.Ordinal));
    }

    [Fact]
    public void A_row_may_be_a_struct_and_absent_O3()
    {
        var sequence = new Sequence();
        var time = Sequence.Origin.AddDays(1).UtcTicks;
        sequence.Add("readings", 0, time, [new("d", Sequence.Origin, 1, 1)]);
        sequence.AddRecords("rows", 0, time + 1, [Row("d", """{"Device":"e","High":true}""")]);
        sequence.Add("readings", 0, time + 2, [new("d", Sequence.Origin, 2, 1)]);
        sequence.AddRecords("rows", 0, time + 3, [Row("d", null)]);
        sequence.Add("readings", 0, time + 4, [new("d", Sequence.Origin, 3, 1)]);
        var job = Job.Define("cells", flow => flow.From<Reading>("readings")
            .LookUp(
                flow.Table<string, Cell>("rows"), reading => reading.Device,
                (asked, cell) => asked.Seq + (cell is { } there ? there.Device : "-"))
            .ToTable("cells", text => text));

        Assert.Equal(["1-", "2e", "3-"], Machine.Straight(job, sequence).Rows("cells").Select(row => (string)row[0]!));
    }

    private static NewRecord Row(string key, string? value) => new(
        Encoding.UTF8.GetBytes(key), value is null ? null : Encoding.UTF8.GetBytes(value));

    private static void RoundTrip<TKey>(params TKey[] keys)
        where TKey : notnull
    {
        foreach (var key in keys)
        {
            Assert.Equal(key, RecordKey<TKey>.Read(OutputBytes.OfKey(key)));
        }
    }

    /// <summary>What is asked and what changes, by place; changes up to a place are left out.</summary>
    private static IEnumerable<(Reading? Asked, (string Device, Reading? Row)? Changed)> InOrder(
        Sequence sequence, Place behind) => sequence.Readings
        .Select(asked => (asked.Place, Asked: (Reading?)asked.Reading, Changed: ((string, Reading?)?)null))
        .Concat(sequence.Rows.Where(row => row.Place > behind)
            .Select(row => (row.Place, Asked: (Reading?)null, Changed: ((string, Reading?)?)(row.Device, row.Row))))
        .OrderBy(one => one.Place).Select(one => (one.Asked, one.Changed));
}
