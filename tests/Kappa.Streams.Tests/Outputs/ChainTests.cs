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

    private static EventStream<Reading> Readings(Flow flow) =>
        flow.From<Reading>("readings", eventTime: reading => reading.At, lateness: TimeSpan.FromSeconds(30),
            maxAhead: TimeSpan.FromDays(3650));
}
