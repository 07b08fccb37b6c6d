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

    /// <summary>A kill that came when its phase was over already: it counts for no phase.</summary>
    Missed,
}

/// <summary>
/// Chooses moments at random, up to a bound that follows how long a phase takes on this machine, and counts the kills.
/// </summary>
internal sealed class Moments(Random random)
{
    private readonly Dictionary<Phase, double> _bounds = new()
    {
        [Phase.Append] = 300, [Phase.Replay] = 500, [Phase.Switch] = 60, [Phase.Rollback] = 60, [Phase.Drop] = 60,
        [Phase.Start] = 1200,
    };

    private readonly int[] _counts = new int[Enum.GetValues<Phase>().Length];

    public int Total => _counts.Sum();

    public int Count(Phase phase) => _counts[(int)phase];

    public void Add(Phase phase) => _counts[(int)phase]++;

    /// <summary>Waits until the moment has come; below a millisecond it turns around, because timers are coarse.</summary>
    public async Task WaitAsync(Phase phase)
    {
        var wait = TimeSpan.FromMilliseconds(random.NextDouble() * _bounds[phase]);
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

    /// <summary>Brings the next moments forward when this one was too late, and moves them back when it was in time.</summary>
    public void Learn(Phase phase, bool wasInTime) =>
        _bounds[phase] = Math.Clamp(_bounds[phase] * (wasInTime ? 1.25 : 0.75), 2, 10_000);

    public override string ToString() =>
        string.Join(' ', Enum.GetValues<Phase>().Select(phase => $"{phase.ToString().ToLowerInvariant()} {Count(phase)}"));
}
