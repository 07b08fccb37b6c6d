using Kappa.Log;

namespace Kappa.Server;

/// <summary>How a platform runs.</summary>
public sealed record PlatformOptions
{
    /// <summary>The data folder; made when it is missing.</summary>
    public required string Folder { get; init; }

    /// <summary>Workers per running version; default one per processor, 1 to 64.</summary>
    public int Workers { get; init; } = Math.Clamp(Environment.ProcessorCount, 1, WorkersMax);

    /// <summary>How long a version that was live runs on, ready for a rollback (rule V5); default 24 h.</summary>
    public TimeSpan Soak { get; init; } = Kappa.Tables.Loop.Soak.Default;

    /// <summary>
    /// About so many bytes of memory may the states of all versions take together; what is beyond goes to scratch
    /// files. Default a quarter of the memory there is; at least 1 MiB.
    /// </summary>
    public long StateMemory { get; init; } = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 4;

    /// <summary>
    /// Most bytes of one key's state in one operator; a version with a larger one fails. Default 64 MiB.
    /// </summary>
    public long StateKeyLimit { get; init; } = 64L << 20;

    /// <summary>How records are posted to webhooks.</summary>
    public PushOptions Push { get; init; } = new();

    /// <summary>
    /// Kinds of archive beside folders, by the scheme of their address, such as s3; default none. See
    /// <see cref="Mirrors.ArchiveStores"/>.
    /// </summary>
    public IReadOnlyDictionary<string, Func<Uri, IArchiveStore>> ArchiveStores { get; init; } =
        new Dictionary<string, Func<Uri, IArchiveStore>>();

    /// <summary>How long an archive is waited for.</summary>
    public ArchivePatience ArchivePatience { get; init; } = new();

    /// <summary>How often mirrors look for sealed segments; default 10 s.</summary>
    public TimeSpan MirrorEvery { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The size segments of the log are sealed at, in bytes; default 256 MiB, 64 KiB to 1 GiB.</summary>
    public long SegmentBytesMax { get; init; } = 256 << 20;

    /// <summary>The clock; default the system's.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>The disk; default the platform's.</summary>
    public IFileSystem Files { get; init; } = DiskFileSystem.ForThisPlatform();

    /// <summary>Told of what an operator should know: alarms, failures, retries; default: nobody.</summary>
    public Action<string> Report { get; init; } = _ => { };

    /// <summary>How often it is looked for segments to be projected (rule L11); default 10 s.</summary>
    internal TimeSpan ProjectEvery { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How often it is looked for what retention lets go (rule L9); default 1 min.</summary>
    internal TimeSpan RetainEvery { get; init; } = TimeSpan.FromMinutes(1);

    private const int WorkersMax = 64;
    private const long StateMemoryMin = 1 << 20;

    internal void Check()
    {
        if (string.IsNullOrWhiteSpace(Folder))
        {
            throw new KappaException(
                ErrorKind.Invalid, "The data folder has no name.",
                "Name one with --data, for example --data ./kappa-data.");
        }

        if (Workers is < 1 or > WorkersMax)
        {
            throw new KappaException(
                ErrorKind.Invalid, $"The number of workers is {Workers}; allowed are 1 to {WorkersMax}.",
                "Leave it out for one per processor.");
        }

        if (StateMemory < StateMemoryMin || StateKeyLimit < 1)
        {
            throw new KappaException(
                ErrorKind.Invalid,
                $"States may take {StateMemory} bytes of memory and {StateKeyLimit} of one key; allowed are "
                + $"{StateMemoryMin} and more, and 1 and more.",
                "Leave both out for a quarter of the memory and 64 MiB.");
        }

        if (MirrorEvery <= TimeSpan.Zero)
        {
            throw new KappaException(
                ErrorKind.Invalid, $"Mirrors look every {MirrorEvery}; allowed is more than 0.",
                "Leave it out for 10 seconds.");
        }

        if (Soak < TimeSpan.Zero)
        {
            throw new KappaException(
                ErrorKind.Invalid, $"The soak time is {Soak}; allowed are 0 and more.", "Leave it out for 24 hours.");
        }
    }
}
