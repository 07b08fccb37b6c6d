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
public sealed record TopicView(
    string Name, int Partitions, bool Complete, long Records, IReadOnlyList<long> EndOffsets, string Kind,
    string? Job, string? Relayed, long ProjectionBytes = 0, string? NotProjected = null)
{
    /// <summary>
    /// Of an output: does it carry what is said from the first record on, rather than from where a version first went
    /// live (rule E3)? Null where none did.
    /// </summary>
    public bool? SaysHistory { get; init; }
}

/// <summary>Asks for a topic.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Partitions">1 to 1 024; default 1.</param>
public sealed record CreateTopicRequest(string Name, int Partitions = 1);
