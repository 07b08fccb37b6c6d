using Xunit;

namespace Kappa.Streams.Tests.Windows;

/// <summary>Windows without a key, by key, and the same again, against LINQ (rule O1).</summary>
public sealed class WindowChoiceTests
{
    public static TheoryData<int, bool> Seeds
    {
        get
        {
            var data = new TheoryData<int, bool>();
            for (var seed = 51; seed < 59; seed++)
            {
                data.Add(seed, seed % 2 == 0);
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void The_same_windows_again_hold_the_final_results_of_all_keys_O1_T6(int seed, bool complete)
    {
        var sequence = Sequence.Random(seed, 1200, 2, complete);
        var (seen, end) = Oracle.Watermarks(sequence, complete);
        var starts = Enumerable.Range(-60, 200)
            .Select(i => Sequence.Origin.AddSeconds(20 * i).UtcTicks);
        var minute = TimeSpan.FromMinutes(1).Ticks;
        var busiest = starts.SelectMany(start =>
        {
            var counts = seen
                .Where(s => s.Time >= start && s.Time < start + minute && start + minute > s.Before)
                .GroupBy(s => s.Reading.Device).Select(group => (Device: group.Key, Count: group.Count())).ToList();
            return start + minute > end ? [] : counts.Where(count => count.Count == counts.Max(other => other.Count))
                .Select(count => (start + minute, count.Device, count.Count));
        }).ToList();
        var tables = Machine.Run(GoldenJobs.Same, sequence, 3, () => 6);

        Assert.True(busiest.Count > 5);
        Assert.Equal(
            Expected.Lines(busiest.Select(top => Expected.Line(top.Item1, top.Device, top.Count))),
            Expected.Lines(tables.Rows("busiest").Select(row => Expected.Line(row[0], row[1], row[^1]))));
        Assert.All(tables.Rows("most"), row => Assert.Equal(true, row[^1]));
        Assert.DoesNotContain(
            tables.Rows("same.late"), row => ((string)row[2]!).StartsWith("4:", StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void A_window_without_a_key_takes_all_values_and_its_row_key_is_the_window_O1(int seed, bool complete)
    {
        var sequence = Sequence.Random(seed, 1200, 2, complete);
        var (seen, end) = Oracle.Watermarks(sequence, complete);
        var minute = TimeSpan.FromMinutes(1).Ticks;
        var expected = seen
            .Select(s => (s, Start: s.Time - ((s.Time - DateTime.UnixEpoch.Ticks) % minute)))
            .Where(pair => pair.Start + minute > pair.s.Before).GroupBy(pair => pair.Start)
            .Select(group => Expected.Line(
                group.Key, group.Key + minute,
                string.Join(',', group.Select(pair => pair.s.Reading).OrderByDescending(reading => reading.Value)
                    .Take(3).Select(reading => reading.Seq)), group.Key + minute <= end));
        var tables = Machine.Run(GoldenJobs.Same, sequence, 3, () => 6);

        Assert.Equal(
            Expected.Lines(expected),
            Expected.Lines(tables.Rows("top").Select(row => Expected.Line(row[0], row[1], string.Join(
                ',', System.Text.Json.JsonDocument.Parse((string)row[2]!).RootElement.EnumerateArray()
                    .Select(reading => reading.GetProperty("seq").GetInt64())), row[3]))));
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Windows_chosen_by_the_key_are_those_of_the_key_and_close_with_one_grace_O1_T4_T5(
        int seed, bool complete)
    {
        var sequence = Sequence.Random(seed, 1200, 2, complete);
        var (seen, end) = Oracle.Watermarks(sequence, complete);
        var grace = TimeSpan.FromSeconds(5).Ticks;
        var keyed = seen.Select(s => (s, Key: s.Reading.Seq % 397 == 0 ? "x" : s.Reading.Seq % 401 == 0 ? "y"
            : s.Reading.Device)).ToList();
        var expected = keyed.Where(pair => pair.Key is not ("x" or "y"))
            .SelectMany(pair => Starts(pair.Key, pair.s.Time).Select(window => (pair.s, pair.Key, window)))
            .Where(pair => pair.window.End + grace > pair.s.Before)
            .GroupBy(pair => (pair.Key, pair.window))
            .Select(group => Expected.Line(group.Key.Key, group.Key.window.Start, group.Key.window.End)
                + " " + Expected.Line(Oracle.Fold(group.Select(pair => pair.s.Reading)))
                + " " + (group.Key.window.End + grace <= end));
        var tables = Machine.Run(GoldenJobs.ByKey, sequence, 3, () => 6);

        Assert.Equal(Expected.Lines(expected), Expected.Lines(tables.Rows("by-key")));
        var dead = tables.Rows("by-key.dead").Select(row => (string)row[^1]!).ToList();
        Assert.Equal(keyed.Count(pair => pair.Key == "x"), dead.Count(error => error.EndsWith("no window for x",
            StringComparison.Ordinal)));
        Assert.Equal(keyed.Count(pair => pair.Key == "y"), dead.Count(error => error.Contains("chosen can be tumbling",
            StringComparison.Ordinal)));
    }

    private static IEnumerable<(long Start, long End)> Starts(string key, long time)
    {
        var (size, every) = key switch { "d0" => (20, 10), "d3" => (30, 30), _ => (60, 60) };
        var first = Sequence.Origin.AddHours(-1);
        return Enumerable.Range(0, 7200 / every * 2)
            .Select(i => (first.AddSeconds(i * every).UtcTicks, first.AddSeconds((i * every) + size).UtcTicks))
            .Where(window => window.Item1 <= time && time < window.Item2);
    }
}
