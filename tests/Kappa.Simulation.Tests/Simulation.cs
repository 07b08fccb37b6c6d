using System.Globalization;

namespace Kappa.Simulation;

/// <summary>Runs a world for each seed and counts. With a plant it stops at the first violation.</summary>
internal sealed class Simulation(SimulationOptions options, Action<string> say)
{
    private const int LinesOfStory = 12;

    private int _seeds;

    public int Steps { get; private set; }

    public int Crashes { get; private set; }

    public int Switches { get; private set; }

    public int Drops { get; private set; }

    public int Violations { get; private set; }

    public string LastLine => string.Create(
        CultureInfo.InvariantCulture,
        $"seeds {_seeds} steps {Steps} crashes {Crashes} switches {Switches} drops {Drops} violations {Violations}");

    public async Task RunAsync()
    {
        for (; _seeds < options.Seeds && (options.Plant is null || Violations == 0); _seeds++)
        {
            await using var world = new World(options.Seed + _seeds, options.Plant);
            await world.RunAsync();
            Steps += world.Steps;
            Crashes += world.Crashes;
            Switches += world.Switches;
            Drops += world.Drops;
            Violations += world.Violations.Count;
            if (world.Violations.Count > 0)
            {
                foreach (var line in world.Story.TakeLast(LinesOfStory))
                {
                    say("  " + line);
                }

                world.Violations.ForEach(say);
            }
        }
    }
}
