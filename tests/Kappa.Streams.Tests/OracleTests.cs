using Xunit;

namespace Kappa.Streams.Tests;

/// <summary>The engine against the rules said in LINQ.</summary>
public sealed class OracleTests
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    public static TheoryData<int, bool> Seeds
    {
        get
        {
            var data = new TheoryData<int, bool>();
            for (var seed = 11; seed < 23; seed++)
            {
                data.Add(seed, seed % 2 == 0);
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Tumbling_windows_hold_what_was_on_time_in_sequence_order_O1_O2_T4_T5(int seed, bool complete)
    {
        var sequence = Sequence.Random(seed, 1200, 2, complete);
        CheckWindows(GoldenJobs.Minutes, "minutes", sequence, complete, TimeSpan.Zero, reading => reading.Value >= 10);
        CheckWindows(GoldenJobs.Grace, "grace", sequence, complete, TimeSpan.FromSeconds(20), _ => true);
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void InOrder_releases_each_key_by_time_then_and_place_T9(int seed, bool complete)
    {
        var sequence = Sequence.Random(seed, 1200, 3, complete);
        var expected = Oracle.InOrder(sequence, complete);
        var tables = Machine.Run(GoldenJobs.Ordered, sequence, 3, () => 7);

        Assert.Equal(
            Lines(expected.Select(pair => (pair.Key, Oracle.Fold(pair.Value)))),
            Lines(tables.Rows("ordered").Select(row => ((string)row[0]!, TotalOf(row, 1)))));
        var (seen, _) = Oracle.Watermarks(sequence, complete);
        Assert.Equal(seen.Count(s => s.Time < s.Before), tables.Rows("ordered.late").Count);
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Distinct_drops_an_id_that_passed_near_in_event_time_O4(int seed, bool complete)
    {
        var sequence = Sequence.Random(seed, 1200, 2, complete);
        var expected = Oracle.Distinct(sequence, TimeSpan.FromSeconds(10));
        var tables = Machine.Run(GoldenJobs.Distinct, sequence, 2, () => 5);

        Assert.True(expected.Count < sequence.Readings.Count);
        Assert.Equal(
            Lines(expected.GroupBy(s => s.Reading.Device).Select(g => (g.Key, Oracle.Fold(g.Select(s => s.Reading))))),
            Lines(tables.Rows("distinct").Select(row => ((string)row[0]!, TotalOf(row, 1)))));
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Distinct_then_InOrder_then_a_window_by_another_key_is_what_LINQ_says_T6_T7_T8(int seed, bool complete)
    {
        var sequence = Sequence.Random(seed, 1200, 2, complete);
        var within = TimeSpan.FromSeconds(20);
        var clean = Oracle.InOrder(sequence, complete, Oracle.Distinct(sequence, within));
        var tables = Machine.Run(GoldenJobs.Chain, sequence, 4, () => 9);

        Assert.Equal(
            Lines(clean.Select(pair => (pair.Key, Oracle.Fold(pair.Value)))),
            Lines(tables.Rows("totals").Select(row => ((string)row[0]!, TotalOf(row, 1)))));

        // All keys' releases in one order: by time, then by key bytes, which for these devices is ordinal order.
        var released = clean.SelectMany(pair => pair.Value)
            .OrderBy(reading => reading.At).ThenBy(reading => reading.Device, StringComparer.Ordinal).ToList();
        var thirds = released.GroupBy(reading => reading.Seq % 3).Select(g => (
            g.Key.ToString(System.Globalization.CultureInfo.InvariantCulture),
            Oracle.Fold(g.OrderBy(r => r.At).ThenBy(r => r.Device, StringComparer.Ordinal))));
        Assert.Equal(
            complete ? Lines(thirds) : [],
            complete ? Lines(tables.Rows("thirds").Select(row => (row[0]!.ToString()!, TotalOf(row, 1)))) : []);
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void A_fold_that_returns_null_removes_the_row_and_begins_anew_O2(int seed, bool complete)
    {
        var sequence = Sequence.Random(seed, 1200, 2, complete, devices: 40);
        var expected = new Dictionary<string, Total>();
        foreach (var (_, reading) in sequence.Readings)
        {
            if (reading.Seq % 5 == 0)
            {
                expected.Remove(reading.Device);
            }
            else
            {
                expected[reading.Device] = expected.GetValueOrDefault(reading.Device, Total.None).Add(reading);
            }
        }

        var tables = Machine.Run(GoldenJobs.Removing, sequence, 3, () => 4);

        Assert.True(expected.Count < 40);
        Assert.Equal(
            Lines(expected.Select(pair => (pair.Key, pair.Value))),
            Lines(tables.Rows("removing").Select(row => ((string)row[0]!, TotalOf(row, 1)))));
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Overlapping_windows_hold_each_value_once_per_window_O1_T5(int seed, bool complete)
    {
        var sequence = Sequence.Random(seed, 900, 2, complete);
        var (seen, end) = Oracle.Watermarks(sequence, complete);
        var tables = Machine.Run(GoldenJobs.Overlapping, sequence, 3, () => 6);
        foreach (var (table, step) in new[] { ("hopping", 20), ("cumulating", 15) })
        {
            // Every window there could be, tried one by one against every reading.
            var first = Sequence.Origin.AddHours(-1);
            var windows = Enumerable.Range(0, 3600).Select(i => table == "hopping"
                ? (Start: first.AddSeconds(step * i), End: first.AddSeconds((step * i) + 60))
                : (Start: first.AddSeconds(i / 4 * 60), End: first.AddSeconds((i / 4 * 60) + (((i % 4) + 1) * step))))
                    .ToList();
            var expected = windows.SelectMany(window => seen
                .Where(s => s.Reading.At >= window.Start && s.Reading.At < window.End && window.End.UtcTicks > s.Before)
                .GroupBy(s => s.Reading.Device)
                .Select(group => (
                    $"{group.Key} {window.Start.UtcTicks} {window.End.UtcTicks} {window.End.UtcTicks <= end}",
                    Oracle.Fold(group.Select(s => s.Reading)))));
            Assert.Equal(
                Lines(expected),
                Lines(tables.Rows(table).Select(row => (
                    $"{row[0]} {((DateTimeOffset)row[1]!).UtcTicks} {((DateTimeOffset)row[2]!).UtcTicks} {row[^1]}",
                    TotalOf(row, 3)))));
        }
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Nothing_is_late_behind_a_window_with_grace_T6(int seed, bool complete)
    {
        var sequence = Sequence.Random(seed, 1200, 2, complete);
        var (_, end) = Oracle.Watermarks(sequence, complete);
        var grace = TimeSpan.FromSeconds(20);
        var expected = Oracle.Windows(sequence, complete, Minute, grace, _ => true)
            .Where(window => window.IsFinal)
            .Select(window => (window.Device, window.Start, window.End, Total: Oracle.Fold(window.Readings)))
            .GroupBy(window => (window.Total.Count % 2, window.Start))
            .Select(group => string.Create(System.Globalization.CultureInfo.InvariantCulture,
                $"{group.Key.Item1} {group.Key.Start} {group.OrderBy(window => window.Device, StringComparer.Ordinal)
                    .Aggregate(0L, (sum, window) => unchecked((sum * 31) + window.Total.Trace))} "
                + $"{end != long.MinValue && (complete || group.First().End + grace.Ticks <= end)}"));
        var tables = Machine.Run(GoldenJobs.Graced, sequence, 3, () => 6);

        Assert.Equal(
            expected.Order(StringComparer.Ordinal),
            tables.Rows("graced").Select(row => string.Create(System.Globalization.CultureInfo.InvariantCulture,
                $"{row[0]} {((DateTimeOffset)row[1]!).UtcTicks} {row[3]} {row[4]}")).Order(StringComparer.Ordinal));
        Assert.DoesNotContain(tables.Rows("graced.late"), row => ((string)row[2]!).StartsWith("5:",
            StringComparison.Ordinal));
    }

    private static void CheckWindows(
        Job job, string table, Sequence sequence, bool complete, TimeSpan grace, Func<Reading, bool> keep)
    {
        var expected = Oracle.Windows(sequence, complete, Minute, grace, keep);
        var tables = Machine.Run(job, sequence, 2, () => 6);

        Assert.Contains(expected, window => window.IsFinal);
        Assert.Equal(
            Lines(expected.Select(w => ($"{w.Device} {w.Start} {w.End} {w.IsFinal}", Oracle.Fold(w.Readings)))),
            Lines(tables.Rows(table).Select(row => (
                $"{row[0]} {((DateTimeOffset)row[1]!).UtcTicks} {((DateTimeOffset)row[2]!).UtcTicks} {row[^1]}",
                TotalOf(row, 3)))));
        var late = Oracle.LateForWindows(sequence, Minute, grace, keep);
        Assert.True(late > 0);
        Assert.Equal(late, tables.Rows(table + ".late").Count);
    }

    private static Total TotalOf(object?[] row, int at) =>
        new((long)row[at]!, (double)row[at + 1]!, (double)row[at + 2]!, (long)row[at + 3]!);

    private static string[] Lines(IEnumerable<(string Key, Total Total)> rows) =>
        [.. rows.Select(row => FormattableString.Invariant(
            $"{row.Key}: {row.Total.Count} {row.Total.Sum:R} {row.Total.Max:R} {row.Total.Trace}"))
            .Order(StringComparer.Ordinal)];
}
