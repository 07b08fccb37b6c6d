using Kappa.Nexmark.Tests.Queries;
using Kappa.Testing;
using Xunit;

namespace Kappa.Nexmark.Tests;

/// <summary>Promise P2 for the programme of Nexmark.</summary>
public sealed class ReplayTests
{
    [Theory]
    [MemberData(nameof(Programme.Names), MemberType = typeof(Programme))]
    public void A_query_is_the_same_in_every_replay_P2(string name)
    {
        var query = Programme.Limited(name);
        var records = query.Read(Generator.Events(seed: 5, count: 120).Select(Arrival.RecordOf));

        Assert.True(Replay.Check(query.Job, records, schedules: 3) > 0);
    }
}
