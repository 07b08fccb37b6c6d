using Kappa.Log;
using Kappa.Tables;

namespace Kappa.Streams.Runtime;

/// <summary>How versions are run. No option changes a result (promise P2).</summary>
public sealed record VersionsOptions
{
    /// <summary>The folder of state files.</summary>
    public required string StateFolder { get; init; }

    /// <summary>The disk of the state files.</summary>
    public required IFileSystem Files { get; init; }

    /// <summary>The clock; decides when to commit, never what. Default: the system's.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Workers per version, 1 to 64. Default: one per core.</summary>
    public int Workers { get; init; } = Math.Clamp(Environment.ProcessorCount, 1, 64);

    /// <summary>Most records of a step. Default 16 384.</summary>
    public int StepRecordsMax { get; init; } = 16_384;

    /// <summary>Longest time between commits while catching up. Default 1 s.</summary>
    public TimeSpan CommitEvery { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Longest time between state files (rule C1). Default 1 min.</summary>
    public TimeSpan StateEvery { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Most bytes of log between state files (rule C1). Default 64 MiB.</summary>
    public long StateEveryBytes { get; init; } = 64L << 20;

    /// <summary>
    /// About so many bytes of memory may the states of all versions take together, each version an equal share; what
    /// is beyond goes to scratch files in <see cref="StateFolder"/>. Default: a quarter of the memory there is.
    /// </summary>
    public long StateMemory { get; init; } = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 4;

    /// <summary>
    /// Most bytes of one key's state in one operator, as it is written to a state file; a version with a larger one
    /// fails. Looked at when a state is written, and not with each record. Default 64 MiB.
    /// </summary>
    public long StateKeyLimit { get; init; } = 64L << 20;

    /// <summary>
    /// Where versions stopped whose tables a restore left out: up to there, what they said is whole (rule E2). Default:
    /// none.
    /// </summary>
    public IReadOnlyDictionary<JobVersion, Place> StoppedAt { get; init; } = new Dictionary<JobVersion, Place>();

    /// <summary>
    /// First wait before a run that the disk or the log stopped is tried again; doubles up to a minute. Default 1 s.
    /// </summary>
    public TimeSpan RetryAfter { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Told of what an operator should know: alarms, failures, retries. Default: nobody.</summary>
    public Action<string> Report { get; init; } = _ => { };
}
