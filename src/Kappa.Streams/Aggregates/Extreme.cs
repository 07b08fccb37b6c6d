namespace Kappa.Streams.Aggregates;

/// <summary>The least or greatest so far.</summary>
/// <param name="IsThere">Was there a value yet?</param>
/// <param name="Value">It.</param>
/// <typeparam name="TValue">What is compared.</typeparam>
public readonly record struct Extreme<TValue>(bool IsThere, TValue Value);
