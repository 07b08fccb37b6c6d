using Xunit;
using Xunit.Abstractions;

namespace Kappa.Crash;

/// <summary>
/// The quick share of <c>./do crashstates</c>, <c>corrupt</c> and <c>planted</c> (rules L1, L2, L7, L8, L10).
/// </summary>
public sealed class CrashTests(ITestOutputHelper output)
{
    public static TheoryData<string> Planted => [.. Plants.All.Select(plant => plant.Name)];

    /// <summary>
    /// 1028: a partition stopped, its stop could not be noted, and what a power loss left of the refused batch looked
    /// as if it had been acknowledged. 5002: the sync of a new segment's header failed, and after a restart it passed
    /// for durable.
    /// </summary>
    [Theory]
    [InlineData(1, 3_000)]
    [InlineData(1028, 1_300)]
    [InlineData(5002, 1_300)]
    public async Task Nothing_acknowledged_or_read_is_lost_when_power_goes_L7(int seed, int count)
    {
        var states = new CrashStates(count, seed, Plant.None, output.WriteLine);

        await states.RunAsync();

        output.WriteLine(states.LastLine);
        Assert.True(states.States == count && states.Lost == 0, states.First);
    }

    /// <summary>50015 and 50055: a segment behind a stop, with no record yet, is gone.</summary>
    [Theory]
    [InlineData(1, 2_000)]
    [InlineData(50015, 200)]
    [InlineData(50055, 200)]
    public async Task Damage_is_named_and_never_returned_as_data_L10(int seed, int count)
    {
        var damages = new Corruptions(count, seed, Plant.None, output.WriteLine);

        await damages.RunAsync();

        output.WriteLine(damages.LastLine);
        Assert.True(damages.Count == count && damages.Silent == 0, damages.First);
        Assert.InRange(damages.Harmless, 1, damages.Count / 2);
    }

    [Theory]
    [MemberData(nameof(Planted))]
    public async Task A_planted_mistake_of_the_log_is_found(string plant)
    {
        var caught = await Hunt.ForAsync(Plants.All.Single(one => one.Name == plant));

        output.WriteLine(caught ?? "not caught");
        Assert.NotNull(caught);
    }
}
