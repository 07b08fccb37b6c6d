namespace Kappa.Log.Tests;

/// <summary>
/// Power that goes while a disk is changed. What is left is another disk; this one goes on, or is broken.
/// </summary>
internal sealed class PowerLoss
{
    private readonly FaultyFileSystem _disk;
    private readonly Random _random;
    private FaultyFileSystem? _left;

    /// <summary>Power goes once.</summary>
    /// <param name="disk">The disk; its faults are this from now on, until <see cref="Ended"/>.</param>
    /// <param name="after">How many changes come before.</param>
    /// <param name="random">Which bytes and names are left.</param>
    /// <param name="isBroken">Does every change behind it fail?</param>
    /// <param name="of">Which changes count, by their path, and fail; null: all.</param>
    public PowerLoss(
        FaultyFileSystem disk, int after, Random random, bool isBroken = false, Func<string, bool>? of = null)
    {
        _disk = disk;
        _random = random;
        disk.Fault = (_, path) =>
        {
            if (of is not null && !of(path))
            {
                return null;
            }

            if (!HasCome && after-- == 0)
            {
                _left = disk.Crash(random);
                Came();
            }

            return HasCome && isBroken ? FaultyFileSystem.BrokenDisk(path) : null;
        };
    }

    /// <summary>Called when it goes at a change.</summary>
    public Action Came { get; init; } = () => { };

    /// <summary>Has it gone, at a change?</summary>
    public bool HasCome => _left is not null;

    /// <summary>What is left; where it has not gone yet, it goes now. The disk works again.</summary>
    public FaultyFileSystem Ended()
    {
        _disk.Fault = null;
        return _left ??= _disk.Crash(_random);
    }
}
