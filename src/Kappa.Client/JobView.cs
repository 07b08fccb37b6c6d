namespace Kappa.Client;

/// <summary>A job and its versions.</summary>
/// <param name="Job">Its name.</param>
/// <param name="Live">The live version, or null.</param>
/// <param name="Versions">Every version that was made, in order.</param>
/// <param name="Earliest">
/// The earliest place a replay can begin at, where retention has removed something (rule L9); null: with the first
/// record.
/// </param>
/// <param name="EarliestSoon">The same as it will be within a day, where it moves; else null.</param>
public sealed record JobView(
    string Job, string? Live, IReadOnlyList<VersionView> Versions, string? Earliest = null,
    string? EarliestSoon = null);

/// <summary>A version of a job.</summary>
/// <param name="Version">As <c>job@number</c>.</param>
/// <param name="State">Reprocessing, Ready, Live, Retired, Dropped or Failed (rule V5).</param>
/// <param name="Live">Do readers see it?</param>
/// <param name="Artifact">The artifact its code is in.</param>
/// <param name="Fingerprint">The fingerprint of its code.</param>
/// <param name="Tables">Its tables.</param>
/// <param name="Topics">The topics it reads.</param>
/// <param name="Error">What stopped it, or the alarm it raised while running (rule C2); or null.</param>
/// <param name="Progress">How far it is; null where it does not run.</param>
/// <param name="EnvironmentChanges">
/// What is no longer as it was when the version was made: runtime, sort data, time zones (rule V2). Its code is the
/// same, but a replay might not give the same rows.
/// </param>
/// <param name="Outputs">The topics on which it says its outputs, as <c>alerts@2</c>.</param>
/// <param name="Preloads">The topics it read before everything else, and the place up to which (rule O3).</param>
public sealed record VersionView(
    string Version, string State, bool Live, string Artifact, string Fingerprint, IReadOnlyList<string> Tables,
    IReadOnlyList<string> Topics, string? Error, ProgressView? Progress, IReadOnlyList<string> EnvironmentChanges,
    IReadOnlyList<string> Outputs, IReadOnlyDictionary<string, string> Preloads);

/// <summary>How far a running version is.</summary>
/// <param name="Place">The place up to which its tables are stored.</param>
/// <param name="Watermark">Its lowest watermark, or null.</param>
/// <param name="RecordsDone">Records behind it.</param>
/// <param name="RecordsTotal">Records in its topics now.</param>
/// <param name="RecordsPerSecond">Over the last seconds.</param>
/// <param name="EtaSeconds">Time to the end of the log at this rate; null where unknown.</param>
/// <param name="Late">Late records so far.</param>
/// <param name="Dead">Dead letters so far.</param>
/// <param name="Holding">What holds its watermark, or null.</param>
/// <param name="StateBytes">About what its states in memory take.</param>
/// <param name="SpilledBytes">Bytes of its states beyond the bound, which are in scratch files.</param>
public sealed record ProgressView(
    string Place, DateTimeOffset? Watermark, long RecordsDone, long RecordsTotal, double RecordsPerSecond,
    double? EtaSeconds, long Late, long Dead, string? Holding, long StateBytes, long SpilledBytes);
