using Kappa.Tables;
using Kappa.Tables.Loop;
using Xunit;

namespace Kappa.Streams.Tests.Outputs;

/// <summary>
/// Rules E1 and E3 where things break: appends whose outcome nobody knows, commits that fail before or after they were
/// kept, restarts anywhere. What is said is said once, in order, and nothing is left out.
/// </summary>
public sealed class CrashTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Broken_appends_and_commits_leave_no_duplicate_and_no_gap_E1_E3_C2(int seed)
    {
        var readings = Sequence.Random(seed + 90, 900, 2, complete: false).Readings.Select(pair => pair.Reading)
            .ToList();
        var job = OutputJobs.High;
        using var folder = new TemporaryFolder();
        var code = new Dictionary<JobVersion, Job>();
        JobVersion first;
        var (lostBefore, lostAfter, broken) = (0, 0, 0);
        await using (var house = await House.OpenAsync(folder.Path, code, workers: 1))
        {
            first = await house.MakeAsync(job);
            await house.StateAsync(first, VersionState.Live);
        }

        // The topic of the version, the public one, and the store break; now and then everything restarts.
        var random = new Random(seed);
        for (var round = 0; round < 3; round++)
        {
            BreakingLog? log = null;
            BreakingStore? store = null;
            await using var house = await House.OpenAsync(
                folder.Path, code, 1 + round, 60, 9_000, plain => store = new BreakingStore(plain, seed),
                plain => log = new BreakingLog(plain, random, topic => topic.StartsWith("alerts",
                    StringComparison.Ordinal)));
            foreach (var chunk in readings[(300 * round)..(300 * (round + 1))].Chunk(60))
            {
                await house.AppendAsync(chunk);
                await Task.Yield();
            }

            // Left in the middle of it twice.
            if (round == 2)
            {
                await house.CaughtUpAsync(first);
                await house.RelayedAsync("alerts");
            }

            lostBefore += log!.LostBefore;
            lostAfter += log.LostAfter;
            broken += store!.Broken;
        }

        // How many there are depends on how the run cuts its commits; of both kinds there are some.
        Assert.True(lostBefore + lostAfter > 0 && broken > 0, $"{lostBefore} {lostAfter} {broken}");
        await using (var house = await House.OpenAsync(folder.Path, code, workers: 2, stepRecords: 100_000))
        {
            await house.CaughtUpAsync(first);
            var again = await house.MakeAsync(job);
            await house.StateAsync(again, VersionState.Ready);
            await house.CaughtUpAsync(again);
            await house.RelayedAsync("alerts");
            var said = await house.SaidAsync("alerts@1");

            // Version 2 said everything at once and undisturbed; and an oracle without an engine agrees.
            Assert.Equal(await house.SaidAsync("alerts@2"), said);
            Assert.Equal(
                readings.Where(reading => reading.Value >= 60).Select(reading => reading.Seq).Order(),
                said.Select(SeqOf).Order());
            Assert.Equal(said, await house.SaidAsync("alerts"));
            Assert.Empty(house.Reports);
        }
    }

    [Fact]
    public async Task A_crash_between_the_topic_and_the_tables_says_nothing_twice_E1()
    {
        // From some moment on the store refuses every commit: the topic is ahead of the tables by all there is.
        var readings = Sequence.Random(7, 300, 2, complete: false).Readings.Select(pair => pair.Reading).ToList();
        using var folder = new TemporaryFolder();
        var code = new Dictionary<JobVersion, Job>();
        JobVersion version;
        FullStore? store = null;
        await using (var house = await House.OpenAsync(
            folder.Path, code, store: plain => store = new FullStore(plain)))
        {
            version = await house.MakeAsync(OutputJobs.High);
            await house.StateAsync(version, VersionState.Live);

            // The record that made it live ends a step of its own, which has to be committed before.
            await house.CaughtUpAsync(version);
            store!.IsFull = true;
            await house.AppendAsync(readings);
            await UntilAsync(async () => (await house.SaidAsync("alerts@1")).Count
                == readings.Count(reading => reading.Value >= 60));

            // Rule E3: what is not committed is not said to the world.
            Assert.Empty(await house.SaidAsync("alerts"));
        }

        await using var again = await House.OpenAsync(folder.Path, code);
        await again.CaughtUpAsync(version);
        var said = await again.SaidAsync("alerts@1");
        Assert.Equal(readings.Count(reading => reading.Value >= 60), said.Count);
        Assert.Equal(said.Count, said.Distinct().Count());
    }

    [Fact]
    public async Task The_world_hears_each_owner_for_its_stretch_over_switches_and_back_E3_V6()
    {
        var readings = Sequence.Random(19, 600, 2, complete: false).Readings.Select(pair => pair.Reading).ToList();
        using var folder = new TemporaryFolder();
        await using var house = await House.OpenAsync(folder.Path, workers: 2);
        var first = await house.MakeAsync(Says("one"));
        await house.StateAsync(first, VersionState.Live);
        await house.AppendAsync(readings[..200]);
        var second = await house.MakeAsync(Says("two"));
        await house.StateAsync(second, VersionState.Ready);
        await house.SwitchAsync(second);
        await house.AppendAsync(readings[200..400]);
        await house.SwitchAsync(first);
        await house.AppendAsync(readings[400..]);
        await house.CaughtUpAsync(first);
        await house.RelayedAsync("words");

        // Each record is said once, by whoever owned its place; owners are told by the journal alone.
        var owners = house.Journal.Catalog.Owners("says");
        Assert.Equal([first, second, first], owners.Select(owner => owner.Version));
        var said = await house.SaidAsync("words");
        var (one, two) = (await house.SaidAsync("words@1"), await house.SaidAsync("words@2"));
        Assert.Equal(600, said.Count);
        Assert.Equal(one.Select(Id), said.Select(Id));
        Assert.Equal(two.Select(Id), said.Select(Id));
        foreach (var line in said)
        {
            Assert.True(Kappa.Log.Place.TryParse(Id(line)[..Id(line).LastIndexOf('/')], out var place));
            var owner = owners.Last(owner => owner.After < place).Version;
            Assert.EndsWith(owner == first ? "\"one\"" : "\"two\"", line, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("says something else now")]
    [InlineData("was said before and is not now")]
    [InlineData("is said now and was not before")]
    public async Task What_is_said_otherwise_after_a_restart_is_an_alarm_and_not_written_C2(string alarm)
    {
        var readings = Sequence.Random(3, 200, 2, complete: false).Readings.Select(pair => pair.Reading).ToList();
        using var folder = new TemporaryFolder();
        var code = new Dictionary<JobVersion, Job>();
        JobVersion version;
        List<string> said;
        await using (var house = await House.OpenAsync(folder.Path, code))
        {
            version = await house.MakeAsync(Copy(reading => [reading]));
            await house.AppendAsync(readings);
            await house.CaughtUpAsync(version);
            said = await house.SaidAsync("copies@1");
        }

        // The same version with other code: what "not deterministic" looks like.
        var odd = readings[100].Seq;
        code[version] = Copy(reading =>
        {
            if (reading.Seq != odd)
            {
                return [reading];
            }

            return alarm[0] switch { 's' => [reading with { Value = -1 }], 'w' => [], _ => [reading, reading] };
        });
        Directory.Delete(Path.Combine(folder.Path, "state"), recursive: true);
        await using var again = await House.OpenAsync(folder.Path, code);
        await again.AppendAsync(readings[..1]);
        await again.CaughtUpAsync(version);

        Assert.Contains(alarm, again.Versions.ProgressOf(version)!.Error, StringComparison.Ordinal);
        Assert.Equal(said, (await again.SaidAsync("copies@1"))[..^1]);
    }

    private static Job Copy(Func<Reading, Reading[]> copy) => Job.Define(
        "copy", flow => flow.From<Reading>("readings").SelectMany(copy).ToTopic("copies"));

    private static Job Says(string word) => Job.Define(
        "says", flow => flow.From<Reading>("readings").Select(_ => word).ToTopic("words"));

    private static string Id(string line) => line[..line.IndexOf(' ', StringComparison.Ordinal)];

    private static long SeqOf(string line)
    {
        using var value = System.Text.Json.JsonDocument.Parse(line[line.IndexOf('{', StringComparison.Ordinal)..]);
        return value.RootElement.GetProperty("seq").GetInt64();
    }

    private static async Task UntilAsync(Func<Task<bool>> holds)
    {
        var patience = System.Diagnostics.Stopwatch.StartNew();
        while (!await holds())
        {
            Assert.True(patience.Elapsed < TimeSpan.FromSeconds(60), "It never came about.");
            await Polling.NextAsync();
        }
    }
}
