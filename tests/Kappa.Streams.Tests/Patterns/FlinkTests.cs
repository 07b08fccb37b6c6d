using Kappa.Streams.Patterns;
using Xunit;

namespace Kappa.Streams.Tests.Patterns;

/// <summary>
/// The published results of Apache Flink's CEP tests (rule O5): the data of its cases, whose names they keep, with this
/// API's patterns. Flink compares matches without regard to order; so does this.
/// </summary>
public sealed class FlinkTests
{
    private static readonly FlinkCase[] All =
        [.. FlinkSequences.All, .. FlinkLoops.All, .. FlinkNots.All, .. FlinkSkips.All, .. FlinkGroups.All];

    public static TheoryData<string> Names => [.. All.Select(one => one.Test)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Matches_are_those_of_Flink_O5(string test)
    {
        var one = All.Single(one => one.Test == test);
        var pattern = one.Pattern.Time is null ? one.Pattern.Within(Within.Unbounded(10_000)) : one.Pattern;
        var found = Detection.Of(pattern, Letter.Read(one.Events));

        Assert.Equal(
            one.Matches.Order(StringComparer.Ordinal),
            found.Select(match => match.Events).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void There_are_more_than_a_hundred_cases() => Assert.True(All.Length > 100, $"{All.Length}");
}
