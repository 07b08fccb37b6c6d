using System.Text.Json;
using Kappa.Log;
using Kappa.Streams.Tests.Windows;
using Xunit;

namespace Kappa.Streams.Tests.Aggregates;

/// <summary>The platform's aggregations in windows of a minute, against LINQ (rule O2).</summary>
public sealed class AggregateTests
{
    public static TheoryData<int, bool> Seeds => WindowChoiceTests.Seeds;

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Sums_means_and_extremes_are_those_of_LINQ_O2(int seed, bool complete)
    {
        var (windows, tables) = Run(seed, complete);

        Assert.Equal(
            Lines(windows, all => Expected.Line(
                all.Count, all.Sum(r => r.Seq), Add(all), (decimal)all.Sum(r => r.Seq))),
            Rows(tables, "sums"));
        Assert.Equal(
            Lines(windows, all => Expected.Line(
                all.Min(r => r.Value), all.Max(r => r.Value), all.MinBy(r => (long)r.Value / 10)!.Seq,
                all.MaxBy(r => (long)r.Value / 10)!.Seq)),
            Rows(tables, "ends"));
        Assert.Equal(
            Lines(windows, all => Expected.Line(
                all.Average(r => r.Seq), Add(all) / all.Count, Math.Round(all.Average(r => (decimal)r.Seq), 20),
                all[^1].Seq)),
            Rows(tables, "means", row => Expected.Line(row[3], row[4], Math.Round((decimal)row[5]!, 20), row[6])));

        static double Add(List<Reading> all) => all.Aggregate(0.0, (sum, reading) => sum + reading.Value);
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Top_takes_the_first_of_equals_or_all_of_them_O2(int seed, bool complete)
    {
        var (windows, tables) = Run(seed, complete);

        Assert.Equal(
            Lines(windows, all => string.Join(',', Ranked(all).Take(3).Select(r => r.Seq))),
            Rows(tables, "three", Seqs));
        Assert.Equal(
            Lines(windows, all =>
            {
                var least = Ranked(all).Take(3).Min(r => (long)r.Value / 10);
                return string.Join(',', Ranked(all).Where(r => (long)r.Value / 10 >= least).Select(r => r.Seq));
            }),
            Rows(tables, "all", Seqs));

        static IEnumerable<Reading> Ranked(List<Reading> all) => all.OrderByDescending(r => (long)r.Value / 10);

        static string Seqs(object?[] row) => string.Join(',', JsonDocument.Parse((string)row[3]!).RootElement
            .EnumerateArray().Select(reading => reading.GetProperty("seq").GetInt64()));
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Sketches_in_a_job_stay_within_their_error_O2(int seed, bool complete)
    {
        var (windows, tables) = Run(seed, complete);
        var rows = tables.Rows("sketched").ToDictionary(row => $"{row[0]} {Expected.Ticks(row[1])}");

        Assert.Equal(windows.Count, rows.Count);
        foreach (var (device, start, _, _, all) in windows)
        {
            var row = rows[$"{device} {start}"];
            var different = all.Select(r => (long)r.Value).Distinct().Count();
            Assert.Equal((long)different, row[3]);
            Assert.InRange((long)row[4]!, different * 0.7, different * 1.3);
            var values = all.Select(r => r.Value).Order().ToList();
            foreach (var (quantile, column) in new[] { (0.0, 5), (0.5, 6), (0.999, 7) })
            {
                var exact = values[(int)Math.Floor(quantile * (values.Count - 1))];
                Assert.InRange((double)row[column]!, exact * 0.98, exact * 1.02);
            }
        }
    }

    [Fact]
    public void Latest_is_the_last_value_in_order_of_the_sequence_O2()
    {
        var sequence = Sequence.Random(7, 900, 2, complete: false);
        var tables = Machine.Run(GoldenJobs.Aggregates, sequence, 2, () => 5);

        Assert.Equal(
            Expected.Lines(sequence.Readings.GroupBy(pair => pair.Reading.Device)
                .Select(group => Expected.Line(group.Key, group.Last().Reading.Seq))),
            Expected.Lines(tables.Rows("latest").Select(row => Expected.Line(row[0], row[3]))));
    }

    [Fact]
    public void A_sum_that_overflows_makes_a_dead_letter_and_stays_what_it_was_O6()
    {
        var job = Job.Define("sums", flow => flow.From<Reading>("readings", eventTime: reading => reading.At)
            .KeyBy(reading => reading.Device).Aggregate(Aggregate.Sum((Reading reading) => reading.Seq))
                .ToTable("sum"));
        var tables = Machine.Straight(job, Fixed.Of(
            false, new("a", Sequence.Origin, long.MaxValue, 0), new("a", Sequence.Origin, 1, 0)));

        Assert.Equal(long.MaxValue, tables.Rows("sum").Single()[1]);
        Assert.StartsWith("OverflowException", (string)tables.Rows("sums.dead").Single()[^1]!,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_result_that_is_null_has_no_row_and_does_not_flow_on_but_its_state_stays_O2()
    {
        var third = new Aggregation<Reading, long, Reached?>(
            0, (count, _) => count + 1, count => count == 3 ? null : new Reached(count));
        var job = Job.Define("thirds", flow =>
        {
            var counts = flow.From<Reading>("readings", eventTime: reading => reading.At)
                .KeyBy(reading => reading.Device).Aggregate(third);
            counts.ToTable("counts");
            counts.KeyBy(_ => "all").Aggregate("", (trace, count) => trace + count!.Count).ToTable("trace");
        });
        var at = Sequence.Origin;

        Assert.Empty(Machine.Straight(job, Fixed.Of(at, at, at)).Rows("counts"));
        var tables = Machine.Straight(job, Fixed.Of(at, at, at, at));
        Assert.Equal(4L, tables.Rows("counts").Single()[1]);
        Assert.Equal("124", tables.Rows("trace").Single()[1]);
    }

    [Fact]
    public void A_result_that_throws_undoes_the_value_of_a_running_aggregate_whenever_rows_are_written_O6()
    {
        var job = Job.Define("odd", flow => flow.From<Reading>("readings", eventTime: reading => reading.At)
            .KeyBy(reading => reading.Device).Aggregate(Failing(2)).ToTable("counts"));
        var sequence = Fixed.Of([.. Enumerable.Repeat(Sequence.Origin, 4)]);

        // The second value is refused each time anew, as the state stays at one.
        foreach (var steps in new[] { 1, 4 })
        {
            var tables = Machine.Run(job, sequence, 1, () => steps);
            Assert.Equal(1L, tables.Rows("counts").Single()[1]);
            Assert.Equal(3, tables.Rows("odd.dead").Count);
        }
    }

    [Fact]
    public void A_result_that_throws_when_a_window_closes_is_a_dead_letter_of_the_closing_O6()
    {
        var job = Job.Define("odd", flow => flow.From<Reading>("readings", eventTime: reading => reading.At)
            .KeyBy(reading => reading.Device).Window(Window.Tumbling(TimeSpan.FromMinutes(1)))
            .Aggregate(Failing(2)).ToTable("counts"));
        var at = Sequence.Origin;
        foreach (var steps in new[] { 1, 7 })
        {
            var tables = Machine.Run(
                job, Fixed.Of(at, at, at.AddMinutes(1), at.AddMinutes(1), at.AddMinutes(1), at.AddMinutes(2)), 1,
                () => steps);

            Assert.Equal(
                ["01:00 3 True", "02:00 1 False"],
                tables.Rows("counts").Select(row => FormattableString.Invariant(
                    $"{(DateTimeOffset)row[1]!:mm:ss} {row[3]} {row[4]}")));
            Assert.Contains("no 2", (string)Assert.Single(tables.Rows("odd.dead"))[^1]!, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void What_cannot_be_aggregated_is_refused_with_what_to_write_instead()
    {
        foreach (var wrong in new Action[]
        {
            () => Aggregate.Top(0, (Reading reading) => reading.Seq),
            () => Aggregate.Percentile((Reading reading) => reading.Value, 101),
            () => Aggregate.Percentile((Reading reading) => reading.Value, double.NaN),
            () => Aggregate.Percentiles((Reading reading) => reading.Value, [50], 0),
            () => Aggregate.ApproximateDistinctCount((Reading reading) => reading.Seq, 17),
        })
        {
            var error = Assert.Throws<KappaException>(wrong);
            Assert.Equal(ErrorKind.Invalid, error.Kind);
            Assert.StartsWith("Give ", error.Next, StringComparison.Ordinal);
        }
    }

    private static Aggregation<Reading, long, long> Failing(long at) => new(
        0, (count, _) => count + 1, count => count == at ? throw new InvalidOperationException("no " + at) : count);

    private static (List<(string Device, long Start, long End, bool IsFinal, List<Reading> All)>, Tables) Run(
        int seed, bool complete)
    {
        var sequence = Sequence.Random(seed, 1200, 2, complete);
        var windows = Oracle.Windows(sequence, complete, TimeSpan.FromMinutes(1), TimeSpan.Zero, _ => true);
        return (windows, Machine.Run(GoldenJobs.Aggregates, sequence, 3, () => 6));
    }

    private static List<string> Lines(
        List<(string Device, long Start, long End, bool IsFinal, List<Reading> All)> windows,
        Func<List<Reading>, string> result) => Expected.Lines(windows.Select(window =>
            Expected.Line(window.Device, window.Start, window.IsFinal) + " " + result(window.All)));

    private static List<string> Rows(Tables tables, string table, Func<object?[], string>? result = null) =>
        Expected.Lines(tables.Rows(table).Select(row => Expected.Line(row[0], row[1], row[^1]) + " "
            + (result?.Invoke(row) ?? Expected.Line(row[3..^1]))));

    public sealed record Reached(long Count);
}
