using Kappa.Tables;
using Kappa.Tables.Loop;
using Xunit;

namespace Kappa.Streams.Tests;

/// <summary>
/// Every golden job over the embedded log and SQLite, in four modes that must end in the same bytes (promise P2):
/// straight; stopped and resumed with other workers; broken at commits; reprocessed, with an empty diff. The first two
/// read the log itself, the others its twins (rule L11).
/// </summary>
public sealed class GoldenTests
{
    public static TheoryData<string> Jobs => [.. GoldenJobs.All.Select(job => job.Name)];

    [Theory]
    [MemberData(nameof(Jobs))]
    public async Task A_job_ends_in_the_same_tables_in_four_modes_P2_C1_C2_L11(string name)
    {
        var job = GoldenJobs.All.Single(job => job.Name == name);
        var readings = Sequence.Random(77, 1600, 2, complete: false).Readings.Select(pair => pair.Reading).ToList();
        using var folder = new TemporaryFolder();
        var code = new Dictionary<JobVersion, Job>();
        JobVersion first;
        string straight;
        await using (var house = await House.OpenAsync(folder.Path, code, workers: 1, isProjecting: true))
        {
            await house.TopicsAsync(job);
            await house.AppendAsync(readings[..200]);
            first = await house.MakeAsync(job);
            await house.AppendAsync(readings[200..400]);
        }

        // Stopped and resumed: each time with other workers and other steps, once without any state file.
        for (var i = 1; i <= 3; i++)
        {
            if (i == 2)
            {
                Directory.Delete(Path.Combine(folder.Path, "state"), recursive: true);
            }

            await using var house = await House.OpenAsync(
                folder.Path, code, workers: 1 + i, stepRecords: 50 * i, isProjecting: true);
            await house.AppendAsync(readings[(400 * i)..(400 * (i + 1))]);
            await house.CaughtUpAsync(first);
            Assert.Empty(house.Reports);
        }

        BreakingStore? breaking = null;
        await using (var house = await House.OpenAsync(
            folder.Path, code, 2, 70, 9_000, store => breaking = new BreakingStore(store, 5),
            isProjecting: true))
        {
            await house.Log.ChangeAsync(new Kappa.Log.CompleteTopic("readings"), CancellationToken.None);
            await house.CaughtUpAsync(first);
            await house.ProjectAsync();
            var broken = await house.MakeAsync(job);
            await house.StateAsync(broken, VersionState.Ready);
            await house.CaughtUpAsync(first);
            await house.CaughtUpAsync(broken);
        }

        await using (var house = await House.OpenAsync(folder.Path, code, workers: 1, stepRecords: 1_000_000,
            isProjecting: true))
        {
            Assert.True(house.Log.ProjectionsOf("readings").Count >= 2);
            var again = await house.MakeAsync(job);
            await house.StateAsync(again, VersionState.Ready);
            var diff = await house.DiffAsync(first, again);
            straight = await house.DigestAsync(again);

            Assert.True(diff.IsSame, string.Join('\n', diff.Tables.Where(table => !table.IsSame)));
            Assert.True(diff.Tables.Sum(table => table.Same) > 0);
            Assert.Equal(straight, await house.DigestAsync(first));
            Assert.Equal(straight, await house.DigestAsync(new JobVersion(job.Name, 2)));
        }

        Assert.True(breaking!.Broken > 0);
    }
}
