namespace Kappa.Log;

/// <summary>How far a mirror is.</summary>
/// <param name="Segments">How many segments its archive has.</param>
/// <param name="Bytes">Their bytes.</param>
/// <param name="Verified">Of each partition the offset up to which the archive has been read back and found equal.
/// </param>
/// <param name="Waiting">Sealed segments that are not copied yet.</param>
/// <param name="Erasing">
/// Segments in the archive that have values still, or objects left, that were erased (rule L10).
/// </param>
public sealed record MirrorProgress(
    int Segments, long Bytes, IReadOnlyList<long> Verified, int Waiting, int Erasing = 0);
