using System.Globalization;

namespace Kappa.Torture;

/// <summary>How much torture, and by which seed.</summary>
internal sealed record TortureOptions(int Kills, int Seed)
{
    public const string Usage = "usage: ./do torture [--kills 50] [--seed S]";

    /// <summary>A seed from KAPPA_SEED, or a new one.</summary>
    public static int SeedOfEnvironment() =>
        int.TryParse(
            Environment.GetEnvironmentVariable("KAPPA_SEED"), NumberStyles.None, CultureInfo.InvariantCulture,
            out var seed)
            ? seed
            : Random.Shared.Next(1_000_000);

    /// <summary>Null where the arguments make no sense.</summary>
    public static TortureOptions? Parse(string[] args)
    {
        var options = new TortureOptions(50, SeedOfEnvironment());
        for (var i = 0; i < args.Length; i += 2)
        {
            if (i + 1 == args.Length
                || !int.TryParse(args[i + 1], NumberStyles.None, CultureInfo.InvariantCulture, out var value))
            {
                return null;
            }

            switch (args[i])
            {
                case "--kills" when value is >= 1 and <= 10_000:
                    options = options with { Kills = value };
                    break;
                case "--seed":
                    options = options with { Seed = value };
                    break;
                default:
                    return null;
            }
        }

        return options;
    }
}
