using Kappa.Nexmark.Tests.Queries;
using Xunit;

namespace Kappa.Nexmark.Tests;

/// <summary>The programme of Nexmark over events out of order, beside its SQL said in LINQ.</summary>
public sealed class LinqTests
{
    [Theory]
    [MemberData(nameof(Programme.Names), MemberType = typeof(Programme))]
    public void A_query_gives_the_rows_that_LINQ_gives_when_events_come_out_of_order(string name)
    {
        const int Seed = 11;
        var events = Generator.Events(Seed, 2_000);
        var expected = new Oracle(events, Programme.Limit).Of(name).Select(RowText.Of).Order(StringComparer.Ordinal)
            .ToList();

        Assert.True(expected.Count > 0, $"seed {Seed} gives nothing to compare");
        Assert.Equal(expected, Arrival.Run(Programme.Limited(name), events));
    }
}
