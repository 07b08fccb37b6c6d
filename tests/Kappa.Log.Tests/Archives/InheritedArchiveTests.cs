using System.Text;
using Xunit;

namespace Kappa.Log.Tests.Archives;

/// <summary>
/// A log that was restored from a copy reads the archives of the log it comes from, as far as that had left its records
/// to them (rule L9), without what was erased (rule L10); it never writes them.
/// </summary>
public sealed class InheritedArchiveTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Old_and_new_log_go_their_ways_and_read_the_same_beginning_L9(bool isWhole)
    {
        await using var house = await House.OpenAsync(requests: 120);
        var mirror = house.NewMirror();
        await mirror.CopyAsync(default);
        house.Attach(mirror.Archive);
        house.RemoveMirrored(mirror, but: 1);
        var expected = await house.ReadAsync();
        await using var again = await RestoredAsync(house);
        Assert.Equal(expected, await again.ReadAsync());
        Assert.Equal(Place.Start, again.Log.Topics.Single(topic => topic.Name == "t").Start);
        Assert.Equal(again.Log.BeginOffsets("t"), again.Log.ArchiveEndsOf("t"));

        // Segments of the same numbers hold other records now; the old log archives its own.
        await house.AppendAsync(80, seed: 5);
        await again.AppendAsync(80, seed: 6);
        var more = await again.ReadAsync();
        await mirror.CopyAsync(default);
        house.RemoveMirrored(mirror);
        Assert.Equal(more, await again.ReadAsync());
        await again.Attached!.LoadAsync(again: true, default);
        Assert.Equal(again.Log.BeginOffsets("t"), again.Log.ArchiveEndsOf("t"));
        Assert.Equal(more, await again.ReadAsync());
        await Logs.RefusedAsync(
            ErrorKind.Conflict,
            () => new Mirror(again.Log, again.Attached, Guid.NewGuid(), _ => { }).CopyAsync(default).AsTask());

        // A mirror of its own takes along what only the old archive has, where it sees that; else each has its part.
        var own = again.NewMirror(new MemoryStore("own", again.Time), Guid.NewGuid());
        if (!isWhole)
        {
            again.Detach();
        }

        await own.CopyAsync(default);
        again.Log.Attach(own.Archive);
        again.Log.Attach(again.Attached);
        again.RemoveArchived(own.Archive);
        Assert.Equal(more, await again.ReadAsync());
        Assert.Equal(!isWhole, again.Log.IsNeeded("t", again.Attached));
        Assert.True(again.Log.IsNeeded("t", own.Archive) || isWhole);
        Assert.Equal(Place.Start, again.Log.Topics.Single(topic => topic.Name == "t").Start);
        await again.Log.DisposeAsync();
        await again.OpenLogAsync();
        again.Log.Attach(again.Attached);
        again.Log.Attach(own.Archive);
        Assert.Equal(more, await again.ReadAsync());
        if (isWhole)
        {
            // Where the one is damaged the other is read, although its bytes name another log.
            await again.Log.DisposeAsync();
            await again.OpenLogAsync();
            house.Store.Objects["t/0000/00000002.segment"][99] ^= 8;
            again.Log.Attach(Inherited(house, again.Attached.Inherited));
            await Logs.RefusedAsync(ErrorKind.Corrupt, () => again.ReadAsync());
            again.Log.Attach(own.Archive);
            Assert.Equal(more, await again.ReadAsync());
        }
    }

    [Fact]
    public async Task A_copy_in_which_a_partition_has_no_segment_is_read_out_of_the_archive_and_goes_on_L9()
    {
        await using var house = await House.OpenAsync(requests: 60);
        await house.Log.SealAsync("t", default);
        var mirror = house.NewMirror();
        await mirror.CopyAsync(default);
        house.Attach(mirror.Archive);
        house.RemoveMirrored(mirror);
        foreach (var partition in house.Log.PartitionsOf("t"))
        {
            Assert.Equal(partition.Segments[0].Header.BaseOffset, house.Log.ArchiveEndsOf("t")![partition.Number]);
        }

        var expected = await house.ReadAsync();
        await using var again = await RestoredAsync(house);
        Assert.Equal(expected, await again.ReadAsync());
        await again.AppendAsync(30, seed: 3);
        var more = await again.ReadAsync();
        Assert.Equal(expected, more[..expected.Length]);
        await again.Log.DisposeAsync();
        Assert.Empty((await EmbeddedLog.VerifyAsync("/log", again.Disk)).Findings);
        await again.OpenLogAsync();
        again.Log.Attach(again.Attached!);
        Assert.Equal(more, await again.ReadAsync());
    }

    [Fact]
    public async Task An_archive_that_does_not_answer_is_not_made_up_for_by_one_that_begins_later_L9()
    {
        await using var house = await House.OpenAsync(requests: 120);
        var mirror = house.NewMirror();
        await mirror.CopyAsync(default);
        house.Attach(mirror.Archive);
        house.RemoveMirrored(mirror, but: 1);
        await using var again = await RestoredAsync(house);
        var own = again.NewMirror(new MemoryStore("own", again.Time), Guid.NewGuid());
        await again.AppendAsync(60, seed: 2);
        again.Detach();
        await own.CopyAsync(default);
        again.Log.Attach(own.Archive);
        again.Log.Attach(again.Attached!);
        again.RemoveArchived(own.Archive);
        house.Store.Fault = (_, _) => StoreFault.Fails;
        await Logs.RefusedAsync(ErrorKind.Unavailable, () => again.ReadAsync());

        // What lies behind it is read without it.
        var behind = own.Archive.Manifests.Max(manifest => manifest.Entries[0].Last);
        var tail = await again.ReadAsync(behind);
        house.Store.Fault = (_, _) => StoreFault.None;
        var all = await again.ReadAsync();
        Assert.Equal(tail, all[^tail.Length..]);
        Assert.True(all.Length > tail.Length);
    }

    [Theory]
    [InlineData(Compression.None, true)]
    [InlineData(Compression.Brotli, false)]
    public async Task What_is_erased_no_reader_of_the_new_log_gets_though_the_archive_has_it_L10(
        Compression compression, bool isErasedBefore)
    {
        await using var house = await ErasedHouse.OpenAsync(90, compression);
        var mirror = house.NewMirror();
        await mirror.CopyAsync(default);
        house.Attach(mirror.Archive);
        house.RemoveMirrored(mirror, but: 1);
        var expected = await house.Log.ShownAsync();
        if (isErasedBefore)
        {
            // Noted, and the archive is not written again before the copy is taken.
            Assert.Equal(60, await house.EraseAsync());
        }

        await using var again = await RestoredAsync(house);
        var archived = house.Store.Copy();
        Assert.Equal(expected, await again.Log.ShownAsync());
        Assert.Equal(isErasedBefore ? 0 : 60, await again.EraseAsync());
        await GoneAsync();
        await again.Log.DisposeAsync();
        await again.OpenLogAsync();
        again.Attach(Inherited(house, again.Attached!.Inherited!));
        await GoneAsync();

        // The old log brings its archive up to date, whatever of it the new one has read already.
        Assert.Equal(archived, house.Store.Copy());
        await house.EraseAsync();
        await mirror.CopyAsync(default);
        Assert.NotEqual(archived, house.Store.Copy());
        await GoneAsync();
        Assert.Equal(expected, await house.Log.ShownAsync());

        async Task GoneAsync()
        {
            Assert.Equal(expected, await again.Log.ShownAsync());
            foreach (var batch in await again.Log.ReadAsync(Place.Start, "t"))
            {
                foreach (var record in batch)
                {
                    Assert.False(ErasedHouse.IsCanary(record));
                }
            }

            Assert.DoesNotContain(again.Disk.Snapshot(), file =>
                !file.Key.StartsWith("/copy", StringComparison.Ordinal)
                    && file.Value.AsSpan().IndexOf("canary-7f3a"u8) >= 0);
        }
    }

    [Fact]
    public async Task No_twin_shows_what_is_erased_in_an_archive_of_the_old_log_L10_L11()
    {
        var twins = new Reversed(isUndecodable: _ => false);
        await using var house = await ErasedHouse.OpenAsync();
        var mirror = house.NewMirror();
        await mirror.CopyAsync(default);
        house.Attach(mirror.Archive);
        house.RemoveMirrored(mirror);
        await using var again = await RestoredAsync(house);
        await again.Log.DisposeAsync();

        // Both erase, each something else: how often the one did says nothing of the other.
        await house.Log.EraseAsync(
            "t", (in record) => record.Offset % 2 == 0 && ErasedHouse.IsCanary(record), false, default);
        await mirror.CopyAsync(default);
        await again.OpenLogAsync("/twins");
        again.Attach(Inherited(house, again.Attached!.Inherited!));
        await ReadTypedAsync();
        Assert.True(await again.Log.ProjectAsync(twins, null, default) > 4);
        Assert.Contains(again.Disk.Snapshot(), HasCanary);
        var typed = Reversed.Events(await ReadTypedAsync());

        await again.EraseAsync();
        for (var time = 0; time < 2; time++)
        {
            Assert.DoesNotContain(again.Disk.Snapshot(), HasCanary);
            var now = Reversed.Events(await ReadTypedAsync());
            Assert.Equal(Reversed.Events(await again.Log.ReadAsync(Place.Start, "t")), now);
            Assert.NotEqual(typed, now);
            await again.Log.ProjectAsync(twins, null, default);
        }

        async Task<List<RecordBatch>> ReadTypedAsync()
        {
            var batches = new List<RecordBatch>();
            await using var sequence = again.Log.Read(["t"], Place.Start, [twins]);
            while (sequence.TryRead(out var batch))
            {
                batches.Add(batch);
                batch.AsAppended().MoveNext();
            }

            return batches;
        }

        static bool HasCanary(KeyValuePair<string, byte[]> file) =>
            file.Key.StartsWith("/twins", StringComparison.Ordinal)
            && file.Value.AsSpan().IndexOf(Encoding.UTF8.GetBytes("a3f7-yranac")) >= 0;
    }

    [Fact]
    public async Task An_archive_of_another_log_is_refused_L9()
    {
        await using var house = await House.OpenAsync();
        var mirror = house.NewMirror();
        await mirror.CopyAsync(default);
        house.Attach(mirror.Archive);
        house.RemoveMirrored(mirror);
        await using var again = await RestoredAsync(house);
        again.Detach();

        // Neither as its own nor as that of a third log.
        foreach (var inherited in new[] { null, again.Attached!.Inherited! with { Log = new LogId(Guid.NewGuid()) } })
        {
            var archive = Inherited(house, inherited);
            again.Log.Attach(archive);
            var refused = await Logs.RefusedAsync(ErrorKind.Conflict, () => again.ReadAsync());
            Assert.Contains("another log", refused.Message, StringComparison.Ordinal);
            Assert.False(again.Log.IsNeeded("t", archive));
            again.Log.Detach(archive);
        }
    }

    private static Archive Inherited(House house, Inheritance? inherited) => new(house.Store, "t", house.Patience)
    {
        Known = house.Remembered,
        Inherited = inherited,
    };

    /// <summary>The log as a copy has it, restored on another disk, with the archive of the old one.</summary>
    internal static async Task<House> RestoredAsync(House house)
    {
        var copied = await house.Log.CopyAsync("/copy", _ => new((Place?)null), default);
        var disk = new FaultyFileSystem();
        foreach (var (path, bytes) in house.Disk.Snapshot().Where(file =>
            file.Key.StartsWith("/copy/", StringComparison.Ordinal)))
        {
            disk.CreateFolder(Path.GetDirectoryName(path)!);
            disk.Put(path, bytes);
        }

        var restore = new LogRestore(disk, "/copy", "/log", new LogId(Guid.NewGuid()));
        foreach (var file in copied.Files)
        {
            Assert.Equal(file, restore.Copy(file.Name, default));
        }

        var again = await house.AgainOnAsync(disk);
        again.Attach(Inherited(house, new Inheritance(
            copied.Log, copied.Topics.Single(topic => topic.Name == "t").FirstSegments)));
        return again;
    }
}
