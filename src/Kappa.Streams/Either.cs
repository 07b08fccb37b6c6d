namespace Kappa.Streams;

/// <summary>A value of one of two streams, see <see cref="KeyedStream{TKey, T}.With"/>.</summary>
/// <typeparam name="TLeft">What the left stream carries.</typeparam>
/// <typeparam name="TRight">What the right stream carries.</typeparam>
/// <param name="IsRight">It came by the right stream.</param>
/// <param name="Left">The value, where it came by the left stream.</param>
/// <param name="Right">The value, where it came by the right stream.</param>
public readonly record struct Either<TLeft, TRight>(bool IsRight, TLeft Left, TRight Right);
