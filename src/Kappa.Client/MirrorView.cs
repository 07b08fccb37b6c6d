namespace Kappa.Client;

/// <summary>A topic whose sealed segments are copied to an archive (rule L9).</summary>
/// <param name="Name">Its name.</param>
/// <param name="Topic">The topic.</param>
/// <param name="Store">The address of the archive.</param>
/// <param name="State">
/// copying, erasing (the archive still has values that were erased), idle (all that is sealed is there), failing,
/// stopped, or inherited: of the log this one was restored from, which is read and not written.
/// </param>
/// <param name="Segments">Segments in the archive.</param>
/// <param name="Bytes">Their bytes.</param>
/// <param name="Waiting">Sealed segments that are not there yet.</param>
/// <param name="Verified">Of each partition the offset up to which the archive was read back and found equal.</param>
/// <param name="Error">Why it does not get on; null while it does.</param>
public sealed record MirrorView(
    string Name, string Topic, string Store, string State, int Segments, long Bytes, int Waiting,
    IReadOnlyList<long> Verified, string? Error);

/// <summary>Asks for a mirror, or starts or stops one.</summary>
/// <param name="Topic">A topic; not one of a single version.</param>
/// <param name="Store">An absolute path of a folder of the server, or an address such as s3://bucket/folder.</param>
/// <param name="IsStopped">It shall copy nothing; its archive is read all the same.</param>
/// <param name="TakeOver">Take the archive over from another mirror of this log, which is gone for good.</param>
public sealed record MirrorRequest(string Topic, string Store, bool IsStopped = false, bool TakeOver = false);
