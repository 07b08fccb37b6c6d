using System.Globalization;
using Kappa.Streams.Nodes;

namespace Kappa.Streams.Operators;

/// <summary>What a look-up does with what it finds.</summary>
/// <param name="Absent">Makes the result where there is no row.</param>
/// <param name="Found">Makes the result where there is one.</param>
/// <param name="ValidFrom">From which event time on a row is valid; null: the last one known counts.</param>
/// <param name="RowsMax">Most rows with validity kept per key.</param>
/// <param name="Select">The user's function, root of the fingerprint.</param>
/// <param name="IsPreloaded">The table's topics are read up to a place before everything else.</param>
internal sealed record LookUpShape<T, TRow, TOut>(
    Func<T, TOut> Absent, Func<T, TRow, TOut> Found, Func<TRow, DateTimeOffset>? ValidFrom, int RowsMax,
    Delegate Select, bool IsPreloaded)
{
    public string Text => ValidFrom is null ? "" : "valid rows " + RowsMax.ToString(CultureInfo.InvariantCulture);

    public IReadOnlyList<Delegate> Lambdas => ValidFrom is null ? [Select] : [Select, ValidFrom];

    /// <summary>The same for values that carry a key of their own.</summary>
    public LookUpShape<Carried<TKey, T>, TRow, Carried<TKey, TOut>> Carrying<TKey>()
        where TKey : notnull => new(
            value => new(value.Key, Absent(value.Value)), (value, row) => new(value.Key, Found(value.Value, row)),
            ValidFrom, RowsMax, Select, IsPreloaded);
}
