using Xunit;

namespace Kappa.Log.Tests.Archives;

/// <summary>A lost log comes back as far as its archives reach (rules L7, L9).</summary>
public sealed class ArchiveRestoreTests
{
    [Fact]
    public async Task A_restored_topic_has_the_same_records_at_the_same_places_and_goes_on_L9_L3()
    {
        await using var house = await House.OpenAsync(partitions: 3, requests: 90);
        var mirror = house.NewMirror();
        await mirror.CopyAsync(CancellationToken.None);
        var kept = (await house.Log.ReadAsync(Place.Start, "t"))
            .Where(batch => batch.Topic == "t" && batch.BaseOffset < mirror.Progress.Verified[batch.Partition]);
        var expected = House.Text(kept);
        var disk = new FaultyFileSystem();
        var options = new LogOptions { Folder = "/new", Files = disk, SegmentBytesMax = 64 << 10 };

        var records = await ArchiveRestore.RunAsync([house.NewArchive()], options, null, CancellationToken.None);

        Assert.Equal(mirror.Progress.Verified.Sum(), records);
        Assert.Empty((await EmbeddedLog.VerifyAsync("/new", disk)).Findings);
        await using (var log = await EmbeddedLog.OpenAsync(options, CancellationToken.None))
        {
            Assert.NotEqual(house.Log.Id, log.Id);
            Assert.Equal(expected, House.Text(await log.ReadAsync(Place.Start, "t")));
            await log.AppendAsync("t", "on it goes");
            await log.CreateAsync("another");
        }

        await using var again = await EmbeddedLog.OpenAsync(options, CancellationToken.None);
        Assert.Equal(records + 1, again.Topics.Single(topic => topic.Name == "t").Records);
        Assert.Empty((await EmbeddedLog.VerifyAsync("/log", house.Disk.Crash(new Random(1)))).Findings);
    }

    [Fact]
    public async Task A_restore_that_is_cut_leaves_no_log_and_is_run_again_L9()
    {
        await using var house = await House.OpenAsync(requests: 40);
        await house.NewMirror().CopyAsync(CancellationToken.None);
        for (var seed = 1; seed <= 20; seed++)
        {
            var random = new Random(seed);
            var disk = new FaultyFileSystem();
            var power = new PowerLoss(disk, random.Next(60), random);
            var options = new LogOptions { Folder = "/new", Files = disk };
            var records = await ArchiveRestore.RunAsync([house.NewArchive()], options, null, CancellationToken.None);
            var after = power.Ended();
            options = options with { Files = after };
            if (!after.Exists("/new/log.json"))
            {
                await ArchiveRestore.RunAsync([house.NewArchive()], options, null, CancellationToken.None);
            }

            Assert.Empty((await EmbeddedLog.VerifyAsync("/new", after)).Findings);
            await using var log = await EmbeddedLog.OpenAsync(options, CancellationToken.None);
            Assert.Equal(records, log.Topics.Single(topic => topic.Name == "t").Records);
        }
    }

    [Fact]
    public async Task With_the_archive_of_the_clock_complete_topics_are_complete_again_L6_L9()
    {
        await using var house = await House.OpenAsync(partitions: 1, requests: 10);
        await house.Log.CompleteAsync("t");
        await house.NewMirror().CopyAsync(CancellationToken.None);
        house.Remembered = [];
        for (var topic = 0; house.Log.Sealed(house.Log.PartitionsOf(Names.Clock)[0]).Count == 0; topic++)
        {
            // Completions fill the clock's segment.
            await house.Log.CreateAsync($"topic-{topic}");
            await house.Log.CompleteAsync($"topic-{topic}");
        }

        await using var clock = new Archive(house.Store, Names.Clock, house.Patience);
        await new Mirror(house.Log, clock, Guid.NewGuid(), _ => { }).CopyAsync(CancellationToken.None);
        var options = new LogOptions { Folder = "/new", Files = new FaultyFileSystem() };

        await ArchiveRestore.RunAsync([house.NewArchive(), clock], options, null, CancellationToken.None);

        await using var log = await EmbeddedLog.OpenAsync(options, CancellationToken.None);
        Assert.True(log.Topics.Single(topic => topic.Name == "t").IsComplete);
    }

    [Fact]
    public async Task A_log_that_is_there_and_a_damaged_archive_are_refused_L9()
    {
        await using var house = await House.OpenAsync(requests: 40);
        await house.NewMirror().CopyAsync(CancellationToken.None);
        var options = new LogOptions { Folder = "/new", Files = new FaultyFileSystem() };
        house.Store.Objects["t/0001/00000001.segment"][200] ^= 1;
        await Logs.RefusedAsync(ErrorKind.Corrupt, () =>
            ArchiveRestore.RunAsync([house.NewArchive()], options, null, CancellationToken.None).AsTask());
        Assert.False(options.Files.Exists("/new/log.json"));

        house.Store.Objects["t/0001/00000001.segment"][200] ^= 1;
        await ArchiveRestore.RunAsync([house.NewArchive()], options, null, CancellationToken.None);
        await Logs.RefusedAsync(ErrorKind.Conflict, () =>
            ArchiveRestore.RunAsync([house.NewArchive()], options, null, CancellationToken.None).AsTask());
        await using var other = await House.OpenAsync(requests: 40);
        await other.NewMirror().CopyAsync(CancellationToken.None);
        await Logs.RefusedAsync(ErrorKind.Invalid, () => ArchiveRestore.RunAsync(
            [house.NewArchive(), other.NewArchive()], options with { Folder = "/newer" }, null, CancellationToken.None)
            .AsTask());
    }
}
