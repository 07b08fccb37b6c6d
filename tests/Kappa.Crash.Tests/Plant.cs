namespace Kappa.Crash;

/// <summary>
/// A mistake the log could make, put between the log and its disk, clock, options or callers, where it looks from
/// outside as the log's own would. None: the log as it is.
/// </summary>
internal class Plant
{
    public static readonly Plant None = new();

    /// <summary>The name for <c>./do planted</c>.</summary>
    public string Name { get; init; } = "none";

    /// <summary>What the mistake is.</summary>
    public string Says { get; init; } = "the log as it is";

    /// <summary>Does it show in damaged files first, and not after a power loss?</summary>
    public bool IsOfDamage { get; init; }

    /// <summary>The first life to look at; a rare one is known by its number.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>The disk as the mistaken log uses it.</summary>
    public virtual IFileSystem Files(IFileSystem files) => files;

    /// <summary>The options as the mistaken log takes them.</summary>
    public virtual LogOptions Options(LogOptions options) => options;

    /// <summary>What the mistaken log does to the disk before anything else when it opens.</summary>
    public virtual void BeforeOpening(FaultyFileSystem disk)
    {
    }

    /// <summary>The log has opened.</summary>
    public virtual void AfterOpening(IFileSystem files)
    {
    }

    /// <summary>A request as the mistaken log takes it.</summary>
    public virtual AppendRequest Taken(AppendRequest request) => request;

    /// <summary>Where readers of the mistaken log are told that a partition ends.</summary>
    public virtual long EndOf(EmbeddedLog log, FaultyFileSystem disk, string topic, int partition) =>
        log.Topics.First(one => one.Name == topic).EndOffsets[partition];
}
