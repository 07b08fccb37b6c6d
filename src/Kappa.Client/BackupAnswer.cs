namespace Kappa.Client;

/// <summary>Asks a server for a backup.</summary>
/// <param name="Folder">
/// Where to, on the server's machine: a whole path, to a folder that is missing or without files, outside the data
/// folder.
/// </param>
/// <param name="WaitSeconds">
/// How long is waited, when everything is copied, for versions that have not come to the backup's place yet, so that it
/// has the checksums of their tables; 0 to 3 600, default 60.
/// </param>
public sealed record BackupRequest(string Folder, double WaitSeconds = 60);

/// <summary>A backup that was made.</summary>
/// <param name="Text">In sentences.</param>
/// <param name="Folder">Where it is.</param>
/// <param name="Log">The id of the log.</param>
/// <param name="Place">It holds every record of every topic up to here, and nothing behind.</param>
/// <param name="Files">How many files.</param>
/// <param name="Bytes">Their bytes.</param>
/// <param name="Versions">The versions then.</param>
public sealed record BackupAnswer(
    string Text, string Folder, string Log, string Place, int Files, long Bytes,
    IReadOnlyList<BackupVersionView> Versions);

/// <summary>A version at the time of a backup.</summary>
/// <param name="Version">As <c>driving@2</c>.</param>
/// <param name="State">What it was.</param>
/// <param name="Checksums">By table, the SHA-256 of its export at the backup's place; may be empty.</param>
/// <param name="Note">Why there are none; null where there are.</param>
public sealed record BackupVersionView(
    string Version, string State, IReadOnlyDictionary<string, string> Checksums, string? Note);

/// <summary>What a restored data folder was restored from.</summary>
/// <param name="Log">The id of the old log.</param>
/// <param name="Place">The old log up to here, and nothing behind.</param>
/// <param name="TakenAt">When the backup was taken.</param>
/// <param name="RestoredAt">When it was restored.</param>
/// <param name="Versions">The versions then, and what became of them.</param>
public sealed record RestoredView(
    string Log, string Place, DateTimeOffset TakenAt, DateTimeOffset RestoredAt,
    IReadOnlyList<RestoredVersionView> Versions);

/// <summary>A version that was there when the backup was taken.</summary>
/// <param name="Version">As <c>driving@2</c>.</param>
/// <param name="State">What it was then.</param>
/// <param name="Verdict">
/// "same": its tables, computed again, had the old checksums at the backup's place. Else what differs; null: it has not
/// come there yet, or cannot be compared.
/// </param>
/// <param name="Note">Why it cannot be compared; null where it can.</param>
public sealed record RestoredVersionView(string Version, string State, string? Verdict, string? Note);
