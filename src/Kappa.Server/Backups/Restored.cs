using Kappa.Log;

namespace Kappa.Server.Backups;

/// <summary>What was restored.</summary>
/// <param name="Log">The id of the new log.</param>
/// <param name="Place">It holds the old log up to here, and nothing behind.</param>
/// <param name="TakenAt">When the backup was taken.</param>
/// <param name="Files">How many files.</param>
/// <param name="Bytes">Their bytes.</param>
/// <param name="Notes">
/// Versions whose tables cannot be compared, and why; mirrors, and what is to be done about them.
/// </param>
public sealed record Restored(
    LogId Log, Place Place, DateTimeOffset TakenAt, int Files, long Bytes, IReadOnlyList<string> Notes);
