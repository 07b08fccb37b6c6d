namespace Kappa.Client;

/// <summary>A topic.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Partitions">How many partitions it has.</param>
/// <param name="Complete">No more records are taken.</param>
/// <param name="Records">How many records it holds.</param>
/// <param name="EndOffsets">For every partition the offset of the next record.</param>
public sealed record TopicView(
    string Name, int Partitions, bool Complete, long Records, IReadOnlyList<long> EndOffsets);

/// <summary>Asks for a topic.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Partitions">1 to 1 024; default 1.</param>
public sealed record CreateTopicRequest(string Name, int Partitions = 1);
