using System.Globalization;

namespace Kappa.Simulation;

/// <summary>How many seeds, from which on, with which planted fault.</summary>
internal sealed record SimulationOptions(int Seeds = 100, int Seed = 1, string? Plant = null)
{
    public const string Usage = "usage: ./do sim [--seeds 100] [--seed 1] [--plant NAME|list]";

    /// <summary>Null where the arguments make no sense.</summary>
    public static SimulationOptions? Parse(string[] args)
    {
        var options = new SimulationOptions();
        for (var i = 0; i < args.Length; i += 2)
        {
            if (i + 1 == args.Length || With(options, args[i], args[i + 1]) is not { } next)
            {
                return null;
            }

            options = next;
        }

        return options;
    }

    private static SimulationOptions? With(SimulationOptions options, string name, string value)
    {
        if (name == "--plant")
        {
            return Plants.All.Contains(value) ? options with { Plant = value } : null;
        }

        return int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? name switch
            {
                "--seeds" when number is >= 1 and <= 1_000_000 => options with { Seeds = number },
                "--seed" => options with { Seed = number },
                _ => null,
            }
            : null;
    }
}
