namespace Kappa.Log.Erasures;

/// <summary>The bytes a segment had or got, by what tells them from all others.</summary>
/// <param name="Id">The segment's id.</param>
/// <param name="Length">Its bytes.</param>
/// <param name="Chain">The header checksum of its last batch, which covers all before it (rule L10).</param>
internal sealed record SegmentState(Guid Id, long Length, uint Chain);
