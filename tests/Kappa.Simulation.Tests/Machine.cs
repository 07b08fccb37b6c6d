using Kappa.Log.Tests;

namespace Kappa.Simulation;

/// <summary>
/// A computer with its disk. Power goes at a chosen operation of the disk or on demand: from then on nothing works, and
/// <see cref="Left"/> is what the next start finds.
/// </summary>
internal sealed class Machine
{
    private readonly FaultyFileSystem _disk;
    private readonly ManualTime _time;
    private readonly Random _random;
    private readonly Action<string> _tell;
    private int _operationsLeft = int.MaxValue;
    private string? _failing;
    private int _failuresLeft;

    public Machine(FaultyFileSystem disk, ManualTime time, int seed, string? plant, Action<string> tell)
    {
        _tell = tell;
        _disk = disk;
        _time = time;
        _random = new Random(seed);
        Files = plant == Plants.SpillLosesChange
            ? new Kappa.Streams.Tests.Spilling.StaleScratch(disk)
            : new PlantedFiles(disk, plant);
        disk.Fault = Fault;
    }

    /// <summary>The disk as programs see it.</summary>
    public IFileSystem Files { get; }

    public FaultyFileSystem Disk => _disk;

    /// <summary>Its wall clock.</summary>
    public ManualTime Time => _time;

    /// <summary>What the disk holds after the loss of power; null while it is on.</summary>
    public FaultyFileSystem? Left { get; private set; }

    public bool IsDead => Left is not null;

    public void CheckAlive()
    {
        if (IsDead)
        {
            throw Off();
        }
    }

    /// <summary>The power goes at one moment: what is synced behind it is told that it is off.</summary>
    public void Die() => _disk.Still(() => Left ??= _disk.Crash(_random));

    public void DieAfter(int operations) => _operationsLeft = operations;

    /// <summary>The next operations of a kind fail: "write" as on a full disk, "sync" as on a broken one.</summary>
    public void Fail(string what, int times) => (_failing, _failuresLeft) = (what, times);

    public void Heal() => _failuresLeft = 0;

    private static KappaException Off() => new(ErrorKind.Unavailable, "The power is off.", "Start again.");

    private KappaException? Fault(string what, string path)
    {
        if (!IsDead && --_operationsLeft <= 0)
        {
            Die();
        }

        if (IsDead)
        {
            return Off();
        }

        if (_random.Next(60) == 0)
        {
            // A slow disk: the wall clock goes on while it works.
            _time.SetWall(_time.GetUtcNow().AddMilliseconds(_random.Next(1, 4_000)));
        }

        if (what != _failing || _failuresLeft-- <= 0)
        {
            return null;
        }

        _tell($"the disk does not {what} '{path}'");
        return new KappaException(ErrorKind.Unavailable, $"The disk did not {what} '{path}'.", "Free some space.");
    }
}
