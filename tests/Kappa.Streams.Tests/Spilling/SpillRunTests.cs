using Kappa.Log;
using Kappa.Tables.Loop;
using Xunit;

namespace Kappa.Streams.Tests.Spilling;

/// <summary>Versions whose state is beyond its bound (rules C1, C2).</summary>
public sealed class SpillRunTests
{
    private static readonly Job Devices = Job.Define("devices", flow => flow
        .From<Reading>("readings", reading => reading.At, TimeSpan.FromSeconds(30), maxAhead: TimeSpan.FromDays(9999))
        .KeyBy(reading => reading.Device)
        .Aggregate("", (all, reading) => all + reading.Seq + ' ')
        .ToTable("devices"));

    [Fact]
    public async Task Scratch_files_are_gone_behind_a_run_and_those_of_a_crash_before_it()
    {
        using var folder = new TemporaryFolder();
        var disk = new CountedDisk(DiskFileSystem.ForThisPlatform());
        var code = new Dictionary<Kappa.Tables.JobVersion, Job>();
        var readings = Readings(400);
        string expected;
        await using (var house = await House.OpenAsync(folder.Path, code))
        {
            var version = await house.MakeAsync(Devices);
            await house.AppendAsync(readings);
            await house.CaughtUpAsync(version);
            expected = await house.DigestAsync(version);
        }

        var left = Path.Combine(folder.Path, "state", "devices@1", "7-0-3.spill");
        await File.WriteAllTextAsync(left, "left by a crash");
        await using (var house = await OpenAsync(folder, code, disk))
        {
            await house.AppendAsync(readings);
            var again = await house.MakeAsync(Devices);
            await house.StateAsync(again, VersionState.Ready);
            await house.CaughtUpAsync(again);
            Assert.True(disk.Written > 0);
            Assert.False(File.Exists(left));
            Assert.True(house.Versions.ProgressOf(again)!.SpilledBytes > 0);
            Assert.True((await house.DiffAsync(new("devices", 1), again)).IsSame);
            Assert.NotEqual(expected, await house.DigestAsync(again));
        }

        Assert.Empty(Directory.GetFiles(folder.Path, "*.spill", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task A_full_disk_stops_the_run_and_it_goes_on_when_there_is_room_again()
    {
        using var folder = new TemporaryFolder();
        var disk = new CountedDisk(DiskFileSystem.ForThisPlatform());
        var refusals = 3;
        disk.Refuse = () => Interlocked.Decrement(ref refusals) >= 0
            ? new KappaException(ErrorKind.Unavailable, "The disk is full.", "Free some space.")
            : null;
        await using var house = await OpenAsync(folder, [], disk);
        var version = await house.MakeAsync(Devices);
        await house.AppendAsync(Readings(400));
        await house.CaughtUpAsync(version);

        Assert.True(refusals < 0);
        Assert.Contains(house.Reports, report => report.Contains("The disk is full. Tried again",
            StringComparison.Ordinal));
        Assert.NotEqual(VersionState.Failed, house.Journal.Catalog.Find(version)!.State);
        var plain = await PlainAsync(Readings(400));
        Assert.Equal(plain, await house.DigestAsync(version));
    }

    [Fact]
    public async Task One_key_beyond_the_limit_fails_the_version_and_says_which()
    {
        using var folder = new TemporaryFolder();
        await using var house = await House.OpenAsync(
            folder.Path, options: options => options with { StateMemory = 1, StateKeyLimit = 2_000 });
        var version = await house.MakeAsync(Devices);
        await house.AppendAsync(Readings(300).Select(reading => reading with { Device = "small" + reading.Seq }));
        await house.CaughtUpAsync(version);
        await house.AppendAsync(Readings(400).Select(reading => reading with { Device = "large one" }));
        await house.StateAsync(version, VersionState.Failed);

        var error = house.Journal.Catalog.Find(version)!.Error!;
        Assert.Contains("The state of key 'large one' in ", error, StringComparison.Ordinal);
        Assert.Contains("devices@1", error, StringComparison.Ordinal);
        Assert.Contains("at most 2000", error, StringComparison.Ordinal);
        Assert.Contains("--state-key-limit", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_limit_of_a_key_holds_where_nothing_is_spilled_too_when_state_is_saved()
    {
        using var folder = new TemporaryFolder();
        await using var house = await House.OpenAsync(
            folder.Path, options: options => options with { StateKeyLimit = 2_000 });
        var version = await house.MakeAsync(Devices);
        await house.AppendAsync(Readings(1_000).Select(reading => reading with { Device = "one" }));
        await house.StateAsync(version, VersionState.Failed);

        Assert.Contains("The state of key 'one' in", house.Journal.Catalog.Find(version)!.Error!,
            StringComparison.Ordinal);
    }

    private static Task<House> OpenAsync(
        TemporaryFolder folder, Dictionary<Kappa.Tables.JobVersion, Job> code, CountedDisk disk) => House.OpenAsync(
            folder.Path, code, stepRecords: 50, options: options => options with { Files = disk, StateMemory = 1 });

    private static async Task<string> PlainAsync(List<Reading> readings)
    {
        using var folder = new TemporaryFolder();
        await using var house = await House.OpenAsync(folder.Path);
        var version = await house.MakeAsync(Devices);
        await house.AppendAsync(readings);
        await house.CaughtUpAsync(version);
        return await house.DigestAsync(version);
    }

    private static List<Reading> Readings(int count) =>
        [.. Sequence.Random(9, count, 2, complete: false).Readings.Select(pair => pair.Reading)];
}
