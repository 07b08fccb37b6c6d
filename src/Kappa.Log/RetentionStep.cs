namespace Kappa.Log;

/// <summary>What retention (rule L9) removes of a topic, or would.</summary>
/// <param name="Topic">The topic.</param>
/// <param name="Start">The earliest place it could be read from as a whole before.</param>
/// <param name="NextStart">The same after; equal where nothing moves.</param>
/// <param name="Records">How many records go.</param>
/// <param name="Bytes">How many bytes of segments go.</param>
public sealed record RetentionStep(string Topic, Place Start, Place NextStart, long Records, long Bytes);
