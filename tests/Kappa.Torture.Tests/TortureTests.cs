using Xunit;
using Xunit.Abstractions;

namespace Kappa.Torture;

/// <summary>Promises P2, P3 and P4 under kill -9 of the real server.</summary>
public sealed class TortureTests(ITestOutputHelper output)
{
    private const int Kills = 50;
    private const int KillsOfEach = 8;

    [Fact]
    public async Task Nothing_acknowledged_is_lost_and_tables_are_those_of_a_fresh_run_when_the_server_is_killed()
    {
        using var torture = new Torture(new TortureOptions(Kills, TortureOptions.SeedOfEnvironment()), Say);

        await torture.RunAsync();

        foreach (var sentence in torture.Findings.Sentences)
        {
            Say(sentence);
        }

        Say(torture.Findings.Beyond);
        Say(torture.LastLine);
        Assert.All(
            [Phase.Append, Phase.Replay, Phase.Switch, Phase.Rollback, Phase.Drop],
            phase => Assert.InRange(torture.Moments.Count(phase), KillsOfEach, int.MaxValue));
        Assert.False(torture.Findings.Any, torture.LastLine);
    }

    private void Say(string line)
    {
        output.WriteLine(line);
        Console.WriteLine(line);
    }
}
