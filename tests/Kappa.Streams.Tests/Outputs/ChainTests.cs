using Kappa.Log;
using Kappa.Tables;
using Kappa.Tables.Loop;
using Xunit;

namespace Kappa.Streams.Tests.Outputs;

/// <summary>Jobs that read what other jobs say, over the real log and store (rules E1 and E2).</summary>
public sealed class ChainTests
{
    private static readonly Job Detect = Job.Define("detect", flow => Readings(flow)
        .Where(reading => reading.Value >= 30)
        .SelectMany(reading => Enumerable.Range(0, (int)(reading.Seq % 3)).Select(i => reading with { Seq = i }))
        .ToTopic("alerts", reading => reading.Device));

    private static readonly Job Count = Job.Define("count", flow =>
    {
        // What is said and what it was said about, in one order: a trace of both shows it.
        var alerts = flow.From<Reading>(
            "alerts", eventTime: reading => reading.At, lateness: TimeSpan.FromSeconds(30),
            maxAhead: TimeSpan.FromDays(3650)).KeyBy(reading => reading.Device);
        alerts.Aggregate(Total.None, (total, reading) => total.Add(reading)).ToTable("counts");
        alerts.Aggregate(Total.None, (total, reading) => total.Add(reading)).ToTopic("traces", total => total.Count);
        Readings(flow).KeyBy(reading => reading.Device)
            .Aggregate(Total.None, (total, reading) => total.Add(reading)).ToTopic("plain");
    });

    private static readonly Job Last = Job.Define("last", flow => flow.From<Total>("traces")
        .KeyBy(total => total.Count % 5)
        .Aggregate(0L, (sum, total) => unchecked((sum * 31) + total.Trace)).ToTable("lasts"));

    [Fact]
    public async Task A_chain_of_jobs_ends_in_the_same_bytes_live_restarted_and_reprocessed_E1_E2_P2()
    {
        var readings = Sequence.Random(41, 1200, 2, complete: false).Readings.Select(pair => pair.Reading).ToList();
        using var folder = new TemporaryFolder();
        var code = new Dictionary<JobVersion, Job>();
        JobVersion detect, count, last;
        await using (var house = await House.OpenAsync(folder.Path, code, workers: 2, stepRecords: 40))
        {
            (detect, count, last) =
                (await house.MakeAsync(Detect), await house.MakeAsync(Count), await house.MakeAsync(Last));
            await house.AppendAsync(readings[..400]);
            await house.CaughtUpAsync(last);
        }

        for (var i = 1; i <= 2; i++)
        {
            if (i == 2)
            {
                Directory.Delete(Path.Combine(folder.Path, "state"), recursive: true);
            }

            await using var house = await House.OpenAsync(folder.Path, code, workers: 1 + i, stepRecords: 13 * i);
            await house.AppendAsync(readings[(400 * i)..(400 * (i + 1))]);
            await house.CaughtUpAsync(last);
            Assert.Empty(house.Reports);
        }

        await using (var house = await House.OpenAsync(folder.Path, code, workers: 1, stepRecords: 100_000))
        {
            // Everything again, at once, from the versions there are and from new ones.
            var countAgain = await house.MakeAsync(Count);
            await house.StateAsync(countAgain, VersionState.Ready);
            await house.CaughtUpAsync(countAgain);
            Assert.Equal(await house.DigestAsync(count), await house.DigestAsync(countAgain));
            Assert.Equal(await house.SaidAsync("traces@1"), await house.SaidAsync("traces@2"));
            Assert.Equal(await house.SaidAsync("plain@1"), await house.SaidAsync("plain@2"));
            var detectAgain = await house.MakeAsync(Detect);
            await house.CaughtUpAsync(detectAgain);
            Assert.Equal(await house.SaidAsync("alerts@1"), await house.SaidAsync("alerts@2"));
            var lastAgain = await house.MakeAsync(Last);
            await house.CaughtUpAsync(lastAgain);
            Assert.Equal(await house.DigestAsync(last), await house.DigestAsync(lastAgain));

            // An oracle without an engine: each reading of 30 and more is said (seq modulo 3) times.
            var expected = readings.Where(reading => reading.Value >= 30).Sum(reading => reading.Seq % 3);
            Assert.Equal(expected, (await house.SaidAsync("alerts@1")).Count);
            Assert.Equal(expected, (await house.SaidAsync("traces@1")).Count);
            Assert.True(expected > 100);
        }
    }

    /// <summary>
    /// Windows over windows over two topics: nothing closes the last ones but the completion of both, however the
    /// versions were stopped around it.
    /// </summary>
    [Fact]
    public async Task What_a_job_says_of_complete_topics_is_complete_for_its_readers_E2_L6()
    {
        var readings = Sequence.Random(43, 600, 1, complete: false).Readings.Select(pair => pair.Reading).ToList();
        var expected = readings.GroupBy(reading => reading.At.UtcTicks / (10 * TimeSpan.TicksPerSecond))
            .GroupBy(ten => ten.Key / 3, ten => (long)ten.Count())
            .ToDictionary(group => group.Key, group => group.Sum());
        foreach (var stop in new[] { "never", "before", "between", "after" })
        {
            using var folder = new TemporaryFolder();
            var code = new Dictionary<JobVersion, Job>();
            JobVersion sums;
            await using (var house = await House.OpenAsync(folder.Path, code, workers: 2, stepRecords: 40))
            {
                await house.MakeAsync(Tens);
                await house.MakeAsync(Passed);
                sums = await house.MakeAsync(Thirds);
                await house.AppendAsync(readings);
                await house.CaughtUpAsync(sums);
                if (stop == "never")
                {
                    await CompleteAsync(house, "readings", "others");
                }
                else if (stop != "before")
                {
                    await CompleteAsync(house, stop == "after" ? ["readings", "others"] : ["readings"]);
                    await house.CaughtUpAsync(sums);
                }
            }

            await using var again = await House.OpenAsync(folder.Path, code, workers: 1, stepRecords: 7);
            await CompleteAsync(again, "readings", "others");
            await again.CaughtUpAsync(sums);
            await using var snapshot = await again.Store.ReadAsync(sums, CancellationToken.None);
            var rows = new Dictionary<long, long>();
            var schema = snapshot.Tables.Single(table => table.Name == "thirds");
            var final = schema.Key.Concat(schema.Values).ToList().FindIndex(column => column.Name == "is_final");
            await foreach (var row in snapshot.RowsAsync("thirds", KeyRange.All, CancellationToken.None))
            {
                var values = RowReader.ReadAll(schema, row);
                Assert.Equal((true, stop), (values[final], stop));
                var start = values.OfType<DateTimeOffset>().Min();
                rows.Add(start.UtcTicks / (30 * TimeSpan.TicksPerSecond), values.OfType<long>().Single());
            }

            Assert.True(expected.Count > 3);
            Assert.Equal(expected.OrderBy(pair => pair.Key), rows.OrderBy(pair => pair.Key));
            Assert.Empty(again.Reports);
        }
    }

    private static readonly Job Tens = Job.Define("tens", flow =>
    {
        var others = flow.From<Reading>("others", eventTime: reading => reading.At, lateness: TimeSpan.Zero);
        others.KeyBy(reading => reading.Device).Aggregate(0L, (count, _) => count + 1).ToTable("others");
        flow.From<Reading>("readings", eventTime: reading => reading.At, lateness: TimeSpan.FromHours(1))
            .Window(Window.Tumbling(TimeSpan.FromSeconds(10)))
            .Aggregate(0L, (count, _) => count + 1).ToTopic("tens");
    });

    private static readonly Job Passed = Job.Define("passed", flow => flow
        .From<Counted>("tens", eventTime: one => one.Window.Start, lateness: TimeSpan.Zero)
        .ToTopic("passed"));

    private static readonly Job Thirds = Job.Define("thirds", flow => flow
        .From<Counted>("passed", eventTime: one => one.Window.Start, lateness: TimeSpan.Zero)
        .Window(Window.Tumbling(TimeSpan.FromSeconds(30)))
        .Aggregate(0L, (sum, one) => sum + one.Value).ToTable("thirds"));

    private static async Task CompleteAsync(House house, params string[] topics)
    {
        foreach (var topic in topics.Where(topic => !house.Log.Topics.Single(one => one.Name == topic).IsComplete))
        {
            await house.Log.ChangeAsync(new CompleteTopic(topic), CancellationToken.None);
        }
    }

    internal sealed record Counted(Bounds Window, long Value);

    internal sealed record Bounds(DateTimeOffset Start, DateTimeOffset End);

    private static EventStream<Reading> Readings(Flow flow) =>
        flow.From<Reading>("readings", eventTime: reading => reading.At, lateness: TimeSpan.FromSeconds(30),
            maxAhead: TimeSpan.FromDays(3650));
}
