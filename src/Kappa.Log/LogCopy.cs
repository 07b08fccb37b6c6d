namespace Kappa.Log;

/// <summary>What a copy of a log holds.</summary>
/// <param name="Log">The log it was taken from.</param>
/// <param name="Place">
/// It holds every batch of every topic up to here, and nothing behind. The end of a batch, or the start of the log.
/// </param>
/// <param name="Files">Its files, named from the folder it is in.</param>
/// <param name="Topics">Its topics.</param>
public sealed record LogCopy(
    LogId Log, Place Place, IReadOnlyList<CopiedFile> Files, IReadOnlyList<CopiedTopic> Topics);

/// <summary>A topic of a copy.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Name">Its name.</param>
/// <param name="FirstSegments">
/// Of each partition the number of the first segment that is in the copy, or would be: the log has none before it.
/// </param>
public sealed record CopiedTopic(int Id, string Name, IReadOnlyList<int> FirstSegments);
