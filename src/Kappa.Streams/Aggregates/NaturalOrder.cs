namespace Kappa.Streams.Aggregates;

/// <summary>The order of values, the same on each machine.</summary>
internal static class NaturalOrder<T>
{
    // Texts compare ordinally: the order of a culture differs from one machine's tables to another's.
    public static readonly IComparer<T> Instance = StringComparer.Ordinal as IComparer<T> ?? Comparer<T>.Default;

    /// <summary>A value that has a rank; null has none.</summary>
    public static T Checked(T value) => value is not null
        ? value
        : throw new InvalidOperationException("The value to compare by is null.");
}
