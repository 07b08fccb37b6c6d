using Xunit;

namespace Kappa.Log.Tests.Archives;

/// <summary>Rule L10 in archives: values go for ever from there too; offsets, places and the chain stay.</summary>
public sealed class ArchiveErasureTests
{
    [Theory]
    [InlineData(Compression.None, false)]
    [InlineData(Compression.None, true)]
    [InlineData(Compression.Brotli, false)]
    [InlineData(Compression.Brotli, true)]
    public async Task Erased_values_are_in_no_byte_of_log_archive_and_caches_L10(Compression compression, bool keys)
    {
        await using var house = await ErasedHouse.OpenAsync(90, compression, inKeys: keys);
        var mirror = house.NewMirror();
        await mirror.CopyAsync(default);
        house.Log.Attach(mirror.Archive);
        house.RemoveMirrored(mirror, but: 1);
        var expected = await house.Log.ShownAsync();
        var known = house.Remembered;

        Assert.Equal(60, await house.EraseAsync(keys));
        Assert.Equal(0, await house.EraseAsync(keys));
        Assert.Equal(expected, await house.Log.ShownAsync());
        Assert.True(mirror.Progress.Erasing > 2);
        await house.FillAsync(20, from: 1_000, inKeys: false);
        await house.EraseAsync(keys);
        await mirror.CopyAsync(default);

        Assert.Equal(0, mirror.Progress.Erasing);
        await house.AssertGoneAsync();
        Assert.Equal(expected, (await house.Log.ShownAsync()).Take(expected.Count));
        await using var archive = house.NewArchive();
        Assert.Empty((await archive.VerifyAsync(default)).Findings);

        // An older head is the beginning of the chain still.
        await using var older = new Archive(house.Store, "t", house.Patience) { Known = known };
        await older.LoadAsync(again: false, default);
        Assert.True(known.Sum(head => head.Entries) < house.Remembered.Sum(head => head.Entries));
        var disk = new FaultyFileSystem();
        var options = new LogOptions { Folder = "/new", Files = disk };
        await ArchiveRestore.RunAsync([archive], options, null, default);
        Assert.Empty((await EmbeddedLog.VerifyAsync("/new", disk)).Findings);
        await using var restored = await EmbeddedLog.OpenAsync(options, default);
        Assert.Empty((await restored.ShownAsync()).Except(await house.Log.ShownAsync()));
    }

    [Fact]
    public async Task Until_the_archive_is_written_again_what_the_log_erased_is_a_legal_difference_L10_L9()
    {
        await using var house = await ErasedHouse.OpenAsync();
        var mirror = house.NewMirror();
        await mirror.CopyAsync(default);
        house.Log.Attach(mirror.Archive);
        var expected = await house.Log.ShownAsync();
        await house.EraseAsync();
        await house.FillAsync(10, from: 500);
        await house.EraseAsync();

        Assert.Equal(expected, (await house.Log.ShownAsync()).Take(expected.Count));
        await mirror.CopyAsync(default);
        Assert.Equal(expected, (await house.Log.ShownAsync()).Take(expected.Count));

        // Now the log has what the archive has, and is read where the archive was read again.
        house.Log.Detach(mirror.Archive);
        house.Log.Attach(house.NewArchive());
        Assert.Equal(expected, (await house.Log.ShownAsync()).Take(expected.Count));
        house.RemoveMirrored(mirror);
        Assert.Equal(expected, (await house.Log.ShownAsync()).Take(expected.Count));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_segment_that_differs_in_more_than_what_was_erased_is_damage_L10_L9(bool isRewritten)
    {
        await using var house = await ErasedHouse.OpenAsync();
        var mirror = house.NewMirror();
        await mirror.CopyAsync(default);
        house.Log.Attach(mirror.Archive);
        await house.EraseAsync();
        if (isRewritten)
        {
            await mirror.CopyAsync(default);
        }

        // Another segment with the same places, valid in itself, as no bit flip makes it: all values are erased.
        var partition = house.Log.PartitionsOf("t")[0];
        var (segment, file) = partition.Open(2);
        var rewrite = new SegmentRewrite(
            house.Disk, "t", segment, file, segment.Path + ".new",
            (in _) => Erasures.Erasing.Value);
        var header = rewrite.Write(isNeeded: false, default)!.Value;
        partition.Replace(rewrite.Aside, header);

        var damage = await Logs.RefusedAsync(ErrorKind.Corrupt, () => house.Log.ShownAsync());
        Assert.Contains("00000002", damage.Message, StringComparison.Ordinal);
        Assert.Contains("memory", damage.Message, StringComparison.Ordinal);
        await Logs.RefusedAsync(ErrorKind.Corrupt, () => house.NewMirror().CopyAsync(default).AsTask());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    [InlineData(99)]
    public async Task An_erasure_that_is_cut_at_any_call_of_the_store_is_readable_and_finished_later_L10(int kept)
    {
        await using var house = await ErasedHouse.OpenAsync(30);
        var mirror = house.NewMirror();
        await mirror.CopyAsync(default);
        house.RemoveMirrored(mirror, kept);
        house.Log.Attach(mirror.Archive);
        var expected = await house.Log.ShownAsync();
        await house.EraseAsync();
        house.Log.Detach(mirror.Archive);
        var (objects, heads) = (house.Store.Copy(), house.Remembered);
        var calls = house.Store.Calls;
        await house.NewMirror().CopyAsync(default);
        calls = house.Store.Calls - calls;
        Assert.True(calls > 30);
        for (var at = 1; at <= calls; at++)
        {
            var store = new MemoryStore("memory", house.Time);
            foreach (var (name, bytes) in objects)
            {
                store.Objects[name] = bytes;
            }

            house.Remembered = heads;
            using var cut = store.CutAt(at);
            var cutShort = await Xunit.Record.ExceptionAsync(
                () => house.NewMirror(store).CopyAsync(cut.Token).AsTask());
            var isWhole = cutShort is null && store.Calls <= at;
            Assert.True(cutShort is OperationCanceledException || isWhole, $"{cutShort}");
            store.Fault = (_, _) => StoreFault.None;
            var archive = house.NewArchive(store);
            house.Log.Attach(archive);
            Assert.Equal(expected, await house.Log.ShownAsync());
            Assert.Empty((await archive.VerifyAsync(default)).Findings);
            house.Log.Detach(archive);

            var mirrored = house.NewMirror(store);
            await mirrored.CopyAsync(default);

            house.Log.Attach(mirrored.Archive);
            await house.AssertGoneAsync(store);
            Assert.Equal(expected, await house.Log.ShownAsync());
            house.Log.Detach(mirrored.Archive);
            Assert.Equal(0, mirrored.Progress.Erasing);
        }
    }

    [Fact]
    public async Task Loss_of_power_at_any_operation_and_the_erasure_again_leave_nothing_anywhere_L10_L7()
    {
        for (var at = 0; at < 90; at += 4)
        {
            await using var house = await ErasedHouse.OpenAsync(40);
            var mirror = house.NewMirror();
            await mirror.CopyAsync(default);
            house.RemoveMirrored(mirror, but: 1);
            house.Log.Attach(mirror.Archive);
            var expected = await house.Log.ShownAsync();
            Dictionary<string, byte[]> objects = [];
            var power = new PowerLoss(house.Disk, at, new Random(at), isBroken: true)
            {
                Came = () => objects = house.Store.Copy(),
            };
            await Xunit.Record.ExceptionAsync(async () =>
            {
                await house.EraseAsync();
                await mirror.CopyAsync(default);
            });
            var crashed = power.Ended();
            if (objects.Count > 0)
            {
                house.Store.Objects.Clear();
                objects.ToList().ForEach(one => house.Store.Objects.Add(one.Key, one.Value));
            }

            await using var again = await house.AgainOnAsync(crashed);
            await using var archive = again.NewArchive();
            again.Log.Attach(archive);
            Assert.Equal(expected, await again.Log.ShownAsync());
            await again.EraseAsync();
            await again.NewMirror().CopyAsync(default);
            Assert.Equal(expected, await again.Log.ShownAsync());
            await again.AssertGoneAsync();
            Assert.Empty((await EmbeddedLog.VerifyAsync("/log", again.Disk.Crash(new Random(at)))).Findings);
        }
    }

    [Fact]
    public async Task Readers_go_on_while_the_archive_is_written_again_under_them_L10_L4()
    {
        await using var house = await ErasedHouse.OpenAsync(90);
        var mirror = house.NewMirror();
        await mirror.CopyAsync(default);
        house.RemoveMirrored(mirror, but: 1);

        // Its manifest is read before, and stays as it was until something is missing.
        var attached = house.NewArchive();
        house.Log.Attach(attached);
        var expected = await house.Log.ShownAsync();
        var readers = Enumerable.Range(0, 4).Select(_ => (
            Sequence: house.Log.Read(["t"], Place.Start), Seen: new List<RecordBatch>())).ToList();
        for (var i = 0; i < readers.Count; i++)
        {
            Read(readers[i], 1 + (i * 20));
        }

        await house.EraseAsync();
        readers.ForEach(reader => Read(reader, 5));
        await mirror.CopyAsync(default);
        readers.ForEach(reader => Read(reader, int.MaxValue));

        Assert.All(readers, reader => Assert.Equal(expected, ErasedHouse.Shown(reader.Seen)));
        foreach (var (sequence, _) in readers)
        {
            await sequence.DisposeAsync();
        }

        await house.AssertGoneAsync();

        static void Read((ISequence Sequence, List<RecordBatch> Seen) reader, int most)
        {
            while (most-- > 0 && reader.Sequence.TryRead(out var batch))
            {
                reader.Seen.Add(batch);
            }
        }
    }

    [Fact]
    public async Task A_folder_that_is_read_in_place_is_written_again_under_its_readers_L10()
    {
        await using var house = await ErasedHouse.OpenAsync(60);
        var folder = new ArchiveFolder("/far", house.Disk);
        var mirror = house.NewMirror(folder);
        await mirror.CopyAsync(default);
        house.RemoveMirrored(mirror, but: 1);
        house.Log.Attach(house.NewArchive(folder));
        var expected = await house.Log.ShownAsync();
        await using var sequence = house.Log.Read(["t"], Place.Start);
        var seen = new List<RecordBatch>();
        while (seen.Count < 9 && sequence.TryRead(out var batch))
        {
            seen.Add(batch);
        }

        await house.EraseAsync();
        await mirror.CopyAsync(default);
        while (sequence.TryRead(out var batch))
        {
            seen.Add(batch);
        }

        Assert.Equal(expected, ErasedHouse.Shown(seen));
        Assert.Equal(expected, await house.Log.ShownAsync());
        await house.AssertGoneAsync();
    }

    [Fact]
    public async Task A_mirror_that_did_not_run_catches_up_though_the_log_has_nothing_of_it_any_more_L10_L9()
    {
        await using var house = await ErasedHouse.OpenAsync(60);
        var late = new MemoryStore("late", house.Time);
        await house.NewMirror(late).CopyAsync(default);
        house.Remembered = [];
        var mirror = house.NewMirror();
        await mirror.CopyAsync(default);
        house.RemoveMirrored(mirror, but: 3);
        house.Log.Attach(mirror.Archive);
        var expected = await house.Log.ShownAsync();
        await house.EraseAsync();
        house.RemoveMirrored(mirror);
        house.Log.Detach(mirror.Archive);
        await house.Log.DisposeAsync();

        await house.OpenLogAsync();
        house.Remembered = [];
        await house.NewMirror(late).CopyAsync(default);
        house.Remembered = [];
        await house.NewMirror().CopyAsync(default);

        // Both have their own bytes of it, and the same records.
        house.Remembered = [];
        house.Log.Attach(house.NewArchive(late));
        house.Log.Attach(house.NewArchive());
        Assert.Equal(expected, await house.Log.ShownAsync());
        await house.AssertGoneAsync(late);
    }

    [Fact]
    public async Task A_changed_byte_in_an_archive_that_was_written_again_is_named_and_refused_L10_L9()
    {
        await using var house = await ErasedHouse.OpenAsync(30);
        var mirror = house.NewMirror();
        await mirror.CopyAsync(default);
        var old = house.Store.Copy();
        house.RemoveMirrored(mirror);
        house.Log.Attach(mirror.Archive);
        await house.EraseAsync();
        await mirror.CopyAsync(default);
        house.Log.Detach(mirror.Archive);
        Assert.Contains(house.Store.Objects.Keys, name => name.EndsWith(".r1.segment", StringComparison.Ordinal));
        var random = new Random(3);
        foreach (var (name, bytes) in house.Store.Copy()
            .Where(one => !one.Key.EndsWith(".json", StringComparison.Ordinal)))
        {
            var isSegment = name.EndsWith(".segment", StringComparison.Ordinal);
            for (var at = 0; at < bytes.Length; at += 1 + random.Next(isSegment ? 30_000 : 20))
            {
                house.Store.Objects[name] = [.. bytes];
                house.Store.Objects[name][at] ^= (byte)(1 << random.Next(8));
                await using var changed = house.NewArchive();
                var found = Assert.Single((await changed.VerifyAsync(default)).Findings);
                Assert.Contains(name.Split('/')[^1], found, StringComparison.Ordinal);
            }

            house.Store.Objects[name] = bytes;
        }

        // An older copy of a manifest names what is no more; whoever knows more says so.
        house.Store.Objects["t/0000/manifest-000001"] = old["t/0000/manifest-000001"];
        var late = await Logs.RefusedAsync(
            ErrorKind.Unavailable, () => house.NewMirror().CopyAsync(default).AsTask());
        Assert.Contains("entries", late.Message, StringComparison.Ordinal);
        house.Remembered = [];
        await using var older = house.NewArchive();
        var findings = (await older.VerifyAsync(default)).Findings;
        Assert.Contains(findings, one => one.Contains("00000001.segment", StringComparison.Ordinal));
        Assert.All(findings, one => Assert.Contains("missing", one, StringComparison.Ordinal));
        house.Log.Attach(older);
        await Logs.RefusedAsync(ErrorKind.Corrupt, () => house.Log.ShownAsync());
    }

    [Fact]
    public async Task A_log_that_does_not_know_of_an_erasure_never_writes_its_archive_L10()
    {
        await using var house = await ErasedHouse.OpenAsync(30);
        var mirror = house.NewMirror();
        await mirror.CopyAsync(default);
        var disk = house.Disk.Crash(new Random(1));
        await house.EraseAsync();
        await mirror.CopyAsync(default);
        await using var older = await house.AgainOnAsync(disk);
        var objects = house.Store.Copy();

        // A copy of the data folder from before: its values must not come back into the archive.
        older.Log.Attach(older.NewArchive());
        await Logs.RefusedAsync(ErrorKind.Corrupt, () => older.NewMirror().CopyAsync(default).AsTask());
        Assert.Equal(objects, house.Store.Copy());

        await house.Log.DisposeAsync();
        foreach (var path in house.Disk.Snapshot().Keys
            .Where(path => path.EndsWith(".erased", StringComparison.Ordinal)))
        {
            house.Disk.Delete(path);
        }

        await using var without = await house.AgainOnAsync(house.Disk);
        var refused = await Logs.RefusedAsync(
            ErrorKind.Conflict, () => without.NewMirror().CopyAsync(default).AsTask());
        Assert.Contains("knows of 0", refused.Message, StringComparison.Ordinal);
        Assert.Equal(objects, house.Store.Copy());
    }

    [Fact]
    public async Task A_damaged_note_of_what_was_erased_is_named_L10()
    {
        await using var house = await ErasedHouse.OpenAsync(30);
        var mirror = house.NewMirror();
        await mirror.CopyAsync(default);
        await house.EraseAsync();
        var path = house.Disk.Snapshot().Keys.First(one => one.EndsWith(".erased", StringComparison.Ordinal));
        var whole = house.Disk.Snapshot()[path];
        for (var at = 0; at < whole.Length; at += 7)
        {
            var disk = house.Disk.Crash(new Random(1));
            byte[] changed = [.. whole];
            changed[at] ^= 4;
            disk.Put(path, changed);
            await using var again = await house.AgainOnAsync(disk);
            var damage = await Assert.ThrowsAsync<KappaException>(() => again.NewMirror().CopyAsync(default).AsTask());
            Assert.True(damage.Kind is ErrorKind.Corrupt or ErrorKind.Invalid, damage.Message);
            Assert.Contains(path, damage.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Erasure_of_what_archives_have_and_do_not_give_says_so_and_is_done_again_L10()
    {
        await using var house = await ErasedHouse.OpenAsync(60);
        var mirror = house.NewMirror();
        await mirror.CopyAsync(default);
        house.RemoveMirrored(mirror, but: 1);
        house.Log.Attach(house.NewArchive());
        house.Store.Fault = (_, _) => StoreFault.Hangs;
        await Logs.RefusedAsync(ErrorKind.Unavailable, () => house.EraseAsync().AsTask());
        house.Store.Fault = (_, _) => StoreFault.None;

        Assert.True(await house.EraseAsync() > 0);
        await mirror.CopyAsync(default);

        await house.AssertGoneAsync();
    }

    [Fact]
    public async Task A_topic_that_is_deleted_takes_its_notes_along_and_another_mirror_goes_on_L10()
    {
        await using var house = await ErasedHouse.OpenAsync(30);
        var mirror = house.NewMirror();
        await mirror.CopyAsync(default);
        await house.EraseAsync();
        var other = house.NewMirror(id: Guid.NewGuid());
        await other.TakeOverAsync(default);
        await other.CopyAsync(default);
        Assert.Equal(0, other.Progress.Erasing);
        await house.AssertGoneAsync();
        Assert.Contains(house.Disk.Snapshot().Keys, path => path.EndsWith(".erased", StringComparison.Ordinal));

        await house.Log.ChangeAsync(new DeleteTopic("t"), default);
        Assert.DoesNotContain(house.Disk.Snapshot().Keys, path => path.EndsWith(".erased", StringComparison.Ordinal));
    }
}
