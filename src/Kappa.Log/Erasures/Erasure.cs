namespace Kappa.Log.Erasures;

/// <summary>What was erased in one segment at one time.</summary>
/// <param name="WithKeys">Did the keys go, too?</param>
/// <param name="Offsets">Of which records.</param>
/// <param name="After">
/// What the log's segment became; null where the log had it no more, and only archives have it.
/// </param>
internal sealed record Erasure(bool WithKeys, OffsetRanges Offsets, SegmentState? After);
