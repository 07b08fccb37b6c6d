using System.Diagnostics;

namespace Kappa.Crash;

/// <summary>Lives of the log, and power losses at every change of the disk in them.</summary>
internal sealed class CrashStates(int states, int seed, Plant plant, Action<string> say)
{
    private const int ToldMax = 20;
    private const int ByChance = 3;
    private readonly Lock _lock = new();
    private int _begun;

    /// <summary>Judges only moments of steps whose name begins so, and each of them in more ways.</summary>
    public string Step { get; init; } = "";

    /// <summary>How many lives are judged at once. Each is decided by its seed all the same.</summary>
    public int Threads { get; init; } = 1;

    /// <summary>How many states were opened.</summary>
    public int States { get; private set; }

    /// <summary>How many of them were wrong.</summary>
    public int Lost { get; private set; }

    /// <summary>
    /// How many of the wrong ones were refused as damaged. A loss of power damages nothing, so that is always false.
    /// </summary>
    public int Refused { get; private set; }

    public int Lives { get; private set; }

    /// <summary>The first thing that was wrong.</summary>
    public string? First { get; private set; }

    public string LastLine => FormattableString.Invariant($"states {States} lost {Lost}")
        + (Refused > 0 ? FormattableString.Invariant($" (refused as damaged {Refused})") : "");

    private bool IsOver => States >= states || (plant != Plant.None && Lost > 0);

    /// <summary>Runs until all states are judged; with a plant, until the first is wrong.</summary>
    public async Task RunAsync()
    {
        var watch = Stopwatch.StartNew();
        var told = 10L;
        await Task.WhenAll(Enumerable.Range(0, Threads).Select(_ => Task.Run(async () =>
        {
            while (!IsOver)
            {
                await LifeAsync(seed + Interlocked.Increment(ref _begun) - 1);
                lock (_lock)
                {
                    Lives++;
                    if (watch.Elapsed.TotalSeconds > told)
                    {
                        told = (long)watch.Elapsed.TotalSeconds + 10;
                        say(FormattableString.Invariant($"{Lives} lives, {States} states, ")
                            + FormattableString.Invariant($"{States / watch.Elapsed.TotalSeconds:0} a second, ")
                            + FormattableString.Invariant($"{GC.GetTotalMemory(false) >> 20} MiB, lost {Lost}"));
                    }
                }
            }
        })));
    }

    private async Task LifeAsync(int life)
    {
        using var workload = new Workload(life, plant);
        await workload.RunAsync();
        foreach (var violation in workload.Violations)
        {
            Tell(life, violation, isRefused: false);
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

            if (Step.Length > 0 && !image.Step.StartsWith(Step, StringComparison.Ordinal))
            {
                continue;
            }

            FaultyFileSystem[] left =
            [
                image.Disk.CrashLosingAll(),
                image.Disk.CrashKeepingAll(),
                .. Enumerable.Range(0, Step.Length > 0 ? 4 * ByChance : ByChance)
                    .Select(_ => image.Disk.Crash(random)),
            ];
            foreach (var disk in left)
            {
                if (!TryBegin())
                {
                    return;
                }

                if (await judge.TryAsync(image, disk, random) is { } wrong)
                {
                    Tell(life, $"{image.At}: {wrong.What}", wrong.IsRefused);
                }
            }
        }
    }

    private bool TryBegin()
    {
        lock (_lock)
        {
            if (IsOver)
            {
                return false;
            }

            States++;
            return true;
        }
    }

    private void Tell(int life, string what, bool isRefused)
    {
        lock (_lock)
        {
            var sentence = FormattableString.Invariant($"seed {life}: {what}");
            First ??= sentence;
            Refused += isRefused ? 1 : 0;
            if (Lost++ < ToldMax)
            {
                say(sentence);
            }
        }
    }
}
