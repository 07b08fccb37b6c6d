namespace Kappa.Streams.Runtime;

/// <summary>A value of one of two streams.</summary>
internal readonly record struct Sided<TLeft, TRight>(bool IsRight, TLeft Left, TRight Right);
