namespace Kappa.Streams.Aggregates;

/// <summary>A sum and how many values are in it.</summary>
/// <param name="Sum">The sum.</param>
/// <param name="Count">How many.</param>
/// <typeparam name="TSum">A number.</typeparam>
public readonly record struct Mean<TSum>(TSum Sum, long Count);
