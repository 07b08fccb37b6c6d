using Xunit;

namespace Kappa.Streams.Tests.Windows;

/// <summary>Every key's value at every boundary (rules O2, T6, L6).</summary>
public sealed class AsOfTests
{
    private static readonly TimeSpan Step = TimeSpan.FromSeconds(20);

    public static TheoryData<int, bool> Seeds => WindowChoiceTests.Seeds;

    [Theory]
    [MemberData(nameof(Seeds))]
    public void AsOf_gives_each_key_the_fold_over_its_events_before_the_boundary_O2_L6(int seed, bool complete)
    {
        var sequence = Sequence.Random(seed, 1200, 2, complete);
        var (seen, end) = Oracle.Watermarks(sequence, complete);
        var last = sequence.Readings.Max(pair => pair.Reading.At.UtcTicks);
        var ordered = seen.Where(s => s.Time >= s.Before)
            .OrderBy(s => s.Time).ThenBy(s => s.Reading.Seq).ThenBy(s => s.Place).ToList();
        var expected = Enumerable.Range(-100, 400).Select(i => Sequence.Origin.AddSeconds(20 * i).UtcTicks)
            .Where(boundary => boundary <= end && boundary - Step.Ticks <= last)
            .SelectMany(boundary => ordered.Where(s => s.Time < boundary).GroupBy(s => s.Reading.Device)
                .Select(group => Expected.Line(
                    boundary, group.Key, boundary - Step.Ticks, boundary,
                    Oracle.Fold(group.Select(s => s.Reading)).Trace))).ToList();
        var tables = Machine.Run(GoldenJobs.AsOf, sequence, 3, () => 6);

        Assert.True(expected.Count > 50);
        Assert.Equal(Expected.Lines(expected), Expected.Lines(tables.Rows("as-of").Select(Short)));
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void AsOf_behind_changes_of_another_key_still_comes_in_order_of_event_time_O2_T7(int seed, bool complete)
    {
        var sequence = Sequence.Random(seed, 1200, 2, complete);
        var (seen, end) = Oracle.Watermarks(sequence, complete);
        var last = sequence.Readings.Max(pair => pair.Reading.At.UtcTicks);

        // A device with so many readings before the boundary stands in one of five classes, where that is odd.
        var expected = Enumerable.Range(-100, 400).Select(i => Sequence.Origin.AddSeconds(20 * i).UtcTicks)
            .Where(boundary => boundary <= end && boundary - Step.Ticks <= last)
            .SelectMany(boundary =>
            {
                var counts = seen.Where(s => s.Time >= s.Before && s.Time < boundary).GroupBy(s => s.Reading.Device)
                    .Select(group => group.Count()).ToList();
                var classes = counts.SelectMany(count => Enumerable.Range(1, count)).Where(count => count % 2 == 1)
                    .Select(count => count % 5).Distinct();
                return classes.Select(one => Expected.Line(
                    boundary, one, counts.Count(count => count % 2 == 1 && count % 5 == one)));
            });
        var tables = Machine.Run(GoldenJobs.Backlog, sequence, 3, () => 6);

        Assert.Equal(
            Expected.Lines(expected),
            Expected.Lines(tables.Rows("backlog").Select(row => Expected.Line(row[0], row[1], row[^1]))));
    }

    [Fact]
    public void A_key_without_events_keeps_its_value_up_to_the_limit_and_comes_back_with_its_next_event_O2_O6()
    {
        var job = Job.Define("limited", flow => flow.From<Reading>("readings", eventTime: reading => reading.At)
            .KeyBy(reading => reading.Device).InOrder()
            .Aggregate(Aggregate.Count<Reading>()).AsOf(Window.Tumbling(Step), boundariesMax: 2)
            .ToTable("counts", at => (at.Window.End, at.Key)));
        var at = Sequence.Origin;
        var tables = Machine.Straight(job, Fixed.Of(
            ("a", at), ("b", at.AddSeconds(70)), ("b", at.AddSeconds(90)), ("a", at.AddSeconds(110)),
            ("b", at.AddSeconds(121))));

        Assert.Equal(
            [
                "00:20 a 1", "00:40 a 1", "01:20 b 1", "01:40 b 2", "02:00 a 2", "02:00 b 2",
            ],
            tables.Rows("counts").Select(row => FormattableString.Invariant(
                $"{(DateTimeOffset)row[0]!:mm:ss} {row[1]} {row[^1]}")));
        var dead = Assert.Single(tables.Rows("limited.dead"));
        Assert.Contains("no event at 2 boundaries", (string)dead[^1]!, StringComparison.Ordinal);
    }

    [Fact]
    public void A_completed_stream_ends_with_the_first_boundary_after_its_last_event_for_all_keys_L6()
    {
        var at = Sequence.Origin;
        Reading[] readings =
            [new("a", at, 0, 0), new("b", at.AddSeconds(65), 1, 1), new("c", at.AddSeconds(61), 2, 2)];
        var rows = Machine.Straight(GoldenJobs.AsOf, Fixed.Of(complete: true, readings)).Rows("as-of");

        Assert.Equal(
            ["00:20 a", "00:40 a", "01:00 a", "01:20 a", "01:20 b", "01:20 c"],
            rows.Select(row => FormattableString.Invariant($"{(DateTimeOffset)row[0]!:mm:ss} {row[1]}")));
    }

    [Fact]
    public void A_removed_result_is_no_more_at_the_next_boundary_O2()
    {
        var job = Job.Define("removed", flow => flow.From<Reading>("readings", eventTime: reading => reading.At)
            .KeyBy(reading => reading.Device).InOrder()
            .Aggregate((Visit?)Visit.None, (visit, reading) => reading.Seq == 1 ? null : visit!.Add(reading))
            .AsOf(Window.Tumbling(Step)).ToTable("counts", at => (at.Window.End, at.Key)));
        var at = Sequence.Origin;
        var tables = Machine.Straight(job, Fixed.Of(at, at.AddSeconds(25), at.AddSeconds(60), at.AddSeconds(80)));

        Assert.Equal(
            ["00:20", "01:20"],
            tables.Rows("counts").Select(row => FormattableString.Invariant($"{(DateTimeOffset)row[0]!:mm:ss}")));
    }

    // Columns: end and key of the row; then key, window and value of what flowed.
    private static string Short(object?[] row)
    {
        var window = System.Text.Json.JsonDocument.Parse((string)row[3]!).RootElement;
        var value = System.Text.Json.JsonDocument.Parse((string)row[4]!).RootElement;
        return Expected.Line(
            row[0], row[1], window.GetProperty("start").GetDateTimeOffset(),
            window.GetProperty("end").GetDateTimeOffset(), value.GetProperty("trace").GetInt64());
    }
}
