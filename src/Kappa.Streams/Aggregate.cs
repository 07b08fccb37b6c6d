using System.Collections.Immutable;
using System.Globalization;
using Kappa.Log;
using Kappa.Streams.Aggregates;

namespace Kappa.Streams;

/// <summary>
/// The platform's own aggregations. Each is computed in order of the sequence (rule O2), and each but <see
/// cref="Latest"/> merges, so that sessions need not wait for order (rule T9).
/// </summary>
public static partial class Aggregate
{
    /// <summary>How many values there are.</summary>
    public static Aggregation<T, long, long> Count<T>() => Plain<T, long>(
        "count", [], 0, static (count, _) => count + 1, static (left, right) => left + right);

    /// <summary>The sum of whole numbers. A value that would overflow it is a dead letter.</summary>
    public static Aggregation<T, long, long> Sum<T>(Func<T, long> by) => Plain<T, long>(
        "sum", [by], 0, (sum, value) => checked(sum + by(value)), static (left, right) => checked(left + right));

    /// <summary>
    /// The sum of doubles, added in order of the sequence: another order may differ in the last digits.
    /// </summary>
    public static Aggregation<T, double, double> Sum<T>(Func<T, double> by) => Plain<T, double>(
        "sum", [by], 0, (sum, value) => sum + by(value), static (left, right) => left + right);

    /// <summary>The sum of decimals. A value that would overflow it is a dead letter.</summary>
    public static Aggregation<T, decimal, decimal> Sum<T>(Func<T, decimal> by) => Plain<T, decimal>(
        "sum", [by], 0, (sum, value) => sum + by(value), static (left, right) => left + right);

    /// <summary>
    /// The mean of whole numbers, as a double. A value that would overflow their sum is a dead letter.
    /// </summary>
    public static Aggregation<T, Mean<long>, double> Average<T>(Func<T, long> by) => Own<T, Mean<long>, double>(
        "average", [by], default,
        (mean, value) => new(checked(mean.Sum + by(value)), mean.Count + 1),
        static mean => (double)mean.Sum / mean.Count,
        static (left, right) => new(checked(left.Sum + right.Sum), left.Count + right.Count));

    /// <summary>The mean of doubles, summed in order of the sequence.</summary>
    public static Aggregation<T, Mean<double>, double> Average<T>(Func<T, double> by) => Own<T, Mean<double>, double>(
        "average", [by], default,
        (mean, value) => new(mean.Sum + by(value), mean.Count + 1),
        static mean => mean.Sum / mean.Count,
        static (left, right) => new(left.Sum + right.Sum, left.Count + right.Count));

    /// <summary>The mean of decimals. A value that would overflow their sum is a dead letter.</summary>
    public static Aggregation<T, Mean<decimal>, decimal> Average<T>(Func<T, decimal> by) =>
        Own<T, Mean<decimal>, decimal>(
            "average", [by], default,
            (mean, value) => new(mean.Sum + by(value), mean.Count + 1),
            static mean => mean.Sum / mean.Count,
            static (left, right) => new(left.Sum + right.Sum, left.Count + right.Count));

    /// <summary>The least. Texts compare ordinally, NaN is less than all numbers; null is a dead letter.</summary>
    public static Aggregation<T, Extreme<TValue>, TValue> Min<T, TValue>(Func<T, TValue> by)
        where TValue : IComparable<TValue> => ExtremeOf("min", by, -1);

    /// <summary>The greatest. Texts compare ordinally, NaN is less than all numbers; null is a dead letter.</summary>
    public static Aggregation<T, Extreme<TValue>, TValue> Max<T, TValue>(Func<T, TValue> by)
        where TValue : IComparable<TValue> => ExtremeOf("max", by, 1);

    /// <summary>The value that has the least of something; of equal ones the first that came.</summary>
    public static Aggregation<T, Extreme<Ranked<T, TBy>>, T> MinBy<T, TBy>(Func<T, TBy> by)
        where TBy : IComparable<TBy> => ExtremeBy("min by", by, -1);

    /// <summary>The value that has the greatest of something; of equal ones the first that came.</summary>
    public static Aggregation<T, Extreme<Ranked<T, TBy>>, T> MaxBy<T, TBy>(Func<T, TBy> by)
        where TBy : IComparable<TBy> => ExtremeBy("max by", by, 1);

    /// <summary>
    /// The last value in order of the sequence; in a session, which has no merge here, the last in order of event time.
    /// A null value removes the row.
    /// </summary>
    public static Aggregation<T, T, T> Latest<T>() => new(default!, static (_, value) => value, static value => value)
    {
        Text = "latest",
        Roots = [],
        Values = [],
        IsPlain = true,
        MayResultFail = false,
    };

    /// <summary>The greatest values, the greatest first.</summary>
    /// <param name="n">How many, at least 1.</param>
    /// <param name="by">What they are ranked by; null is a dead letter. Texts compare ordinally.</param>
    /// <param name="ties">Whether more than <paramref name="n"/> are taken where some are equal. Default: of equal ones
    /// the first that came.</param>
    /// <exception cref="KappaException">Fewer than one is asked for.</exception>
    public static Aggregation<T, ImmutableArray<Ranked<T, TBy>>, ImmutableArray<T>> Top<T, TBy>(
        int n, Func<T, TBy> by, Ties ties = Ties.First)
        where TBy : IComparable<TBy>
    {
        if (n < 1)
        {
            throw new KappaException(
                ErrorKind.Invalid, $"The top {n} cannot be taken: allowed is 1 and more.", "Give how many, 1 or more.");
        }

        var ranks = new TopRanks<T, TBy>(n, by, ties);
        return Own<T, ImmutableArray<Ranked<T, TBy>>, ImmutableArray<T>>(
            string.Create(CultureInfo.InvariantCulture, $"top {n} ties {ties}"), [by], [],
            ranks.Next, TopRanks<T, TBy>.Result, ranks.Merge);
    }

    private static Aggregation<T, Extreme<TValue>, TValue> ExtremeOf<T, TValue>(
        string text, Func<T, TValue> by, int sign)
    {
        var order = NaturalOrder<TValue>.Instance;
        return Own<T, Extreme<TValue>, TValue>(
            text, [by], default,
            (best, value) => Better(best, new(true, NaturalOrder<TValue>.Checked(by(value)))),
            static best => best.Value, Better);

        Extreme<TValue> Better(Extreme<TValue> left, Extreme<TValue> right) =>
            !left.IsThere || order.Compare(right.Value, left.Value) * sign > 0 ? right : left;
    }

    private static Aggregation<T, Extreme<Ranked<T, TBy>>, T> ExtremeBy<T, TBy>(
        string text, Func<T, TBy> by, int sign)
    {
        var order = NaturalOrder<TBy>.Instance;
        return Own<T, Extreme<Ranked<T, TBy>>, T>(
            text, [by], default,
            (best, value) => Better(best, new(true, new(value, NaturalOrder<TBy>.Checked(by(value))))),
            static best => best.Value.Value, Better);

        Extreme<Ranked<T, TBy>> Better(Extreme<Ranked<T, TBy>> left, Extreme<Ranked<T, TBy>> right) =>
            !left.IsThere || order.Compare(right.Value.By, left.Value.By) * sign > 0 ? right : left;
    }

    private static Aggregation<T, TState, TState> Plain<T, TState>(
        string text, Delegate[] roots, TState seed, Func<TState, T, TState> next, Func<TState, TState, TState> merge) =>
        new(seed, next, static state => state, merge)
        {
            Text = text,
            Roots = Given(roots),
            Values = [],
            IsPlain = true,
            MayResultFail = false,
        };

    private static Aggregation<T, TState, TResult> Own<T, TState, TResult>(
        string text, Delegate[] roots, TState seed, Func<TState, T, TState> next, Func<TState, TResult> result,
        Func<TState, TState, TState> merge) => new(seed, next, result, merge)
        {
            Text = text,
            Roots = Given(roots),
            Values = [],
            MayResultFail = false,
        };

    private static Delegate[] Given(Delegate[] roots)
    {
        foreach (var root in roots)
        {
            ArgumentNullException.ThrowIfNull(root);
        }

        return roots;
    }
}
