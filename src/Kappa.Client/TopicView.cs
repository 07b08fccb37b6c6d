namespace Kappa.Client;

/// <summary>A topic.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Partitions">How many partitions it has.</param>
/// <param name="Complete">No more records are taken.</param>
/// <param name="Records">How many records it holds.</param>
/// <param name="EndOffsets">For every partition the offset of the next record.</param>
/// <param name="Kind">
/// "topic"; "derived": what one version says (rule E1); "output": what the live version says (rule E3); "platform".
/// </param>
/// <param name="Job">The job that writes it; null for a topic anybody writes.</param>
/// <param name="Relayed">Of an output: up to which place it carries what its owners said; else null.</param>
/// <param name="ProjectionBytes">Bytes of its projections on disk, a cache that makes replays quick.</param>
/// <param name="NotProjected">Why a job that reads it cannot have a projection of it; null for nothing.</param>
/// <param name="Compression">"brotli"; "none".</param>
/// <param name="RetainBytes">Retention by size (rule L9); null: none.</param>
/// <param name="RetainSeconds">Retention by age in log time (rule L9); null: none.</param>
/// <param name="LoseHistory">Records may go that no archive has.</param>
/// <param name="StartOffsets">For every partition the offset of its first record.</param>
/// <param name="Start">Where it begins, where retention has removed something; null: with its first record.</param>
/// <param name="StartSoon">The same as it will be within a day, where it moves; else null.</param>
/// <param name="RecordsSoon">How many records go within a day.</param>
public sealed record TopicView(
    string Name, int Partitions, bool Complete, long Records, IReadOnlyList<long> EndOffsets, string Kind,
    string? Job, string? Relayed, long ProjectionBytes = 0, string? NotProjected = null, string Compression = "none",
    long? RetainBytes = null, long? RetainSeconds = null, bool LoseHistory = false,
    IReadOnlyList<long>? StartOffsets = null, string? Start = null, string? StartSoon = null, long RecordsSoon = 0)
{
    /// <summary>
    /// Of an output: does it carry what is said from the first record on, rather than from where a version first went
    /// live (rule E3)? Null where none did.
    /// </summary>
    public bool? SaysHistory { get; init; }

    /// <summary>
    /// The partitions that stand still, each with the reason: the disk failed, or a file is damaged. Null for none.
    /// </summary>
    public IReadOnlyDictionary<int, string>? Stopped { get; init; }
}

/// <summary>Asks for a topic.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Partitions">1 to 1 024; default 1.</param>
/// <param name="Settings">How it is kept; null: as it came and for ever, and one that is there as it is.</param>
public sealed record CreateTopicRequest(string Name, int Partitions = 1, TopicSettingsRequest? Settings = null);

/// <summary>How a topic is to be kept. What is null stays as it is.</summary>
/// <param name="Compression">"brotli" or "none".</param>
/// <param name="RetainBytes">Retention by size (rule L9), 1 MiB and more; 0: none.</param>
/// <param name="RetainSeconds">Retention by age in log time (rule L9), 60 and more; 0: none.</param>
/// <param name="LoseHistory">Records may go that no archive has; needed once.</param>
public sealed record TopicSettingsRequest(
    string? Compression = null, long? RetainBytes = null, long? RetainSeconds = null, bool? LoseHistory = null);
