using Xunit;
using Xunit.Abstractions;

namespace Kappa.Simulation;

/// <summary>The quick share of <c>./do sim</c> (promises P1 to P4, rules L2, L7, L8, C1, C2, C4).</summary>
public sealed class SimulationTests(ITestOutputHelper output)
{
    public static TheoryData<string> Planted => [.. Plants.All];

    [Fact]
    public async Task Nothing_is_violated_in_twenty_worlds()
    {
        var simulation = new Simulation(new SimulationOptions(Seeds: 20), output.WriteLine);

        await simulation.RunAsync();

        output.WriteLine(simulation.LastLine);
        Assert.True(
            simulation is { Crashes: >= 20, Switches: >= 10, Drops: >= 5 }, simulation.LastLine);
        Assert.True(simulation.Violations == 0, simulation.LastLine);
    }

    [Theory]
    [MemberData(nameof(Planted))]
    public async Task A_planted_fault_is_found(string plant)
    {
        var simulation = new Simulation(new SimulationOptions(Seeds: 200, Plant: plant), _ => { });

        await simulation.RunAsync();

        Assert.True(simulation.Violations > 0, simulation.LastLine);
    }
}
