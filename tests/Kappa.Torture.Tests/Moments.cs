using System.Diagnostics;

namespace Kappa.Torture;

/// <summary>What a kill hits.</summary>
internal enum Phase
{
    Append,
    Replay,
    Switch,
    Rollback,
    Drop,

    /// <summary>Recovery, before the server listens again.</summary>
    Start,

    /// <summary>An orderly stop, while it writes the state files; an extra, not one of the kills asked for.</summary>
    Stop,

    /// <summary>A kill that came when its phase was over already: it counts for no phase.</summary>
    Missed,
}

/// <summary>
/// Chooses moments at random, up to a bound that follows how long a phase takes on this machine, and counts the kills.
/// </summary>
internal sealed class Moments(Random random)
{
    private readonly Dictionary<(Phase Phase, bool IsSettled), double> _bounds = [];

    private readonly int[] _counts = new int[Enum.GetValues<Phase>().Length];

    public int Total => _counts.Sum();

    /// <summary>Those that hit what was asked for.</summary>
    public int Hits => Total - Count(Phase.Stop) - Count(Phase.Missed);

    public int Count(Phase phase) => _counts[(int)phase];

    public void Add(Phase phase) => _counts[(int)phase]++;

    /// <summary>Waits until the moment has come; the last bit without a timer, because timers are coarse.</summary>
    public async Task WaitAsync(Phase phase, bool isSettled = true)
    {
        var wait = TimeSpan.FromMilliseconds(random.NextDouble() * Bound(phase, isSettled));
        var watch = Stopwatch.StartNew();
        if (wait > TimeSpan.FromMilliseconds(3))
        {
            await Task.Delay(wait - TimeSpan.FromMilliseconds(2));
        }

        while (watch.Elapsed < wait)
        {
            await Task.Yield();
        }
    }

    /// <summary>Moves the next moments back when this one was in time, and forward when it was too late.</summary>
    public void Learn(Phase phase, bool wasInTime, bool isSettled = true) => _bounds[(phase, isSettled)] =
        Math.Clamp(Bound(phase, isSettled) * (wasInTime ? 1.5 : 0.67), 2, 10_000);

    public override string ToString() =>
        string.Join(' ', Enum.GetValues<Phase>()
            .Select(phase => $"{phase.ToString().ToLowerInvariant()} {Count(phase)}"));

    private double Bound(Phase phase, bool isSettled) => _bounds.GetValueOrDefault((phase, isSettled), phase switch
    {
        Phase.Append => 300,
        Phase.Replay or Phase.Stop => 500,
        Phase.Start => 1200,
        _ => isSettled ? 100 : 1000,
    });
}
