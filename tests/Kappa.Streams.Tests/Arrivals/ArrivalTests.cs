using System.Globalization;
using Xunit;

namespace Kappa.Streams.Tests.Arrivals;

/// <summary>
/// Records that arrive in another order, within the lateness, or over other partitions make another log, and yet the
/// same final rows, where the job does not ask for the order of arrival (rules T1, T4, T9, O1, O3). Exact types are
/// equal, doubles to 1e-9.
/// </summary>
public sealed class ArrivalTests
{
    private const int Records = 400;

    /// <summary>Below the least lateness of what is compared, 10 s.</summary>
    private const double DelayMax = 9;

    public static TheoryData<string> Jobs => [.. ArrivalFree.All.Select(table => table.Job).Distinct()];

    [Theory]
    [MemberData(nameof(Jobs))]
    public void Shuffled_within_its_lateness_or_split_over_partitions_an_input_gives_the_same_rows_T1_T9(string name)
    {
        var job = GoldenJobs.All.Single(job => job.Name == name);
        var happened = Happened(seed: 3);
        var expected = Machine.Straight(job, Arrive(happened, seed: 0, partitions: 1, delay: 0));
        Assert.All(
            ArrivalFree.All.Where(table => table.Job == name),
            table => Assert.NotEmpty(expected.Rows(table.Table)));
        foreach (var (seed, partitions) in new[] { (1, 1), (2, 2), (3, 8) })
        {
            var got = Machine.Run(job, Arrive(happened, seed, partitions, DelayMax), 2, () => 7);
            foreach (var table in ArrivalFree.All.Where(table => table.Job == name))
            {
                Same(job, table, expected, got, $"seed {seed}, {partitions} partition(s)");
            }

            Assert.Equal(expected.Rows(name + ".dead").Count, got.Rows(name + ".dead").Count);
            if (name != StreamJobs.Retimed.Name)
            {
                Assert.Empty(expected.Rows(name + ".late"));
                Assert.Empty(got.Rows(name + ".late"));
            }
        }
    }

    [Fact]
    public void What_follows_the_order_of_arrival_is_another_when_the_order_is()
    {
        var happened = Happened(seed: 3);
        var straight = Machine.Straight(GoldenJobs.Minutes, Arrive(happened, 0, 1, delay: 0));
        var shuffled = Machine.Straight(GoldenJobs.Minutes, Arrive(happened, 1, 1, DelayMax));

        Assert.NotEqual(straight.Digest(), shuffled.Digest());
    }

    [Fact]
    public void Every_table_of_a_golden_job_is_compared_or_excluded_with_a_reason()
    {
        var tables = GoldenJobs.All.SelectMany(job => job.Build().Tables
            .Where(table => table.Name != job.Name + ".late" && table.Name != job.Name + ".dead")
            .Select(table => job.Name + "/" + table.Name));

        Assert.Equal(
            tables.Order(StringComparer.Ordinal),
            ArrivalFree.All.Select(table => table.Job + "/" + table.Table).Concat(ArrivalFree.Excluded.Keys)
                .Order(StringComparer.Ordinal));
    }

    /// <summary>Readings in order of event time, no two at one time but those that come twice.</summary>
    private static List<Reading> Happened(int seed)
    {
        var random = new Random(seed);
        List<Reading> happened = [];
        for (var n = 0; n < Records; n++)
        {
            happened.Add(new Reading(
                "d" + random.Next(5), Sequence.Origin.AddMilliseconds((n * 250) + random.Next(250)), n,
                Math.Round(random.NextDouble() * 100, 3)));
            if (random.Next(15) == 0)
            {
                happened.Add(happened[random.Next(Math.Max(0, n - 20), happened.Count)]);
            }
        }

        return [.. happened.OrderBy(reading => reading.At)];
    }

    /// <summary>
    /// A log of them: each partition keeps its order of arrival and lags behind by a time of its own.
    /// </summary>
    private static Sequence Arrive(List<Reading> happened, int seed, int partitions, double delay)
    {
        var random = new Random(seed);
        var lags = Enumerable.Range(0, partitions).Select(_ => random.NextDouble() * delay / 2).ToArray();
        var arrivals = happened
            .Select(reading => (Reading: reading, Partition: random.Next(partitions)))
            .OrderBy(one => one.Reading.At.AddSeconds(lags[one.Partition] + (random.NextDouble() * delay / 2)))
            .ToList();
        var sequence = new Sequence();
        var logTime = Sequence.Origin.AddDays(1).UtcTicks;
        for (var at = 0; at < arrivals.Count;)
        {
            // A batch is of one partition.
            var partition = arrivals[at].Partition;
            var batch = arrivals.Skip(at).Take(random.Next(1, 9)).TakeWhile(one => one.Partition == partition).ToList();
            logTime += random.Next(1, 10_000);
            sequence.Add("readings", partition, logTime, [.. batch.Select(one => one.Reading)]);
            at += batch.Count;
        }

        sequence.Clock(new Log.ClockRecord(Log.ClockKind.Complete, "readings"), logTime + 5);
        return sequence;
    }

    private static void Same(Job job, ArrivalFree table, Tables expected, Tables got, string how)
    {
        var columns = job.Build().Tables.Single(schema => schema.Name == table.Table).Columns.ToList();
        var compared = Enumerable.Range(0, columns.Count).Where(at => !table.Without.Contains(columns[at].Name))
            .ToList();
        Assert.True(table.Without.All(name => columns.Any(column => column.Name == name)), table.ToString());
        var (left, right) = (expected.Rows(table.Table), got.Rows(table.Table));
        var differing = left.Zip(right).Where(pair => !compared.All(at => Same(pair.First[at], pair.Second[at])))
            .Select(pair => $"- {Text(pair.First)}\n+ {Text(pair.Second)}").FirstOrDefault();
        Assert.True(
            differing is null && left.Count == right.Count,
            $"{table.Job}, table {table.Table}, {how}: {left.Count} and {right.Count} rows\n{differing}");
    }

    private static bool Same(object? left, object? right) => (left, right) switch
    {
        (double one, double other) => Math.Abs(one - other) <= 1e-9 * Math.Max(1, Math.Abs(one)),
        _ => Equals(left, right),
    };

    private static string Text(object?[] row) => string.Join(
        " | ", row.Select(value => Convert.ToString(value, CultureInfo.InvariantCulture)));
}
