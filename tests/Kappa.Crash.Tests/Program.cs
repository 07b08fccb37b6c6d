namespace Kappa.Crash;

/// <summary>The program behind <c>./do crashstates</c>, <c>corrupt</c>, <c>planted</c> and <c>freeze</c>.</summary>
internal static class Program
{
    private static async Task<int> Main(string[] args)
    {
        if (CrashOptions.Parse(args) is not { } options)
        {
            await Console.Error.WriteLineAsync(CrashOptions.Usage);
            return 2;
        }

        switch (options.Verb)
        {
            case "crashstates":
                Console.WriteLine(FormattableString.Invariant($"seed {options.Seed}"));
                var states = new CrashStates(options.Count, options.Seed, Plant.None, Console.WriteLine)
                {
                    Step = options.Step,
                    Threads = options.Threads,
                };
                await states.RunAsync();
                Console.WriteLine(states.LastLine);
                return states.Lost == 0 ? 0 : 1;
            case "corrupt":
                Console.WriteLine(FormattableString.Invariant($"seed {options.Seed}"));
                var corruptions = new Corruptions(options.Count, options.Seed, Plant.None, Console.WriteLine)
                {
                    Threads = options.Threads,
                };
                await corruptions.RunAsync();
                Console.WriteLine(FormattableString.Invariant($"harmless {corruptions.Harmless}: read as they were"));
                Console.WriteLine(corruptions.LastLine);
                return corruptions.Silent == 0 ? 0 : 1;
            case "freeze":
                await Fixture.FreezeAsync(Path.GetFullPath(options.Name!));
                return 0;
            case "write":
                return await WriterProcess.RunAsync(options.Name!, options.Count);
            case "handles":
                return await HandlesProcess.RunAsync(options.Name!);
            case "planted":
                return await PlantedAsync(options.Name);
            default:
                return 2;
        }
    }

    private static async Task<int> PlantedAsync(string? name)
    {
        var plants = Plants.All.Where(plant => name is null or "list" || plant.Name == name).ToList();
        if (plants.Count == 0)
        {
            await Console.Error.WriteLineAsync($"There is no plant '{name}': see ./do planted list.");
            return 2;
        }

        var missed = 0;
        foreach (var plant in plants)
        {
            if (name == "list")
            {
                Console.WriteLine($"{plant.Name}: {plant.Says}");
                continue;
            }

            var caught = await Hunt.ForAsync(plant);
            missed += caught is null ? 1 : 0;
            Console.WriteLine($"{plant.Name}: {caught ?? "NOT CAUGHT"}");
        }

        if (name != "list")
        {
            Console.WriteLine(FormattableString.Invariant($"planted {plants.Count} caught {plants.Count - missed}"));
        }

        return missed == 0 ? 0 : 1;
    }
}
