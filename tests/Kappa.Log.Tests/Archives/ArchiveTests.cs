using FsCheck;
using FsCheck.Fluent;
using Xunit;
using Xunit.Abstractions;

namespace Kappa.Log.Tests.Archives;

/// <summary>
/// A reader gets the archive, then the log, as one sequence: what the log alone gave before is the oracle (rules L3,
/// L4, L9).
/// </summary>
public sealed class ArchiveTests(ITestOutputHelper output)
{
    [Fact]
    public async Task Archive_and_log_are_one_sequence_with_the_same_bytes_offsets_and_places_L4_L9()
    {
        await using var house = await House.OpenAsync(partitions: 3, requests: 120);
        var all = await house.ReadAsync();
        var batches = (await house.Log.ReadAsync(Place.Start, "t")).Where(batch => batch.Topic == "t").ToList();
        var mirror = house.NewMirror();
        await mirror.CopyAsync(CancellationToken.None);
        house.Log.Attach(mirror.Archive);
        for (var kept = 3; kept >= 0; kept--)
        {
            house.RemoveMirrored(mirror, kept);
            Assert.Equal(all, await house.ReadAsync());
            for (var at = 0; at < batches.Count; at += 17)
            {
                var inside = batches[at].PlaceOf(batches[at].Count / 2);
                Assert.Equal(all[(inside == batches[at].LastPlace ? at + 1 : at)..], await house.ReadAsync(inside));
                Assert.Equal(all[(at + 1)..], await house.ReadAsync(batches[at].LastPlace));
                Assert.Equal(all[at..], await house.ReadAsync(new Place(batches[at].LogTime, 0)));
            }
        }

        Assert.All(house.Log.BeginOffsets("t"), begin => Assert.True(begin > 0));
    }

    [Fact]
    public async Task A_store_that_lists_late_hides_no_record_L9()
    {
        await using var house = await House.OpenAsync();
        var all = await house.ReadAsync();
        house.Store.Fault = (what, _) => what == "list" ? StoreFault.Late : StoreFault.None;
        var mirror = house.NewMirror();
        await mirror.CopyAsync(CancellationToken.None);
        house.Log.Attach(mirror.Archive);
        house.RemoveMirrored(mirror);

        Assert.Equal(all, await house.ReadAsync());
        Assert.Empty(await Archive.TopicsAsync(house.Store, house.Patience, CancellationToken.None));
        var options = new LogOptions { Folder = "/new", Files = new FaultyFileSystem() };
        Assert.True(await ArchiveRestore.RunAsync([house.NewArchive()], options, null, CancellationToken.None) > 0);
        house.Store.Fault = (_, _) => StoreFault.None;
        Assert.Equal(["t"], await Archive.TopicsAsync(house.Store, house.Patience, CancellationToken.None));
    }

    [Fact]
    public async Task A_record_that_only_an_archive_has_is_found_by_its_offset_L3_L9()
    {
        await using var house = await House.OpenAsync();
        var mirror = house.NewMirror();
        await mirror.CopyAsync(CancellationToken.None);
        var expected = new List<Place>();
        var end = house.Log.Topics.Single(topic => topic.Name == "t").EndOffsets[1];
        for (var offset = 0L; offset <= end; offset++)
        {
            expected.Add(await house.Log.FindAsync("t", 1, offset, CancellationToken.None));
        }

        house.RemoveMirrored(mirror);
        var gone = await Logs.RefusedAsync(
            ErrorKind.NotFound, () => house.Log.FindAsync("t", 1, 0, CancellationToken.None).AsTask());
        Assert.Contains("retention removed everything before", gone.Message, StringComparison.Ordinal);
        house.Log.Attach(house.NewArchive());

        for (var offset = 0; offset < expected.Count; offset += 3)
        {
            Assert.Equal(expected[offset], await house.Log.FindAsync("t", 1, offset, CancellationToken.None));
        }

        await Logs.RefusedAsync(
            ErrorKind.Invalid, () => house.Log.FindAsync("t", 1, -1, CancellationToken.None).AsTask());
    }

    [Fact]
    public void Replay_across_the_edge_while_mirror_and_removal_move_it_is_the_same_L4_L9()
    {
        Prop.ForAll(ArbMap.Default.ArbFor<int>(), seed =>
        {
            output.WriteLine($"seed {seed}");
            RunMovingAsync(seed).GetAwaiter().GetResult();
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(15));
    }

    // The same appends go to a log that nothing is removed from; stamps apart, both must give the same records.
    private static async Task RunMovingAsync(int seed)
    {
        var random = new Random(seed);
        await using var house = await House.OpenAsync(partitions: 1 + random.Next(3), requests: 20, seed: seed);
        var mirror = house.NewMirror();
        house.Log.Attach(mirror.Archive);
        house.Store.Fault = (_, _) => random.Next(12) == 0 ? (StoreFault)random.Next(1, 6) : StoreFault.None;
        var live = new List<string>();
        await using var follower = house.Log.Read(["t"], Place.Start);
        var readers = new List<(ISequence Sequence, List<string> Read)>();
        for (var round = 0; round < 12; round++)
        {
            await house.AppendAsync(random.Next(1, 12), seed + round);
            Read(follower, live, int.MaxValue);
            readers.Add((house.Log.Read(["t"], Place.Start), []));
            await WithPatienceAsync(async () => await mirror.CopyAsync(CancellationToken.None));
            house.RemoveMirrored(mirror, random.Next(3));
            foreach (var (sequence, read) in readers)
            {
                await WithPatienceAsync(() =>
                {
                    Read(sequence, read, random.Next(40));
                    return Task.CompletedTask;
                });
            }
        }

        foreach (var (sequence, read) in readers)
        {
            await WithPatienceAsync(() =>
            {
                Read(sequence, read, int.MaxValue);
                return Task.CompletedTask;
            });
            Assert.Equal(live, read);
            await sequence.DisposeAsync();
        }
    }

    private static void Read(ISequence sequence, List<string> into, int most)
    {
        while (most-- > 0 && sequence.TryRead(out var batch))
        {
            into.AddRange(House.Text([batch]));
            sequence.Return(batch);
        }
    }

    // What a store does not do within patience is asked again later, as versions and mirrors do.
    private static async Task WithPatienceAsync(Func<Task> act)
    {
        for (var left = 50; ; left--)
        {
            try
            {
                await act();
                return;
            }
            catch (KappaException down) when (left > 0 && down.Kind is ErrorKind.Unavailable or ErrorKind.Corrupt)
            {
                // Again.
            }
        }
    }

    [Fact]
    public async Task Readers_and_a_mirror_at_once_on_threads_of_their_own_L4_L9()
    {
        await using var house = await House.OpenAsync(partitions: 2, requests: 150);
        var all = await house.ReadAsync();
        var mirror = house.NewMirror();
        house.Log.Attach(mirror.Archive);
        using var begun = new Barrier(4);
        var moving = Task.Run(async () =>
        {
            begun.SignalAndWait();
            await mirror.CopyAsync(CancellationToken.None);
            for (var kept = 4; kept >= 0; kept--)
            {
                house.RemoveMirrored(mirror, kept);
            }
        });
        var reading = Enumerable.Range(0, 3).Select(_ => Task.Run(async () =>
        {
            begun.SignalAndWait();
            return await house.ReadAsync();
        })).ToList();

        await moving;

        Assert.All(await Task.WhenAll(reading), read => Assert.Equal(all, read));
        Assert.Equal(all, await house.ReadAsync());
    }

    [Fact]
    public async Task A_changed_byte_anywhere_in_an_archive_is_named_and_refused_L9()
    {
        await using var house = await House.OpenAsync(partitions: 1, requests: 25);
        var mirror = house.NewMirror();
        await mirror.CopyAsync(CancellationToken.None);
        house.RemoveMirrored(mirror);
        var whole = house.Store.Copy();
        var random = new Random(7);
        foreach (var (name, bytes) in whole)
        {
            var isSegment = name.EndsWith(".segment", StringComparison.Ordinal);
            var places = isSegment
                ? Enumerable.Range(0, 40).Select(_ => random.Next(bytes.Length)).Append(0).Append(bytes.Length - 1)
                : Enumerable.Range(0, bytes.Length);
            foreach (var at in places)
            {
                var changed = bytes.ToArray();
                changed[at] ^= (byte)(1 << random.Next(8));
                await RefusedAsync(house, name, changed);
            }

            await RefusedAsync(house, name, bytes[..^1]);
            await RefusedAsync(house, name, [.. bytes, bytes[^1]]);
            await RefusedAsync(house, name, bytes[..(bytes.Length / 2)]);
            house.Store.Objects[name] = bytes;
        }

        house.Store.Objects.Remove("t/0000/00000002.segment");
        Assert.Contains(
            "00000002.segment", (await ReadRefusedAsync(house)).Message, StringComparison.Ordinal);
    }

    private static async Task RefusedAsync(House house, string name, byte[] changed)
    {
        house.Store.Objects[name] = changed;
        var refused = await ReadRefusedAsync(house);
        Assert.Contains(name.Split('/')[^1], refused.Message, StringComparison.Ordinal);
        Assert.Contains("memory", refused.Message, StringComparison.Ordinal);
        await using var archive = house.NewArchive();
        if (!name.EndsWith("topic.json", StringComparison.Ordinal))
        {
            Assert.NotEmpty((await archive.VerifyAsync(CancellationToken.None)).Findings);
        }
    }

    private static async Task<KappaException> ReadRefusedAsync(House house)
    {
        var archive = house.NewArchive();
        house.Log.Attach(archive);
        var refused = await Assert.ThrowsAsync<KappaException>(() => house.ReadAsync());
        Assert.True(refused.Kind is ErrorKind.Corrupt or ErrorKind.Invalid, refused.Kind.ToString());
        house.Log.Detach(archive);
        return refused;
    }

    [Fact]
    public async Task A_gap_between_archive_and_log_is_refused_and_named_L9()
    {
        await using var house = await House.OpenAsync(partitions: 1, requests: 25);
        var mirror = house.NewMirror();
        await mirror.CopyAsync(CancellationToken.None);
        var end = mirror.Progress.Verified[0];
        await house.AppendAsync(80, seed: 2);
        var begin = house.Log.Sealed(house.Log.PartitionsOf("t")[0])[^1].Header.BaseOffset;
        var behind = await house.Log.FindAsync("t", 0, begin, CancellationToken.None);
        var rest = await house.ReadAsync(behind);
        house.Log.RemoveBefore("t", 0, begin);
        house.Log.Attach(mirror.Archive);

        var gap = await Logs.RefusedAsync(ErrorKind.NotFound, () => house.ReadAsync());

        Assert.Contains($"offsets {end} to {begin - 1}", gap.Message, StringComparison.Ordinal);
        Assert.Contains("memory", gap.Message, StringComparison.Ordinal);
        Assert.Equal(rest, await house.ReadAsync(behind));
        var inside = await Logs.RefusedAsync(ErrorKind.NotFound, () => house.ReadAsync(
            new Place(house.Log.PartitionsOf("t")[0].Segments[0].Header.PreviousStamp, 0)));
        Assert.Contains($"up to {begin - 1}", inside.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_log_and_archive_overlap_they_are_compared_L9()
    {
        await using var house = await House.OpenAsync(partitions: 1, requests: 0);
        await house.Log.DisposeAsync();

        // The same data folder twice, and each goes its own way.
        var disk = new FaultyFileSystem();
        foreach (var (path, bytes) in house.Disk.Snapshot())
        {
            disk.CreateFolder(Path.GetDirectoryName(path)!);
            disk.Put(path, bytes);
        }

        await using var other = await house.AgainOnAsync(disk);
        await other.AppendAsync(40, seed: 5);
        await other.NewMirror().CopyAsync(CancellationToken.None);
        await using var foreign = other.NewArchive();
        await foreign.LoadAsync(again: false, CancellationToken.None);
        await house.OpenLogAsync();
        await house.AppendAsync(40);
        house.Log.Attach(foreign);

        var differs = await Logs.RefusedAsync(ErrorKind.Corrupt, () => house.ReadAsync());

        Assert.Contains("00000001.segment", differs.Message, StringComparison.Ordinal);
        Assert.Contains("differ", differs.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_whole_archive_of_two_is_enough_L9()
    {
        await using var house = await House.OpenAsync(requests: 60);
        var all = await house.ReadAsync();
        await house.NewMirror().CopyAsync(CancellationToken.None);
        house.Remembered = [];
        var second = new MemoryStore("second", house.Time);
        var mirror = house.NewMirror(second);
        await mirror.CopyAsync(CancellationToken.None);
        house.RemoveMirrored(mirror);
        house.Log.Attach(house.NewArchive());
        house.Log.Attach(house.NewArchive(second));
        house.Store.Objects["t/0000/00000002.segment"][99] ^= 8;
        second.Fault = (_, name) => name.EndsWith("1.segment", StringComparison.Ordinal)
            ? StoreFault.Fails : StoreFault.None;

        Assert.Equal(all, await house.ReadAsync());
    }

    [Fact]
    public async Task A_reader_goes_on_when_the_store_is_there_again_L9()
    {
        await using var house = await House.OpenAsync(requests: 60);
        var all = await house.ReadAsync();
        var mirror = house.NewMirror();
        await mirror.CopyAsync(CancellationToken.None);
        house.RemoveMirrored(mirror);
        house.Log.Attach(house.NewArchive());
        house.Store.Fault = (_, _) => StoreFault.Hangs;
        await using var sequence = house.Log.Read(["t"], Place.Start);
        Assert.Equal(
            ErrorKind.Unavailable, Assert.Throws<KappaException>(() => sequence.TryRead(out _)).Kind);
        house.Store.Fault = (_, _) => StoreFault.None;
        var read = new List<string>();

        Read(sequence, read, int.MaxValue);

        Assert.Equal(all, read);
    }

    [Fact]
    public async Task Fetched_segments_do_not_pile_up_L9()
    {
        await using var house = await House.OpenAsync(partitions: 1, requests: 150);
        var mirror = house.NewMirror();
        await mirror.CopyAsync(CancellationToken.None);
        house.RemoveMirrored(mirror);
        house.Log.Attach(mirror.Archive);
        var most = 0;
        await using (var sequence = house.Log.Read(["t"], Place.Start))
        {
            while (sequence.TryRead(out _))
            {
                most = Math.Max(most, Fetched());
            }
        }

        // What is read, what is read next, and three more within the bound of 200 KiB.
        Assert.True(mirror.Progress.Segments > 10);
        Assert.InRange(most, 1, 5);
        await house.Log.DisposeAsync();
        Assert.Equal(0, Fetched());

        int Fetched() => house.Disk.Snapshot().Keys
            .Count(name => name.StartsWith("/fetched", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_folder_of_this_machine_is_an_archive_that_is_read_in_place_L9()
    {
        await using var house = await House.OpenAsync(requests: 60);
        var all = await house.ReadAsync();
        var folder = new ArchiveFolder("/far/away", house.Disk);
        var mirror = house.NewMirror(folder);
        await mirror.CopyAsync(CancellationToken.None);
        house.RemoveMirrored(mirror);
        house.Log.Attach(house.NewArchive(folder));

        Assert.Equal(all, await house.ReadAsync());

        Assert.DoesNotContain(
            house.Disk.Snapshot().Keys, name => name.StartsWith("/fetched", StringComparison.Ordinal));
        Assert.Equal(["t"], await Archive.TopicsAsync(folder, null, CancellationToken.None));
        Assert.Throws<KappaException>(() => folder.PathOf("../elsewhere"));
        Assert.False(await folder.CreateAsync("t/topic.json", new byte[1], CancellationToken.None));
    }

    [Fact]
    public async Task A_power_loss_while_a_folder_is_mirrored_to_leaves_what_its_manifest_says_L9()
    {
        await using var house = await House.OpenAsync(partitions: 1, requests: 30);
        var expected = await house.ReadAsync();
        for (var seed = 1; seed <= 40; seed++)
        {
            var random = new Random(seed);
            var disk = new FaultyFileSystem();
            var power = new PowerLoss(disk, random.Next(60), random);
            house.Remembered = [];
            await house.NewMirror(new ArchiveFolder("/far", disk)).CopyAsync(CancellationToken.None);
            var after = power.Ended();

            house.Remembered = [];
            await using var found = house.NewArchive(new ArchiveFolder("/far", after));
            if (after.Exists("/far/t/topic.json"))
            {
                Assert.Empty((await found.VerifyAsync(CancellationToken.None)).Findings);
            }

            var again = house.NewMirror(new ArchiveFolder("/far", after));
            await again.CopyAsync(CancellationToken.None);
            Assert.Equal(house.Log.Sealed(house.Log.PartitionsOf("t")[0]).Count, again.Progress.Segments);
        }

        Assert.Equal(expected, await house.ReadAsync());
    }
}
