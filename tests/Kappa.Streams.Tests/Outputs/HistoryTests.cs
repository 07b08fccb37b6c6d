using Kappa.Log;
using Kappa.Tables;
using Kappa.Tables.Loop;
using Xunit;

namespace Kappa.Streams.Tests.Outputs;

/// <summary>
/// Rule E3: with <c>--publish-history</c> the world hears an output from the first record on, each record once,
/// whatever breaks and whoever takes over.
/// </summary>
public sealed class HistoryTests
{
    private const string Topic = "words";

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task History_is_said_once_and_whole_over_broken_appends_and_restarts_E3_E1(int seed)
    {
        var readings = Readings(seed + 40, 900);
        using var folder = new TemporaryFolder();
        var code = new Dictionary<JobVersion, Job>();
        var random = new Random(seed);
        JobVersion first;
        await using (var house = await House.OpenAsync(folder.Path, code))
        {
            await house.TopicsAsync(Says("one"));
            await house.AppendAsync(readings[..700]);
        }

        // The public topic breaks while the history goes out, and everything restarts in the middle of it.
        await using (var house = await House.OpenAsync(folder.Path, code, log: Breaking(random)))
        {
            first = await house.MakeAsync(Says("one"), publishHistory: true);
            await house.StateAsync(first, VersionState.Live);
        }

        var lost = 0;
        for (var round = 0; round < 4; round++)
        {
            BreakingLog? log = null;
            await using var house = await House.OpenAsync(
                folder.Path, code, log: plain => log = (BreakingLog)Breaking(random)(plain));
            await house.AppendAsync(readings[(700 + (50 * round))..(750 + (50 * round))]);
            var lines = await house.SaidAsync(Topic);
            Assert.Equal(lines.Distinct(), lines);
            if (round == 3)
            {
                await house.RelayedAsync(Topic);
            }

            lost += log!.LostBefore + log.LostAfter;
        }

        Assert.True(lost > 0);
        await using var again = await House.OpenAsync(folder.Path, code);
        await again.CaughtUpAsync(first);
        await again.RelayedAsync(Topic);
        var said = await again.SaidAsync(Topic);

        Assert.Equal(900, said.Count);
        Assert.Equal(await again.SaidAsync("words@1"), said);
        Assert.True(again.Journal.Catalog.SaysHistory(Topic));
    }

    [Fact]
    public async Task History_is_not_said_again_after_switches_and_back_and_restarts_E3_V6()
    {
        var readings = Readings(19, 600);
        using var folder = new TemporaryFolder();
        var code = new Dictionary<JobVersion, Job>();
        JobVersion first, second;
        await using (var house = await House.OpenAsync(folder.Path, code))
        {
            await house.TopicsAsync(Says("one"));
            await house.AppendAsync(readings[..200]);
            first = await house.MakeAsync(Says("one"), publishHistory: true);
            await house.StateAsync(first, VersionState.Live);

            // Made with the wish as well, as a program does that is started with it each time: nothing is left to say.
            second = await house.MakeAsync(Says("two"), publishHistory: true);
            await house.StateAsync(second, VersionState.Ready);
            Assert.Empty((await house.SwitchAsync(second, publishHistory: true)).History);
            await house.AppendAsync(readings[200..400]);
        }

        await using (var house = await House.OpenAsync(folder.Path, code))
        {
            await house.SwitchAsync(first);
            await house.AppendAsync(readings[400..]);
            await house.SwitchAsync(second, publishHistory: true);
        }

        await using var again = await House.OpenAsync(folder.Path, code);
        await again.CaughtUpAsync(second);
        await again.RelayedAsync(Topic);
        var said = await again.SaidAsync(Topic);
        var owners = again.Journal.Catalog.Owners("says");
        Assert.Equal([first, second, first, second], owners.Select(owner => owner.Version));
        Assert.Equal(600, said.Count);
        Assert.Equal((await again.SaidAsync("words@2")).Select(Id), said.Select(Id));
        Assert.Equal(said.Select(line => WordOf(Id(line), owners, first)), said.Select(Word));
    }

    [Fact]
    public async Task An_output_that_comes_with_a_switch_has_its_history_and_the_others_go_on_E3()
    {
        var readings = Readings(23, 300);
        using var folder = new TemporaryFolder();
        var code = new Dictionary<JobVersion, Job>();
        JobVersion first, second;
        await using (var house = await House.OpenAsync(folder.Path, code))
        {
            await house.TopicsAsync(Says("one"));
            await house.AppendAsync(readings[..100]);
            first = await house.MakeAsync(Says("one"));
            await house.StateAsync(first, VersionState.Live);
            await house.AppendAsync(readings[100..200]);

            // The relay of the new output breaks in its history, and a restart finds it there.
            second = await house.MakeAsync(Says("two", "more"));
            await house.StateAsync(second, VersionState.Ready);
        }

        var random = new Random(5);
        await using (var house = await House.OpenAsync(folder.Path, code, log: Breaking(random)))
        {
            Assert.Equal(["more"], (await house.SwitchAsync(second, publishHistory: true)).History);
            Assert.Equal(["more"], (await house.SwitchAsync(second, publishHistory: true)).History);
        }

        // Back to a version without the output, and forth again.
        await using (var house = await House.OpenAsync(folder.Path, code, log: Breaking(random)))
        {
            await house.SwitchAsync(first);
            await house.AppendAsync(readings[200..250]);
            await house.SwitchAsync(second);
            await house.AppendAsync(readings[250..]);
        }

        await using var again = await House.OpenAsync(folder.Path, code);
        await again.CaughtUpAsync(second);
        await again.RelayedAsync("more");
        await again.RelayedAsync(Topic);
        var owners = again.Journal.Catalog.Owners("says");
        var (words, all) = (await again.SaidAsync(Topic), await again.SaidAsync("more@2"));
        Assert.Equal(200, words.Count);
        Assert.Equal(await OfOwnersAsync(again, owners, first), words);

        // What version 1 said at its second turn is no "more": all else is, once.
        var gap = all.Where(line => PlaceOf(Id(line)) is var place
            && place > owners[2].After && place <= owners[2].UpTo).ToList();
        Assert.Equal(50, gap.Count);
        Assert.Equal(all.Except(gap), await again.SaidAsync("more"));
        var catalog = again.Journal.Catalog;
        Assert.Equal((false, true), (catalog.SaysHistory(Topic), catalog.SaysHistory("more")));
    }

    [Fact]
    public async Task What_was_said_without_its_history_cannot_have_it_later_and_that_is_told_E3()
    {
        using var folder = new TemporaryFolder();
        await using var house = await House.OpenAsync(folder.Path);
        var first = await house.MakeAsync(Says("one"));
        await house.StateAsync(first, VersionState.Live);
        var second = await house.MakeAsync(Says("two"));
        await house.StateAsync(second, VersionState.Ready);

        foreach (var act in new Func<Task>[]
        {
            () => house.SwitchAsync(second, publishHistory: true),
            () => house.MakeAsync(Says("three"), publishHistory: true),
            () => house.SwitchAsync(first, publishHistory: true),
        })
        {
            var refused = await Assert.ThrowsAsync<KappaException>(act);
            Assert.Equal(ErrorKind.Conflict, refused.Kind);
            Assert.Contains("'words' has been said to the world since", refused.Message, StringComparison.Ordinal);
            Assert.Contains("another name", refused.Next, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_drop_waits_until_the_history_is_said_E3_V8()
    {
        using var folder = new TemporaryFolder();
        HeldLog? held = null;
        await using var house = await House.OpenAsync(folder.Path, log: plain => held = new HeldLog(plain, Topic));
        await house.TopicsAsync(Says("one"));
        await house.AppendAsync(Readings(3, 300));
        var first = await house.MakeAsync(Says("one"), publishHistory: true);
        await house.StateAsync(first, VersionState.Live);
        var second = await house.MakeAsync(Says("two"));
        await house.StateAsync(second, VersionState.Ready);
        await house.SwitchAsync(second);
        await held!.Asked;

        var drop = new Drop(house.Journal, house.Versions, house.Store, TimeProvider.System)
            .RunAsync(first, "test", CancellationToken.None).AsTask();
        for (var i = 0; i < 20; i++)
        {
            await Polling.NextAsync();
            Assert.False(drop.IsCompleted);
        }

        held.Open();
        await drop;
        Assert.Equal(300, (await house.SaidAsync(Topic)).Distinct().Count());
    }

    private static Func<ILog, ILog> Breaking(Random random) =>
        plain => new BreakingLog(plain, random, topic => topic is Topic or "more");

    private static List<Reading> Readings(int seed, int count) =>
        [.. Sequence.Random(seed, count, 2, complete: false).Readings.Select(pair => pair.Reading)];

    private static Job Says(string word, string? more = null) => Job.Define("says", flow =>
    {
        var words = flow.From<Reading>("readings").Select(_ => word);
        words.ToTopic(Topic);
        if (more is not null)
        {
            words.ToTopic(more);
        }
    });

    /// <summary>What each owner said in its stretch, told by the journal alone.</summary>
    private static async Task<List<string>> OfOwnersAsync(
        House house, IReadOnlyList<Ownership> owners, JobVersion first)
    {
        var (one, two) = (await house.SaidAsync("words@1"), await house.SaidAsync("words@2"));
        return [.. owners.SelectMany(owner => (owner.Version == first ? one : two)
            .Where(line => PlaceOf(Id(line)) > owner.After && !(PlaceOf(Id(line)) > owner.UpTo)))];
    }

    private static string WordOf(string id, IReadOnlyList<Ownership> owners, JobVersion first) =>
        (owners.LastOrDefault(owner => owner.After < PlaceOf(id)) ?? owners[0]).Version == first ? "one" : "two";

    private static string Id(string line) => line[..line.IndexOf(' ', StringComparison.Ordinal)];

    private static string Word(string line) => line[^4..^1];

    private static Place PlaceOf(string id) =>
        Place.TryParse(id[..id.LastIndexOf('/')], out var place) ? place : throw new FormatException(id);
}
