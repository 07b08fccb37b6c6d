using System.Diagnostics;

namespace Kappa.Crash;

/// <summary>Lives of the log, and power losses at every change of the disk in them.</summary>
internal sealed class CrashStates(int states, int seed, Plant plant, Action<string> say)
{
    private const int ToldMax = 20;
    private const int ByChance = 3;

    /// <summary>How many states were opened.</summary>
    public int States { get; private set; }

    /// <summary>How many of them were wrong.</summary>
    public int Lost { get; private set; }

    public int Lives { get; private set; }

    /// <summary>The first thing that was wrong.</summary>
    public string? First { get; private set; }

    public string LastLine => FormattableString.Invariant($"states {States} lost {Lost}");

    /// <summary>Runs until all states are judged; with a plant, until the first is wrong.</summary>
    public async Task RunAsync()
    {
        var watch = Stopwatch.StartNew();
        var told = 10L;
        while (States < states && (plant == Plant.None || Lost == 0))
        {
            await LifeAsync(seed + Lives++);
            if (watch.Elapsed.TotalSeconds > told)
            {
                told += 10;
                say(FormattableString.Invariant(
                    $"{Lives} lives, {States} states, {States / watch.Elapsed.TotalSeconds:0} a second, lost {Lost}"));
            }
        }
    }

    private async Task LifeAsync(int life)
    {
        using var workload = new Workload(life, plant);
        await workload.RunAsync();
        foreach (var violation in workload.Violations)
        {
            Tell(life, violation);
        }

        var random = new Random(life);
        var judge = new Judge(workload.Ledger, plant);
        foreach (var image in workload.Images)
        {
            if (plant != Plant.None && random.Next(3) > 0)
            {
                // A mistake shows in many places: more lives find it sooner than all places of one.
                continue;
            }

            CrashDisk[] left =
            [
                image.Disk.CrashLosingAll(),
                image.Disk.CrashKeepingAll(),
                .. Enumerable.Range(0, ByChance).Select(_ => image.Disk.Crash(random)),
            ];
            foreach (var disk in left)
            {
                if (States >= states || (plant != Plant.None && Lost > 0))
                {
                    return;
                }

                States++;
                if (await judge.TryAsync(image, disk, random) is { } wrong)
                {
                    Tell(life, $"{image.At}: {wrong}");
                }
            }
        }
    }

    private void Tell(int life, string what)
    {
        var sentence = FormattableString.Invariant($"seed {life}: {what}");
        First ??= sentence;
        if (Lost++ < ToldMax)
        {
            say(sentence);
        }
    }
}
