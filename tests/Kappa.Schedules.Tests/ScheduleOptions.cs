using System.Globalization;
using Kappa.Streams.Tests;

namespace Kappa.Schedules;

/// <summary>
/// How many schedules, over how many records, from which seed, with which planted fault, of which job; or, with
/// workers, checksums.
/// </summary>
/// <param name="Count">How many schedules there are.</param>
/// <param name="Records">How many readings a sequence has.</param>
/// <param name="Seed">What all chances come from.</param>
/// <param name="Plant">A fault put into each schedule.</param>
/// <param name="ChecksumWorkers">Print checksums, made with so many workers.</param>
/// <param name="Job">Only this job.</param>
/// <param name="From">The first schedule to run, from 1; those before it were run earlier.</param>
/// <param name="Threads">How many schedules run at a time; 0 for one on each processor.</param>
internal sealed record ScheduleOptions(
    int Count = 1_000, int Records = 1_000_000, int Seed = 1, Plant? Plant = null, int? ChecksumWorkers = null,
    string? Job = null, int From = 1, int Threads = 0)
{
    public const string Usage =
        "usage: ./do schedules [--count 1000] [--records 1000000] [--seed 1] [--job NAME] [--plant NAME|list]\n"
        + "                      [--from 1] [--threads N]\n"
        + "       ./do schedules --checksums WORKERS [--records 1000000] [--seed 1]";

    /// <summary>Null where the arguments make no sense.</summary>
    public static ScheduleOptions? Parse(string[] args)
    {
        var options = new ScheduleOptions();
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

    private static ScheduleOptions? With(ScheduleOptions options, string name, string value)
    {
        if (name == "--plant")
        {
            return Plant.All.FirstOrDefault(plant => plant.Name == value) is { } plant
                ? options with { Plant = plant }
                : null;
        }

        if (name == "--job")
        {
            return GoldenJobs.All.Any(job => job.Name == value) ? options with { Job = value } : null;
        }

        return int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? name switch
            {
                "--count" when number is >= 1 and <= 1_000_000 => options with { Count = number },
                "--records" when number is >= 1 and <= 10_000_000 => options with { Records = number },
                "--checksums" when number is >= 1 and <= 8 => options with { ChecksumWorkers = number },
                "--from" when number is >= 1 and <= 1_000_000 => options with { From = number },
                "--threads" when number is >= 1 and <= 64 => options with { Threads = number },
                "--seed" => options with { Seed = number },
                _ => null,
            }
            : null;
    }
}
