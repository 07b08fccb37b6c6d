using Kappa.Log;

namespace Kappa.Tables.Loop;

/// <summary>How far a running version is.</summary>
/// <param name="Committed">The place up to which its tables are stored.</param>
/// <param name="Watermark">Its lowest watermark, or null where no event time was seen.</param>
/// <param name="RecordsDone">Records of its topics behind it.</param>
/// <param name="RecordsTotal">Records of its topics in the log now.</param>
/// <param name="RecordsPerSecond">Over the last seconds.</param>
/// <param name="Eta">Time to the end of the log at this rate; null where the rate is 0.</param>
/// <param name="Late">Late records so far, by (record, window).</param>
/// <param name="Dead">Dead letters so far.</param>
/// <param name="Error">What stopped it, or null.</param>
/// <param name="Holding">What holds its watermark, or null.</param>
/// <param name="StateBytes">About what its states in memory take.</param>
/// <param name="SpilledBytes">Bytes of its states that are in scratch files.</param>
/// <param name="ReplaysFrom">
/// Where a restart may have to begin: the oldest state it keeps, else the start. Retention passes no further (rule L9).
/// </param>
public sealed record VersionProgress(
    Place Committed, DateTimeOffset? Watermark, long RecordsDone, long RecordsTotal, double RecordsPerSecond,
    TimeSpan? Eta, long Late, long Dead, string? Error, string? Holding,
    long StateBytes = 0, long SpilledBytes = 0, Place ReplaysFrom = default);

/// <summary>
/// The running versions, as the verbs of the loop drive them. The engine implements it; everything here is an
/// idempotent reconciliation of the journal (rule V3).
/// </summary>
public interface IVersions
{
    /// <summary>Starts the runs that the catalog says shall run and stops the others. Idempotent.</summary>
    ValueTask ReconcileAsync(Catalog catalog, CancellationToken cancel);

    /// <summary>How far a running version is; null where it does not run.</summary>
    VersionProgress? ProgressOf(JobVersion version);

    /// <summary>
    /// Announces that a mark will be written, so that the version's tables are held still for the caller at exactly the
    /// mark's record. Call before the mark is appended; the result comes when the version has committed there.
    /// </summary>
    Task<ITableSnapshot> SnapshotAtAsync(JobVersion version, string markId, CancellationToken cancel);

    /// <summary>
    /// Waits until a version has committed at least up to a place. Fails when the version stops by an error.
    /// </summary>
    Task CommittedAsync(JobVersion version, Place place, CancellationToken cancel);

    /// <summary>
    /// Up to where the public topic of an output carries what its owners said (rule E3); null where it is no output.
    /// </summary>
    Place? RelayedTo(string topic);

    /// <summary>
    /// Waits until everything a version said while it was live is in the public topics (rule V8). Returns at once for
    /// a version that never was.
    /// </summary>
    /// <exception cref="KappaException">Unavailable: after a minute it is not.</exception>
    Task RelayedAsync(JobVersion version, CancellationToken cancel);
}
