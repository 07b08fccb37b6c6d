using Kappa.Nexmark.Tests.Queries;
using Xunit;

namespace Kappa.Nexmark.Tests;

/// <summary>The programme of Nexmark, beside the rows of a peer.</summary>
public sealed class PeerTests
{
    public static TheoryData<string> Names => [.. Programme.OfPeer.Select(query => query.Name)];

    [PeerTheory]
    [MemberData(nameof(Names))]
    public void A_query_gives_the_rows_that_RisingWave_gives(string name)
    {
        var rows = Arrival.Run(
            Programme.OfPeer.Single(query => query.Name == name), Peer.Events().OrderBy(Arrival.TimeOf));

        Assert.NotEmpty(rows);
        Assert.Equal(Peer.Expected(name).Select(RowText.Of).Order(StringComparer.Ordinal), rows);
    }
}
