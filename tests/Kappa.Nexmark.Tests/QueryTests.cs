using Kappa.Nexmark.Tests.Queries;
using Kappa.Testing;
using Xunit;

namespace Kappa.Nexmark.Tests;

/// <summary>
/// The programme of Nexmark: what a peer says, what plain LINQ says, and the same rows in every replay.
/// </summary>
public sealed class QueryTests
{
    /// <summary>So few that q105 has more than it shows.</summary>
    private const int Limit = 10;

    public static TheoryData<string> Names => [.. Programme.All.Select(query => query.Name)];

    public static TheoryData<string> NamesOfPeer => [.. Programme.OfPeer.Select(query => query.Name)];

    [PeerTheory]
    [MemberData(nameof(NamesOfPeer))]
    public void A_query_gives_the_rows_that_RisingWave_gives(string name)
    {
        var rows = Arrival.Run(
            Programme.All.Single(query => query.Name == name), Peer.Events().OrderBy(Arrival.TimeOf));

        Assert.NotEmpty(rows);
        Assert.Equal(Peer.Expected(name).Select(RowText.Of).Order(StringComparer.Ordinal), rows);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_query_gives_the_rows_that_LINQ_gives_when_events_come_out_of_order(string name)
    {
        const int Seed = 11;
        var events = Generator.Events(Seed, 2_000);
        var expected = new Oracle(events, Limit).Of(name).Select(RowText.Of).Order(StringComparer.Ordinal).ToList();

        Assert.True(expected.Count > 0, $"seed {Seed} gives nothing to compare");
        Assert.Equal(expected, Arrival.Run(Limited(name), events));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_query_is_the_same_in_every_replay_P2(string name)
    {
        var query = Limited(name);
        var records = query.Read(Generator.Events(seed: 5, count: 120).Select(Arrival.RecordOf));

        Assert.True(Replay.Check(query.Job, records, schedules: 3) > 0);
    }

    private static Query Limited(string name) => name == Q102.Most.Name
        ? Q102.OfMost(Limit)
        : Programme.All.Single(query => query.Name == name);
}
