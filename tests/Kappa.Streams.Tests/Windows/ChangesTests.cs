using Xunit;

namespace Kappa.Streams.Tests.Windows;

/// <summary>What changes of results say, and sums over them (rule O1).</summary>
public sealed class ChangesTests
{
    public static TheoryData<int, bool> Seeds => WindowChoiceTests.Seeds;

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Changes_take_the_old_result_back_before_the_new_one_and_a_removed_one_only_back_O1(
        int seed, bool complete)
    {
        var sequence = Sequence.Random(seed, 1200, 2, complete);
        var states = new Dictionary<string, Visit>();
        var thirds = new Dictionary<long, Signed>();
        foreach (var (_, reading) in sequence.Readings)
        {
            if (states.TryGetValue(reading.Device, out var old))
            {
                Note(old, -1);
            }

            if (reading.Seq % 23 == 0)
            {
                states.Remove(reading.Device);
                continue;
            }

            var now = (old ?? Visit.None).Add(reading);
            states[reading.Device] = now;
            Note(now, 1);
        }

        var tables = Machine.Run(GoldenJobs.Changing, sequence, 3, () => 5);

        Assert.Equal(
            Expected.Lines(thirds.Select(pair => Expected.Line(
                pair.Key, pair.Value.Count, pair.Value.Sum, pair.Value.Trace))),
            Expected.Lines(tables.Rows("thirds")));

        void Note(Visit visit, int sign) => thirds[visit.Count % 3] =
            thirds.GetValueOrDefault(visit.Count % 3, Signed.None).Add(visit, sign);
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Sums_over_the_changes_of_windows_are_the_sums_of_their_rows_O1(int seed, bool complete)
    {
        var sequence = Sequence.Random(seed, 1200, 2, complete);
        var tables = Machine.Run(GoldenJobs.Changing, sequence, 3, () => 5);
        var rows = Oracle.Windows(sequence, complete, TimeSpan.FromMinutes(1), TimeSpan.Zero, _ => true);

        Assert.Equal(
            Expected.Lines(rows.GroupBy(row => row.Start).Select(group => Expected.Line(
                group.Key, group.Sum(row => row.Readings.Count), group.Sum(row => row.Readings.Sum(r => r.Seq))))),
            Expected.Lines(tables.Rows("minutes").Select(row => Expected.Line(row[0], row[1], row[2]))));
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void A_session_that_grows_or_merges_is_taken_back_before_the_new_one_is_said_O1(int seed, bool complete)
    {
        var sequence = Sequence.Random(seed, 1200, 2, complete);
        var tables = Machine.Run(GoldenJobs.Changing, sequence, 3, () => 5);
        var late = tables.Rows("changing.late").Count(row => ((string)row[2]!).Contains("Window",
            StringComparison.Ordinal)
            && Expected.Ticks(row[4]) + GoldenJobs.Gap.Ticks == Expected.Ticks(row[^1]));

        Assert.Equal(
            sequence.Readings.Count,
            late + tables.Rows("visits").Sum(row => (long)row[1]!));
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Windows_on_times_without_a_bound_are_never_final_and_never_refuse_O1(int seed, bool complete)
    {
        var sequence = Sequence.Random(seed, 1200, 2, complete);
        var zone = TimeZoneInfo.FindSystemTimeZoneById("Europe/Madrid");
        var expected = sequence.Readings
            .Select(pair => (pair.Reading, Day: TimeZoneInfo.ConvertTime(
                pair.Reading.At.AddHours(-(pair.Reading.Seq % 50)), zone).Date))
            .ToList();
        var tables = Machine.Run(GoldenJobs.Unbounded, sequence, 3, () => 6);

        Assert.Equal(
            Expected.Lines(expected.GroupBy(pair => (pair.Reading.Device, pair.Day)).Select(group => Expected.Line(
                group.Key.Device, new DateTimeOffset(group.Key.Day, zone.GetUtcOffset(group.Key.Day)), group.Count(),
                group.Sum(pair => pair.Reading.Seq), false))),
            Expected.Lines(tables.Rows("days").Select(row => Expected.Line(row[0], row[1], row[3], row[4], row[6]))));
        Assert.Equal(
            Expected.Lines(expected.GroupBy(pair => pair.Day).Select(group => Expected.Line(
                new DateTimeOffset(group.Key, zone.GetUtcOffset(group.Key)), group.Count()))),
            Expected.Lines(tables.Rows("by-day")));
        Assert.Empty(tables.Rows("unbounded.late"));
    }
}
