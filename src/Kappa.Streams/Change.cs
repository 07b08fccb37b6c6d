namespace Kappa.Streams;

/// <summary>
/// One side of a change of a result: what it was, taken back, or what it is now. Sums over changes add sign times value
/// and so stay right when a result is corrected; doubles may then differ in the last digits from a sum made anew,
/// decimals and whole numbers never.
/// </summary>
/// <param name="Item">The result.</param>
/// <param name="Sign">−1: it holds no more; 1: it holds now.</param>
/// <typeparam name="T">The result.</typeparam>
public readonly record struct Change<T>(T Item, int Sign);
