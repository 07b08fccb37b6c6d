extern alias v2;

using System.Text.Json;
using Kappa.Streams;
using Kappa.Tables;
using Kappa.Tables.Loop;
using Xunit;

namespace Kappa.Golden.Tests;

/// <summary>
/// The sample's two versions over the real log and SQLite: workers and step sizes leave no trace in any table, and the
/// same code again gives an empty diff (promises P1 and P2, rule T8).
/// </summary>
public sealed class DeterminismTests
{
    private static readonly Job First = ConnectedCar.Jobs.Driving;
    private static readonly Job Second = v2::ConnectedCar.Jobs.Driving;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(8)]
    public async Task One_log_gives_one_checksum_for_any_workers_and_steps_P1_P2_T8(int partitions)
    {
        var feed = FleetFeed.Of(cars: 6, minutes: 60, seed: 7);
        Assert.True(
            feed.Late >= 10 && feed.Duplicates >= 10 && feed.OutOfOrder >= 1000,
            $"seed 7: {feed.Late} late, {feed.Duplicates} duplicates, {feed.OutOfOrder} out of order");
        using var folder = new TemporaryFolder();
        await using var house = await House.OpenAsync(folder.Path, CodeOf);
        await AppendAsync(house, feed, partitions);

        string one, two;
        await using (var run = await house.RunAsync("straight", workers: 1, stepRecords: 100))
        {
            var v1 = await run.MakeAsync(First);
            await run.StateAsync(v1, VersionState.Live);
            var v2 = await run.MakeAsync(Second);
            await run.StateAsync(v2, VersionState.Ready);
            (one, two) = await DigestsAsync(run);
            Assert.NotEqual(one, two);
            await TripsAreThoseOfTheOracleAsync(house, run, v2);
        }

        foreach (var (workers, steps) in new[] { (1, 1), (1, 16_384), (4, 1), (4, 100), (4, 16_384) })
        {
            await using var run = await house.RunAsync($"w{workers}-s{steps}", workers, steps);
            var (again, againTwo) = await DigestsAsync(run);
            Assert.True(one == again, $"v1, workers {workers}, steps {steps}:\n{one}\n{again}");
            Assert.True(two == againTwo, $"v2, workers {workers}, steps {steps}:\n{two}\n{againTwo}");
            Assert.Empty(run.Reports);
        }

        await ReprocessingTheSameCodeGivesAnEmptyDiffAsync(house, two);
    }

    private static async Task ReprocessingTheSameCodeGivesAnEmptyDiffAsync(House house, string expected)
    {
        var (v1, v2) = (new JobVersion("driving", 1), new JobVersion("driving", 2));
        await using var run = await house.RunAsync("straight", workers: 4, stepRecords: 77);
        Assert.False((await run.DiffAsync(v1, v2)).IsSame);
        await run.SwitchAsync(v2);
        var v3 = await run.MakeAsync(Second);
        await run.StateAsync(v3, VersionState.Ready);

        var diff = await run.DiffAsync(v2, v3);

        Assert.True(diff.IsSame, string.Join('\n', diff.Tables.Where(table => !table.IsSame)));
        Assert.True(diff.Tables.Single(table => table.Table == "trips").Same > 5);
        Assert.True(diff.Tables.Single(table => table.Table == "driving.late").Same >= 10);
        Assert.Equal(expected, await run.DigestAsync(v3));
    }

    private static async Task TripsAreThoseOfTheOracleAsync(House house, Run run, JobVersion version)
    {
        var expected = TripOracle.Of(house.Log);
        var rows = (await run.RowsAsync(version, "trips")).Select(row => JsonDocument.Parse(row).RootElement).ToList();

        Assert.Equal(expected.Late, (await run.RowsAsync(version, "driving.late")).Length);
        Assert.Equal(
            expected.Trips.Select(trip => (trip.Key, trip.Value.Samples)),
            rows.Select(row => ($"{row[0]} {row[1]}", row[7].GetInt64()))
                .OrderBy(row => row.Item1, StringComparer.Ordinal));
        foreach (var row in rows)
        {
            Assert.Equal(expected.Trips[$"{row[0]} {row[1]}"].DistanceKm, row[4].GetDouble(), 9);
        }
    }

    private static async Task<(string One, string Two)> DigestsAsync(Run run)
    {
        var (one, two) = (new JobVersion("driving", 1), new JobVersion("driving", 2));
        await run.CaughtUpAsync(one);
        await run.CaughtUpAsync(two);
        return (await run.DigestAsync(one), await run.DigestAsync(two));
    }

    private static async Task AppendAsync(House house, FleetFeed feed, int partitions)
    {
        await house.TopicAsync("telemetry", partitions);
        foreach (var chunk in feed.Lines.Chunk(60))
        {
            await house.AppendAsync("telemetry", [.. chunk.Select(line => (line.Sample.Device, line.Json))]);
        }

        await house.CompleteAsync("telemetry");
    }

    private static Job CodeOf(JobVersion version) => version.Number == 1 ? First : Second;
}
