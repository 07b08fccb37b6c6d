namespace Kappa.Schedules;

/// <summary>The program behind <c>./do schedules</c>.</summary>
internal static class Program
{
    private static int Main(string[] args)
    {
        if (args is ["--plant", "list"])
        {
            Console.WriteLine(string.Join('\n', Plant.All.Select(plant => plant.Name)));
            return 0;
        }

        if (ScheduleOptions.Parse(args) is not { } options)
        {
            Console.Error.WriteLine(ScheduleOptions.Usage);
            return 2;
        }

        if (options.ChecksumWorkers is { } workers)
        {
            Console.WriteLine("at " + Checksums.Surroundings);
            Console.WriteLine(string.Join('\n', Checksums.Lines(options.Records, options.Seed, workers)));
            return 0;
        }

        var check = new ScheduleCheck(options, Console.WriteLine, Console.Error.WriteLine);
        check.Run();
        Console.WriteLine(check.LastLine);
        return check.Mismatches > 0 == (options.Plant is not null) ? 0 : 1;
    }
}
