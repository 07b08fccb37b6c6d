using System.Text;
using Kappa.Log;
using Kappa.Tables.Loop;
using Xunit;

namespace Kappa.Tables.Tests;

public sealed class JournalTests
{
    public static TheoryData<string> Examples => [.. Documented()];

    [Theory]
    [MemberData(nameof(Examples))]
    public void Every_documented_record_reads_and_writes_as_the_same_bytes(string line) =>
        Assert.Equal(
            line, Encoding.UTF8.GetString(JournalCodec.Encode(JournalCodec.Decode(Encoding.UTF8.GetBytes(line)))));

    [Fact]
    public void Every_kind_of_record_is_documented()
    {
        var kinds = typeof(JournalRecord).GetCustomAttributes(false)
            .OfType<System.Text.Json.Serialization.JsonDerivedTypeAttribute>()
                .Select(a => $"{{\"kind\":\"{a.TypeDiscriminator}\"");
        Assert.All(kinds, kind => Assert.Contains(Documented(), l => l.StartsWith(kind, StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("{\"kind\":\"merged\",\"by\":\"x\"}")]
    [InlineData("{\"kind\":\"switched\",\"id\":\"1\",\"at\":\"2026-01-01T00:00:00Z/0\",\"also\":1}")]
    [InlineData("{\"kind\":\"switched\",\"id\":\"1\",\"by\":\"x\"}")]
    [InlineData("{\"kind\":\"switched\",\"id\":null,\"at\":\"0001-01-01T00:00:00.0000000Z/0\",\"by\":\"x\"}")]
    [InlineData("{\"kind\":\"dropped\",\"version\":\"orders\",\"by\":\"x\"}")]
    [InlineData("{}")]
    [InlineData("null")]
    [InlineData("not json")]
    public void A_record_this_program_does_not_know_is_refused_with_what_to_do(string text)
    {
        var error = Assert.ThrowsAny<KappaException>(() => JournalCodec.Decode(Encoding.UTF8.GetBytes(text)));
        Assert.Equal(ErrorKind.Corrupt, error.Kind);
        Assert.Contains("Upgrade", error.Next, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_journal_opened_again_gives_the_same_catalog()
    {
        using var loops = await Loops.WithVersionsAsync(2);
        await loops.Switch.RunAsync([Loops.V(2)], Loops.Deadline, "me", default);
        await loops.Log.AppendAsync(new AppendRequest(Names.Clock, [new NewRecord(null, new byte[] { 1 })]), default);
        using var again = await Journal.OpenAsync(loops.Log, default);
        Assert.Equal(loops.Catalog.Place, again.Catalog.Place);
        Assert.Equal(
            loops.Catalog.Versions.Select(v => (v.Version, v.State, v.Since)),
            again.Catalog.Versions.Select(v => (v.Version, v.State, v.Since)));
        Assert.Equal(Loops.V(2), again.Catalog.Live("orders")!.Version);
    }

    [Fact]
    public async Task An_illegal_record_is_never_appended() // V3
    {
        using var loops = await Loops.WithVersionsAsync(1);
        var records = loops.Log.Topics.Single(t => t.Name == Names.Lifecycle).Records;
        await Assert.ThrowsAnyAsync<KappaException>(
            () => loops.Journal.AppendAsync(new VersionRetired(Loops.V(1), "soak ended"), default).AsTask());
        Assert.Equal(records, loops.Log.Topics.Single(t => t.Name == Names.Lifecycle).Records);
    }

    [Fact]
    public async Task Only_one_of_two_journals_over_one_log_wins_and_the_other_finds_out() // L8, V3
    {
        var log = new MemoryLog();
        using var one = await Journal.OpenAsync(log, default);
        using var other = await Journal.OpenAsync(log, default);
        await one.AppendAsync(Loops.Made(1), default);
        await Assert.ThrowsAnyAsync<KappaException>(() => other.AppendAsync(Loops.Made(1, "trips"), default).AsTask());
        await other.AppendAsync(Loops.Made(1, "trips"), default);
        Assert.Equal(2, other.Catalog.Versions.Count());
        using var third = await Journal.OpenAsync(log, default);
        Assert.Equal(2, third.Catalog.Versions.Count());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_append_whose_fate_is_unknown_is_in_the_journal_once_when_it_is_repeated(bool wasDurable) // L8
    {
        var log = new MemoryLog();
        using var journal = await Journal.OpenAsync(log, default);
        Action fail = () => throw new KappaException(ErrorKind.Unavailable, "The disk is gone.", "Wait.");
        log.Before = wasDurable ? () => { } : fail;
        log.After = wasDurable ? fail : () => { };
        await Assert.ThrowsAnyAsync<KappaException>(() => journal.AppendAsync(Loops.Made(1), default).AsTask());
        log.Before = log.After = () => { };
        var place = await journal.AppendAsync(Loops.Made(1), default);
        Assert.Equal(place, journal.Catalog.Place);
        Assert.Equal(1, log.Topics.Single().Records);
        await journal.AppendAsync(new VersionReady(Loops.V(1), place), default);
        Assert.Equal(2, log.Topics.Single().Records);
    }

    [Fact]
    public async Task Who_waits_for_a_change_gets_the_next_catalog()
    {
        using var journal = await Journal.OpenAsync(new MemoryLog(), default);
        var waiting = journal.ChangedAsync(journal.Catalog, default).AsTask();
        Assert.False(waiting.IsCompleted);
        await journal.AppendAsync(Loops.Made(1), default);
        Assert.Same(journal.Catalog, await waiting);
    }

    private static string[] Documented()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Kappa.slnx")))
        {
            folder = Path.GetDirectoryName(folder)!;
        }

        return [.. File.ReadLines(Path.Combine(folder, "docs", "formats", "journal.md"))
            .Where(l => l.StartsWith("{\"kind\"", StringComparison.Ordinal))];
    }
}
