using System.Globalization;
using Kappa.Log;

namespace Kappa.Streams;

/// <summary>
/// Which times join: the right value's time less the left one's, both bounds included (rule O3). An open side needs a
/// limit of rows kept per key, because nothing ever expires there.
/// </summary>
public sealed record Interval
{
    private Interval(TimeSpan? from, TimeSpan? to, int? rowsMax)
    {
        From = from;
        To = to;
        RowsMax = rowsMax;
    }

    /// <summary>The lowest difference that joins; null for none.</summary>
    public TimeSpan? From { get; }

    /// <summary>The highest difference that joins; null for none.</summary>
    public TimeSpan? To { get; }

    /// <summary>Most rows kept per key and side where a side is open; the value that would exceed it is a dead letter
    /// (rule O6).</summary>
    public int? RowsMax { get; }

    internal string Text => string.Create(
        CultureInfo.InvariantCulture, $"from {From?.Ticks.ToString(CultureInfo.InvariantCulture) ?? "any"} ")
        + $"to {To?.Ticks.ToString(CultureInfo.InvariantCulture) ?? "any"}"
        + (RowsMax is { } most ? " rows " + most.ToString(CultureInfo.InvariantCulture) : "");

    /// <summary>The right value at most so long before or after: <c>Within(5 s)</c> is from −5 s to 5 s.</summary>
    /// <exception cref="KappaException">The time is negative.</exception>
    public static Interval Within(TimeSpan time) => Between(-time, time);

    /// <summary>The right value's time less the left one's lies between two times; either may be negative.</summary>
    /// <exception cref="KappaException">The first is behind the second.</exception>
    public static Interval Between(TimeSpan from, TimeSpan to) => from <= to
        ? new Interval(Limited(from), Limited(to), null)
        : throw new KappaException(
            ErrorKind.Invalid,
            $"An interval from {from} to {to} holds nothing: the first may not be behind the second.",
            "Give the lower bound first; it may be negative.");

    /// <summary>The right value so long after the left one or later.</summary>
    public static Interval Since(TimeSpan from, int rowsMax) => new(Limited(from), null, Positive(rowsMax));

    /// <summary>The right value so long after the left one or earlier.</summary>
    public static Interval Until(TimeSpan to, int rowsMax) => new(null, Limited(to), Positive(rowsMax));

    /// <summary>Whatever the times are.</summary>
    public static Interval Unbounded(int rowsMax) => new(null, null, Positive(rowsMax));

    private static TimeSpan Limited(TimeSpan time) => time < TimeSpan.Zero
        ? -AllTime.Within(time == TimeSpan.MinValue ? TimeSpan.MaxValue : -time)
        : AllTime.Within(time);

    private static int Positive(int rowsMax) => rowsMax > 0
        ? rowsMax
        : throw new KappaException(
            ErrorKind.Invalid,
            $"An open interval keeps at most {rowsMax} rows per key; allowed are 1 and more.",
            "Give the most rows one key may have, for example 10_000.");
}
