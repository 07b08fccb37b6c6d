namespace Kappa.Log;

/// <summary>What a copy of a log holds.</summary>
/// <param name="Log">The log it was taken from.</param>
/// <param name="Place">
/// It holds every batch of every topic up to here, and nothing behind. The end of a batch, or the start of the log.
/// </param>
/// <param name="Files">Its files, named from the folder it is in.</param>
public sealed record LogCopy(LogId Log, Place Place, IReadOnlyList<CopiedFile> Files);
