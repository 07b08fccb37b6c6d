using System.Globalization;

namespace Kappa.Crash;

/// <summary>What to run, how much of it, and from which seed on.</summary>
internal sealed record CrashOptions(string Verb, int Count, int Seed, string? Name)
{
    /// <summary>How many lives or folders are judged at once.</summary>
    public int Threads { get; init; } = 1;

    /// <summary>The only kind of step to judge; empty: all.</summary>
    public string Step { get; init; } = "";

    public const string Usage = """
        usage: ./do crashstates [--states 20000] [--seed 1] [--threads 1] [--step "burst"]
               ./do corrupt [--count 10000] [--seed 1] [--threads 1]
               ./do planted [NAME|list]
               ./do freeze FOLDER
        """;

    /// <summary>Null where the arguments make no sense.</summary>
    public static CrashOptions? Parse(string[] args)
    {
        switch (args)
        {
            case ["planted"]:
                return new CrashOptions("planted", 0, 1, null);
            case ["planted", var name]:
                return new CrashOptions("planted", 0, 1, name);
            case ["freeze", var folder]:
                return new CrashOptions("freeze", 0, 1, folder);
            case ["handles", var folder]:
                return new CrashOptions("handles", 0, 1, folder);
            case ["write", var folder, var requests]
                when int.TryParse(requests, NumberStyles.None, CultureInfo.InvariantCulture, out var times):
                return new CrashOptions("write", times, 1, folder);
            case ["crashstates" or "corrupt", ..] when args.Length % 2 == 1:
                break;
            default:
                return null;
        }

        var options = new CrashOptions(args[0], args[0] == "corrupt" ? 10_000 : 20_000, 1, null);
        for (var i = 1; i < args.Length; i += 2)
        {
            if (args[i] == "--step" && args[0] == "crashstates")
            {
                options = options with { Step = args[i + 1] };
                continue;
            }

            if (!int.TryParse(args[i + 1], NumberStyles.None, CultureInfo.InvariantCulture, out var value))
            {
                return null;
            }

            switch (args[i])
            {
                case "--states" when args[0] == "crashstates" && value is >= 1 and <= 100_000_000:
                case "--count" when args[0] == "corrupt" && value is >= 1 and <= 100_000_000:
                    options = options with { Count = value };
                    break;
                case "--threads" when value is >= 1 and <= 64:
                    options = options with { Threads = value };
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
