using System.Collections.Immutable;
using System.Globalization;
using Kappa.Log;
using Kappa.Streams.Aggregates;

namespace Kappa.Streams;

public static partial class Aggregate
{
    /// <summary>How many different values there are, exactly: all of them are kept. Null does not count.</summary>
    public static Aggregation<T, ImmutableHashSet<TValue>, long> DistinctCount<T, TValue>(Func<T, TValue> by) =>
        Own<T, ImmutableHashSet<TValue>, long>(
            "distinct", [by], [],
            (seen, value) => by(value) is { } one ? seen.Add(one) : seen,
            static seen => seen.Count, static (left, right) => left.Union(right));

    /// <summary>
    /// About how many different values there are, in at most 2^precision bytes (HyperLogLog). The standard error is
    /// 1.04 / √(2^precision): 1.6 % by default, so that about 19 of 20 counts are off by less than 3.3 %. Null does not
    /// count.
    /// </summary>
    /// <param name="by">What is counted: a simple type, or a record of these.</param>
    /// <param name="precision">4 to 16. Default 12: 4 096 bytes.</param>
    /// <exception cref="KappaException">There is no such precision.</exception>
    public static Aggregation<T, DistinctSketch, long> ApproximateDistinctCount<T, TValue>(
        Func<T, TValue> by, int precision = 12)
    {
        if (precision is < DistinctSketch.PrecisionMin or > DistinctSketch.PrecisionMax)
        {
            throw Wrong(
                $"A distinct count of precision {precision} cannot be: allowed are {DistinctSketch.PrecisionMin} to "
                + $"{DistinctSketch.PrecisionMax}.",
                "Give a precision, for example 12 for a standard error of 1.6 %.");
        }

        return Own<T, DistinctSketch, long>(
            string.Create(CultureInfo.InvariantCulture, $"approximate-distinct {precision}"), [by],
            new DistinctSketch(precision),
            (sketch, value) => by(value) is { } one ? sketch.Add(one) : sketch,
            static sketch => sketch.Count, static (left, right) => left.Merge(right));
    }

    /// <summary>The number below which so many percent of the numbers lie, off by a known part (DDSketch).</summary>
    /// <param name="by">The number; NaN and infinity are dead letters.</param>
    /// <param name="percent">0 to 100: 50 for the median, 99 for the number that one of a hundred exceeds.</param>
    /// <param name="relativeError">By which part the result may be off, 0.001 to 0.5. Default 0.01, one
    /// percent.</param>
    /// <exception cref="KappaException">A percentage or error that cannot be.</exception>
    public static Aggregation<T, QuantileSketch, double> Percentile<T>(
        Func<T, double> by, double percent, double relativeError = 0.01)
    {
        var quantile = Quantile(percent);
        return Sketched(by, [percent], relativeError, sketch => sketch.At(quantile));
    }

    /// <summary>As <see cref="Percentile"/>, several at once, in the order given.</summary>
    /// <param name="by">The number; NaN and infinity are dead letters.</param>
    /// <param name="percents">0 to 100 each.</param>
    /// <param name="relativeError">By which part a result may be off, 0.001 to 0.5. Default 0.01, one percent.</param>
    /// <exception cref="KappaException">A percentage or error that cannot be.</exception>
    public static Aggregation<T, QuantileSketch, ImmutableArray<double>> Percentiles<T>(
        Func<T, double> by, IReadOnlyList<double> percents, double relativeError = 0.01)
    {
        ImmutableArray<double> quantiles = [.. percents.Select(Quantile)];
        return Sketched(
            by, percents, relativeError, sketch => ImmutableArray.CreateRange(quantiles, sketch.At));
    }

    private static Aggregation<T, QuantileSketch, TResult> Sketched<T, TResult>(
        Func<T, double> by, IReadOnlyList<double> percents, double relativeError,
        Func<QuantileSketch, TResult> result)
    {
        if (!(relativeError is >= QuantileSketch.ErrorMin and <= QuantileSketch.ErrorMax))
        {
            throw Wrong(
                FormattableString.Invariant($"Percentiles with a relative error of {relativeError}")
                    + " cannot be: allowed are "
                + FormattableString.Invariant($"{QuantileSketch.ErrorMin} to {QuantileSketch.ErrorMax}."),
                "Give an error, for example 0.01 for one percent.");
        }

        var text = string.Join(',', percents.Select(percent => percent.ToString("R", CultureInfo.InvariantCulture)));
        return Own<T, QuantileSketch, TResult>(
            string.Create(CultureInfo.InvariantCulture, $"percentiles {text} error {relativeError:R}"), [by],
            new QuantileSketch(relativeError), (sketch, value) => sketch.Add(by(value)), result,
            static (left, right) => left.Merge(right));
    }

    private static double Quantile(double percent) => percent is >= 0 and <= 100
        ? percent / 100
        : throw Wrong(
            FormattableString.Invariant($"There is no percentile {percent}: allowed are 0 to 100."),
            "Give a percentage, for example 50 or 99.9.");

    private static KappaException Wrong(string what, string next) => new(ErrorKind.Invalid, what, next);
}
