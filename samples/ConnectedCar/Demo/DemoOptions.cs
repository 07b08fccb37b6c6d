namespace ConnectedCar.Demo;

/// <summary>What <c>./do demo</c> is asked for.</summary>
/// <param name="Exit">Stop at the end instead of leaving the server running.</param>
/// <param name="Data">A folder of carOBD recordings; null: the simulated fleet.</param>
/// <param name="Partitions">Partitions of the telemetry topic.</param>
internal sealed record DemoOptions(bool Exit, string? Data, int Partitions)
{
    public const string Usage = "usage: ./do demo [--exit] [--data DIR] [--partitions N]";

    /// <summary>Reads the arguments; null where they make no sense.</summary>
    public static DemoOptions? Parse(string[] args)
    {
        var options = new DemoOptions(false, null, 4);
        for (var i = 0; i < args.Length; i++)
        {
            switch (args[i])
            {
                case "--exit":
                    options = options with { Exit = true };
                    break;
                case "--data" when i + 1 < args.Length:
                    options = options with { Data = Path.GetFullPath(args[++i]) };
                    break;
                case "--partitions" when i + 1 < args.Length
                    && int.TryParse(args[i + 1], out var partitions) && partitions is > 0 and <= 1024:
                    options = options with { Partitions = partitions };
                    i++;
                    break;
                default:
                    return null;
            }
        }

        return options;
    }
}
