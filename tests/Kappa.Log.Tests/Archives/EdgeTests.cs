using System.Collections.Concurrent;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Xunit;
using Xunit.Abstractions;

namespace Kappa.Log.Tests.Archives;

/// <summary>
/// The edge between archive and log while everything moves it, each on a thread of its own: a producer, a mirror,
/// retention, and readers that begin at any time and place. What was acknowledged is the oracle (rules L3, L4, L9).
/// </summary>
public sealed class EdgeTests(ITestOutputHelper output)
{
    private const int Requests = 140;

    [Fact]
    public async Task An_archive_of_a_deleted_topic_is_not_one_of_a_later_topic_of_its_name_L9()
    {
        await using var house = await House.OpenAsync();
        var mirror = house.NewMirror();
        await mirror.CopyAsync(default);
        house.Attach(mirror.Archive);
        await house.Log.ChangeAsync(new DeleteTopic("t"), default);
        await house.Log.CreateAsync("t", 2);
        await house.AppendAsync(90, seed: 9);

        // Nothing of the new topic is in it: nothing may go because of it, and nothing of it is read.
        Assert.Null(house.Log.ArchiveEndsOf("t"));
        Assert.Throws<KappaException>(() => house.Log.Attach(mirror.Archive));
        await Logs.RefusedAsync(ErrorKind.Conflict, () => mirror.CopyAsync(default).AsTask());
        var unread = house.NewArchive();
        house.Log.Attach(unread);
        await Logs.RefusedAsync(ErrorKind.Conflict, () => unread.LoadAsync(again: false, default).AsTask());
        Assert.All(house.Log.ArchiveEndsOf("t")!, end => Assert.Equal(0, end));
        Assert.NotEmpty(await house.ReadAsync());

        // Nor is it in the way where the new topic loses its beginning: it may be forgotten.
        var sealedEnd = house.Log.Sealed(house.Log.PartitionsOf("t")[0])[^1].Header.BaseOffset;
        house.Log.RemoveBefore("t", 0, sealedEnd);
        Assert.True(sealedEnd > 0);
        Assert.False(house.Log.IsNeeded("t", mirror.Archive));
        Assert.False(house.Log.IsNeeded("t", unread));
        Assert.True(house.Log.IsNeeded("t", archive: null));
    }

    [Fact]
    public async Task Where_a_topic_begins_is_asked_of_its_archives_when_it_has_to_be_known_L9()
    {
        await using var house = await House.OpenAsync();
        var mirror = house.NewMirror();
        await mirror.CopyAsync(default);
        house.Log.Attach(mirror.Archive);
        house.RemoveMirrored(mirror);
        house.Log.Detach(mirror.Archive);
        house.Log.Attach(house.NewArchive(new MemoryStore("empty", house.Time)));
        house.Log.Attach(house.NewArchive());
        Assert.True(Start() > Place.Start);

        // Not answered is not known; and one that has nothing yet is no trouble.
        house.Store.Fault = (_, _) => StoreFault.Fails;
        await Logs.RefusedAsync(ErrorKind.Unavailable, () => house.Log.AskArchivesAsync("t", default).AsTask());
        Assert.True(Start() > Place.Start);
        house.Store.Fault = (_, _) => StoreFault.None;
        await house.Log.AskArchivesAsync("t", default);
        Assert.Equal(Place.Start, Start());
        var calls = house.Store.Calls;
        await house.Log.AskArchivesAsync("t", default);
        Assert.Equal(calls, house.Store.Calls);

        Place Start() => house.Log.Topics.Single(topic => topic.Name == "t").Start;
    }

    [Fact]
    public void Readers_across_a_moving_edge_get_exactly_what_was_acknowledged_L4_L9()
    {
        Prop.ForAll(ArbMap.Default.ArbFor<int>(), seed =>
        {
            output.WriteLine($"seed {seed}");
            RunAsync(seed).GetAwaiter().GetResult();
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(3));
    }

    private static async Task RunAsync(int seed)
    {
        await using var house = await House.OpenAsync(partitions: 3, requests: 0);
        var mirror = house.NewMirror();
        house.Log.Attach(mirror.Archive);
        await house.Log.ChangeAsync(new SetTopic("t", new TopicSettings { RetainBytes = 1 << 20 }), default);
        var acknowledged = new ConcurrentQueue<(Appended At, string[] Values)>();
        using var done = new CancellationTokenSource();
        var mirroring = Task.Run(() => UntilAsync(async () => await mirror.CopyAsync(default), done.Token));
        var retaining = Task.Run(() => UntilAsync(async () => await RetainAsync(house.Log), done.Token));
        var second = new MemoryStore("second", house.Time);
        var coming = ComeAndGoAsync(house, second, done.Token);
        var readers = Enumerable.Range(0, 4)
            .Select(reader => Task.Run(
                () => ReadAllAsync(house.Log, acknowledged, new Random(seed + reader), done.Token)))
            .ToList();

        await AppendAsync(house.Log, acknowledged, new Random(seed));
        await done.CancelAsync();
        await mirroring;
        await retaining;
        await coming;
        await Task.WhenAll(readers);

        await mirror.CopyAsync(default);
        await RetainAsync(house.Log);
        Assert.All(house.Log.BeginOffsets("t"), begin => Assert.True(begin > 0));
        var all = await ReadAsync(house.Log, Place.Start);
        Check(all, acknowledged);
        Assert.Equal(acknowledged.Sum(one => one.Values.Length), all.Count);
        await CheckAloneAsync(house, second, all);
    }

    /// <summary>
    /// A mirror that is there now and then: what retention removed meanwhile it copies out of the archive of the other.
    /// </summary>
    private static async Task ComeAndGoAsync(House house, MemoryStore store, CancellationToken done)
    {
        while (!done.IsCancellationRequested)
        {
            var begin = house.Log.BeginOffsets("t").Sum();
            while (!done.IsCancellationRequested && house.Log.BeginOffsets("t").Sum() == begin)
            {
                await Task.Yield();
            }

            // Not attached while it copies: retention goes on all the same, and takes segments from under its hands.
            await SecondMirror(house, store).CopyAsync(default);
        }
    }

    private static Mirror SecondMirror(House house, MemoryStore store) =>
        new(house.Log, new Archive(store, "t", house.Patience), house.Id, _ => { });

    /// <summary>Its archive alone gives everything up to its end.</summary>
    private static async Task CheckAloneAsync(House house, MemoryStore store, List<Seen> all)
    {
        var mirror = SecondMirror(house, store);
        await mirror.CopyAsync(default);
        Assert.Empty((await mirror.Archive.VerifyAsync(default)).Findings);
        var options = new LogOptions { Folder = "/alone", Files = new FaultyFileSystem() };
        await ArchiveRestore.RunAsync([mirror.Archive], options, null, default);
        await using var alone = await EmbeddedLog.OpenAsync(options, default);
        var ends = mirror.Progress.Verified;
        Assert.Equal(
            all.Where(one => one.Offset < ends[one.Partition]),
            await ReadAsync(alone, Place.Start));
        Assert.True(ends.Sum() > all.Count / 2);
    }

    private static ValueTask<RetentionStep> RetainAsync(EmbeddedLog log) =>
        log.RetainAsync("t", Place.EndOf(log.CompleteTo), default);

    private static async Task AppendAsync(
        EmbeddedLog log, ConcurrentQueue<(Appended At, string[] Values)> acknowledged, Random random)
    {
        for (var request = 0; request < Requests; request++)
        {
            string[] values = [.. Enumerable.Range(0, random.Next(1, 9)).Select(n =>
                $"{request}.{n}." + new string((char)('a' + n), random.Next(10, 9_000)))];
            var at = await log.AppendAsync(
                new AppendRequest("t", [.. values.Select(value => Logs.Keyed($"k{random.Next(30)}", value))]), default);
            acknowledged.Enqueue((at, values));
        }
    }

    // One reader after the other, each from the start or behind something that was acknowledged, until all is appended.
    private static async Task ReadAllAsync(
        EmbeddedLog log, ConcurrentQueue<(Appended At, string[] Values)> acknowledged, Random random,
        CancellationToken done)
    {
        bool isLast;
        do
        {
            isLast = done.IsCancellationRequested;
            var known = acknowledged.ToArray();
            var at = known.Length > 0 && random.Next(3) == 0 ? random.Next(known.Length) : -1;
            var after = at < 0 ? Place.Start : known[at].At.Last;
            var read = await ReadAsync(log, after);
            Check(read, at < 0 ? known : known[(at + 1)..], isAll: at < 0);
        }
        while (!isLast);
    }

    private static async Task<List<Seen>> ReadAsync(EmbeddedLog log, Place after)
    {
        var seen = new List<Seen>();
        foreach (var batch in (await log.ReadAsync(after, "t")).Where(batch => batch.Topic == "t"))
        {
            foreach (var record in batch)
            {
                seen.Add(new Seen(
                    batch.Partition, record.Offset, record.Place, Encoding.UTF8.GetString(record.Value)));
            }
        }

        return seen;
    }

    private static void Check(
        List<Seen> read, IReadOnlyCollection<(Appended At, string[] Values)> acknowledged, bool isAll = true)
    {
        for (var i = 1; i < read.Count; i++)
        {
            Assert.True(read[i].Place > read[i - 1].Place, "places rise");
        }

        foreach (var partition in read.GroupBy(one => one.Partition))
        {
            var first = isAll ? 0 : partition.First().Offset;
            Assert.Equal(
                Enumerable.Range(0, partition.Count()).Select(n => first + n), partition.Select(one => one.Offset));
        }

        var by = read.ToDictionary(one => (one.Partition, one.Offset));
        foreach (var (at, values) in acknowledged)
        {
            var found = at.Batches.SelectMany(batch => Enumerable.Range(0, batch.Count).Select(n =>
            {
                var one = by[(batch.Partition, batch.BaseOffset + n)];
                Assert.Equal(batch.LogTime, one.Place.LogTime);
                return one.Value;
            }));
            Assert.Equal(values.Order(StringComparer.Ordinal), found.Order(StringComparer.Ordinal));
        }
    }

    private static async Task UntilAsync(Func<Task> act, CancellationToken done)
    {
        while (!done.IsCancellationRequested)
        {
            await act();
            await Task.Yield();
        }
    }

    private sealed record Seen(int Partition, long Offset, Place Place, string Value);
}
