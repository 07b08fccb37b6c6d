namespace Kappa.Simulation;

/// <summary>The program behind <c>./do sim</c>.</summary>
internal static class Program
{
    private static async Task<int> Main(string[] args)
    {
        if (args is ["--plant", "list"])
        {
            Console.WriteLine(string.Join('\n', Plants.All));
            return 0;
        }

        if (SimulationOptions.Parse(args) is not { } options)
        {
            await Console.Error.WriteLineAsync(SimulationOptions.Usage);
            return 2;
        }

        var simulation = new Simulation(options, Console.WriteLine);
        await simulation.RunAsync();
        Console.WriteLine(simulation.LastLine);
        return simulation.Violations > 0 == (options.Plant is not null) ? 0 : 1;
    }
}
