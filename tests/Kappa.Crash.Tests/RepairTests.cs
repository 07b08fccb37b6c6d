using Xunit;

namespace Kappa.Crash;

/// <summary>Rule L7: repair is said before, done when told to, kept in copies, and leaves a log that goes on.</summary>
public sealed class RepairTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(9)]
    public async Task Repaired_log_keeps_all_before_each_damage_and_goes_on_L7(int seed)
    {
        using var workload = new Workload(seed, Plant.None);
        var whole = (await workload.RunAsync()).CrashKeepingAll();
        var time = new ManualTime();
        time.SetWall(workload.Images[^1].Wall);
        var before = await ContentsAsync(whole.Copy(), time);
        var random = new Random(seed);
        foreach (var (path, bytes) in whole.Files()
            .Where(file => file.Key.EndsWith(".segment", StringComparison.Ordinal)))
        {
            var disk = whole.Copy();
            var damaged = (byte[])bytes.Clone();
            damaged[random.Next(damaged.Length)] ^= 0x10;
            disk.Put(path, damaged);
            var untouched = disk.Files();
            var plan = await LogRepair.PlanAsync(Workload.Folder, disk);
            Assert.NotEmpty(plan.Steps);
            Assert.Equal(untouched.Values, disk.Files().Values);

            var kept = await LogRepair.RunAsync(Workload.Folder, disk, plan, time);

            foreach (var step in plan.Steps)
            {
                Assert.Contains(
                    disk.Files(),
                    file => file.Key.StartsWith(kept, StringComparison.Ordinal)
                        && file.Value.AsSpan().SequenceEqual(untouched[step.File]));
            }

            Assert.True(disk.Exists(Path.Combine(kept, "repair.json")));
            Assert.Empty((await EmbeddedLog.VerifyAsync(Workload.Folder, disk)).Findings);
            var after = await ContentsAsync(disk.Copy(), time);
            Assert.True(before.BeginsWith(after.Without("_kappa.clock")), path);
            await GoesOnAsync(disk, time, after, before.LastStamp);
        }
    }

    [Fact]
    public async Task Repair_is_refused_when_the_damage_is_not_what_was_planned_for_L7()
    {
        using var workload = new Workload(1, Plant.None);
        var disk = (await workload.RunAsync()).CrashKeepingAll();
        var path = disk.Files().Keys.First(name => name.EndsWith(".segment", StringComparison.Ordinal));
        disk.Put(path, disk.Files()[path][..^1]);
        var plan = await LogRepair.PlanAsync(Workload.Folder, disk);
        disk.Put(path, disk.Files()[path][..^60]);
        var damaged = disk.Files();

        var refused = await Assert.ThrowsAsync<KappaException>(
            async () => await LogRepair.RunAsync(Workload.Folder, disk, plan, new ManualTime()));

        Assert.Equal(ErrorKind.Conflict, refused.Kind);
        Assert.Equal(damaged.Values, disk.Files().Values);
    }

    private static async Task<Contents> ContentsAsync(FaultyFileSystem disk, ManualTime time)
    {
        await using var log = await EmbeddedLog.OpenAsync(
            Workload.OptionsFor(disk, time, Plant.None), CancellationToken.None);
        var contents = await Contents.ReadAsync(log);
        Assert.Null(contents.Wrong);
        return contents;
    }

    private static async Task GoesOnAsync(FaultyFileSystem disk, ManualTime time, Contents after, long lastStamp)
    {
        await using var log = await EmbeddedLog.OpenAsync(
            Workload.OptionsFor(disk, time, Plant.None), CancellationToken.None);
        foreach (var topic in log.Topics.Where(topic => !topic.IsPlatforms))
        {
            var appended = await log.AppendAsync(
                new AppendRequest(topic.Name, [NewRecord.Of(null, "-1.0."u8.ToArray())]), CancellationToken.None);
            var batch = appended.Batches[0];
            Assert.Equal(
                after.Partitions.GetValueOrDefault((topic.Name, batch.Partition))?.Count ?? 0, batch.BaseOffset);
            Assert.True(batch.LogTime > lastStamp, "a stamp of a record that was given up is given again");
        }
    }
}
