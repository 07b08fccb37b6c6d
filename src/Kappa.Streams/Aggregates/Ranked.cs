namespace Kappa.Streams.Aggregates;

/// <summary>A value and what it is ranked by.</summary>
/// <param name="Value">The value.</param>
/// <param name="By">What it is ranked by.</param>
/// <typeparam name="T">What flows in.</typeparam>
/// <typeparam name="TBy">What is compared.</typeparam>
public readonly record struct Ranked<T, TBy>(T Value, TBy By);
