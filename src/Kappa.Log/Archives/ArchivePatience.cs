namespace Kappa.Log;

/// <summary>How long an archive's store is waited for.</summary>
public sealed record ArchivePatience
{
    /// <summary>How often one step is tried before it is an error; default 5, 1 to 100.</summary>
    public int Attempts { get; init; } = 5;

    /// <summary>The wait behind the first failure; it doubles with each; default 200 ms.</summary>
    public TimeSpan FirstWait { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>The longest wait between two attempts; default 5 s.</summary>
    public TimeSpan LongestWait { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long one attempt may take, and for each 256 KiB it moves a second more; default 30 s.</summary>
    public TimeSpan Attempt { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The clock; default: the system's.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <exception cref="KappaException">A value is out of its range.</exception>
    internal void Check()
    {
        if (Attempts is < 1 or > 100 || FirstWait < TimeSpan.Zero || LongestWait < FirstWait
            || Attempt <= TimeSpan.Zero)
        {
            throw new KappaException(
                ErrorKind.Invalid,
                $"An archive is tried {Attempts} times of {Attempt} with waits of {FirstWait} to {LongestWait};"
                    + " allowed are 1 to 100 times, of more than 0, with waits that do not fall.",
                "Leave these out for their defaults.");
        }
    }
}
