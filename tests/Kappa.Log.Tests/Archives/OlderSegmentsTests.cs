using Xunit;

namespace Kappa.Log.Tests.Archives;

/// <summary>
/// A mirror copies what the log has no more out of the other archives of the topic (rule L9), without what was erased
/// (rule L10): each archive is whole by itself.
/// </summary>
public sealed class OlderSegmentsTests
{
    [Fact]
    public async Task A_mirror_that_is_made_later_has_everything_and_the_first_may_go_L9()
    {
        await using var house = await RemovedAsync();
        var expected = await house.ReadAsync();
        var (late, store) = Late(house);
        Assert.True(late.Progress.Waiting > 4);
        await late.CopyAsync(default);
        Assert.Equal(0, late.Progress.Waiting);

        // Objects of both hold the same bytes; the manifests have another owner in no line.
        Assert.Equal(
            house.Store.Objects.Where(one => !one.Key.EndsWith("topic.json", StringComparison.Ordinal)),
            store.Objects.Where(one => !one.Key.EndsWith("topic.json", StringComparison.Ordinal)));
        house.Log.Attach(late.Archive);
        Assert.False(house.Log.IsNeeded("t", house.Attached));
        house.Detach();
        Assert.True(house.Log.IsNeeded("t", late.Archive));
        Assert.Equal(expected, await house.ReadAsync());
        await house.AppendAsync(40, seed: 8);
        await late.CopyAsync(default);
        Assert.Empty((await late.Archive.VerifyAsync(default)).Findings);
        await RestoreAsync(late.Archive, await house.ReadAsync());
    }

    [Fact]
    public async Task A_mirror_that_was_away_while_another_went_on_catches_up_L9()
    {
        await using var house = await RemovedAsync(but: 2);
        var (away, _) = Late(house);
        await away.CopyAsync(default);
        var end = away.Progress.Verified.Sum();
        await house.AppendAsync(60, seed: 4);
        await new Mirror(house.Log, house.Attached!, house.Id, heads => house.Remembered = heads).CopyAsync(default);
        house.RemoveArchived(house.Attached!);
        Assert.All(
            house.Log.BeginOffsets("t").Zip(away.Progress.Verified), both => Assert.True(both.First > both.Second));
        await away.CopyAsync(default);
        Assert.True(away.Progress.Verified.Sum() > end);
        await RestoreAsync(away.Archive, await house.ReadAsync());
    }

    [Fact]
    public async Task What_retention_removes_while_it_is_to_be_copied_comes_out_of_the_other_archive_L9()
    {
        await using var house = await RemovedAsync(but: 4);
        var expected = await house.ReadAsync();
        var (armed, removed) = (false, false);
        await house.Log.DisposeAsync();
        house.Through = disk => new PausingDisk(disk)
        {
            BeforeRead = path =>
            {
                // The mirror is about to open the first segment of the log.
                if (armed && path == house.Log.PartitionsOf("t")[0].Segments[0].Path)
                {
                    (armed, removed) = (false, true);
                    house.RemoveArchived(house.Attached!);
                }
            },
        };
        await house.OpenLogAsync();
        var archive = house.NewArchive();
        await archive.LoadAsync(again: false, default);
        house.Attach(archive);
        var (late, _) = Late(house);
        armed = true;
        await late.CopyAsync(default);
        Assert.True(removed);
        await RestoreAsync(late.Archive, expected);
    }

    [Fact]
    public async Task What_no_archive_has_is_left_out_at_the_beginning_and_named_in_the_middle_L9()
    {
        await using var house = await House.OpenAsync(partitions: 1, requests: 60);
        var begin = house.Log.Sealed(house.Log.PartitionsOf("t")[0])[2].Header.BaseOffset;
        house.Log.RemoveBefore("t", 0, begin);
        var first = house.NewMirror();
        await first.CopyAsync(default);
        house.Attach(first.Archive);
        house.RemoveMirrored(first);
        var (late, _) = Late(house);
        await late.CopyAsync(default);
        Assert.Equal(begin, late.Archive.Manifests[0].Entries[0].BaseOffset);
        Assert.Equal(first.Progress.Verified, late.Progress.Verified);

        await house.AppendAsync(60, seed: 3);
        house.Log.RemoveBefore("t", 0, house.Log.Sealed(house.Log.PartitionsOf("t")[0])[^1].Header.BaseOffset);
        var refused = await Logs.RefusedAsync(ErrorKind.Conflict, () => late.CopyAsync(default).AsTask());
        Assert.Contains($"offsets {late.Progress.Verified[0]} to", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_begins_nowhere_else_while_the_other_archive_does_not_answer_L9()
    {
        await using var house = await RemovedAsync();
        house.Detach();
        house.Attach(house.NewArchive());
        house.Store.Fault = (_, _) => StoreFault.Fails;
        var (late, store) = Late(house);
        await Logs.RefusedAsync(ErrorKind.Unavailable, () => late.CopyAsync(default).AsTask());
        Assert.Equal(["t/topic.json"], store.Objects.Keys);
        house.Store.Fault = (_, name) => name.EndsWith("3.segment", StringComparison.Ordinal)
            ? StoreFault.Wrong : StoreFault.None;
        await Logs.RefusedAsync(ErrorKind.Corrupt, () => late.CopyAsync(default).AsTask());
        Assert.Equal(2, late.Archive.Manifests[0].Entries.Length);
        house.Store.Fault = (_, _) => StoreFault.None;
        await late.CopyAsync(default);
        await RestoreAsync(late.Archive, await house.ReadAsync());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Cut_at_any_call_it_goes_on_after_a_restart_L9(bool isRestored)
    {
        await using var house = await RemovedAsync(requests: 25);
        if (isRestored)
        {
            // Something is noted to be erased in the old archive, so that segments are written anew.
            await house.Log.EraseAsync("t", (in record) => record.Offset % 9 == 0, false, default);
        }

        await using var restored = isRestored ? await InheritedArchiveTests.RestoredAsync(house) : null;
        var log = restored ?? house;
        var expected = await log.ReadAsync();
        var (whole, store) = Late(log);
        await whole.CopyAsync(default);
        var calls = store.Calls;
        for (var at = 1; at <= calls; at += 2)
        {
            (var late, store) = Late(log);
            using var cut = store.CutAt(at);
            var ended = await Xunit.Record.ExceptionAsync(() => late.CopyAsync(cut.Token).AsTask());
            Assert.True(ended is OperationCanceledException || (ended is null && at > calls - 2), $"call {at}");
            store.Fault = (_, _) => StoreFault.None;
            var again = new Mirror(log.Log, new Archive(store, "t", log.Patience), log.Id, _ => { });
            await again.CopyAsync(default);
            Assert.Empty((await again.Archive.VerifyAsync(default)).Findings);
            await RestoreAsync(again.Archive, expected);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_was_erased_does_not_come_along_L10(bool isRestored)
    {
        await using var house = await ErasedHouse.OpenAsync(90, Compression.Brotli);
        var mirror = house.NewMirror();
        await mirror.CopyAsync(default);
        house.Attach(mirror.Archive);
        house.RemoveMirrored(mirror, but: 1);
        var expected = await house.Log.ShownAsync();
        await house.EraseAsync();
        await using var restored = isRestored ? await InheritedArchiveTests.RestoredAsync(house) : null;
        var log = restored ?? house;
        house.Remembered = [];
        var (late, store) = Late(log);
        await late.CopyAsync(default);
        Assert.Equal(0, late.Progress.Erasing);
        log.Log.Attach(late.Archive);
        log.Detach();
        Assert.Equal(expected, await log.Log.ShownAsync());
        await mirror.CopyAsync(default);
        await log.AssertGoneAsync(store);

        // What is erased from now on goes from it as from any archive.
        await log.Log.EraseAsync("t", (in record) => record.Offset % 2 == 0, withKeys: true, default);
        await late.CopyAsync(default);
        Assert.Equal(0, late.Progress.Erasing);
        Assert.Empty((await late.Archive.VerifyAsync(default)).Findings);
        Assert.Equal(expected.Count, (await log.Log.ShownAsync()).Count);
    }

    private static (Mirror Mirror, MemoryStore Store) Late(House house)
    {
        var store = new MemoryStore("late", house.Time);
        var archive = new Archive(store, "t", house.Patience);
        return (new Mirror(house.Log, archive, house.Id, heads => archive.Known = heads), store);
    }

    /// <summary>A house of which a mirror, which is attached, has what the log has no more.</summary>
    private static async Task<House> RemovedAsync(int requests = 90, int but = 1)
    {
        var house = await House.OpenAsync(requests: requests);
        var mirror = house.NewMirror();
        await mirror.CopyAsync(default);
        house.Attach(mirror.Archive);
        house.RemoveMirrored(mirror, but);
        return house;
    }

    /// <summary>A lost log comes back out of the archive alone, as far as it reaches.</summary>
    private static async Task RestoreAsync(Archive archive, string[] expected)
    {
        var options = new LogOptions { Folder = "/new", Files = new FaultyFileSystem() };
        await ArchiveRestore.RunAsync([archive], options, null, default);
        await using var log = await EmbeddedLog.OpenAsync(options, default);
        var restored = House.Text(await log.ReadAsync(Place.Start, "t"));
        Assert.NotEmpty(restored);
        Assert.Equal(expected.Where(restored.Contains), restored);
        Assert.Equal(
            archive.Manifests.Sum(manifest => manifest.EndOffset),
            log.Topics.Single(topic => topic.Name == "t").Records);
    }
}
