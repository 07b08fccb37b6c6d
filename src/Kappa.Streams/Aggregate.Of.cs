namespace Kappa.Streams;

public static partial class Aggregate
{
    /// <summary>Two aggregations of the same values in one result.</summary>
    /// <param name="first">One.</param>
    /// <param name="second">Another.</param>
    /// <param name="combine">The result of both results; pure.</param>
    public static Aggregation<T, (TFirst, TSecond), TResult> Of<T, TFirst, TFirstResult, TSecond, TSecondResult,
        TResult>(
        Aggregation<T, TFirst, TFirstResult> first, Aggregation<T, TSecond, TSecondResult> second,
        Func<TFirstResult, TSecondResult, TResult> combine) => new(
            (first.Seed, second.Seed),
            (state, value) => (Next(first, state.Item1, value), Next(second, state.Item2, value)),
            state => combine(first.Result(state.Item1), second.Result(state.Item2)),
            first.Merge is not { } mergeFirst || second.Merge is not { } mergeSecond
                ? null
                : (left, right) => (mergeFirst(left.Item1, right.Item1), mergeSecond(left.Item2, right.Item2)))
        {
            Text = Texts(first.Text, second.Text),
            Roots = [.. first.Roots, .. second.Roots, combine],
            Values = [.. first.Values, .. second.Values],
        };

    /// <summary>Three aggregations of the same values in one result.</summary>
    /// <param name="first">One.</param>
    /// <param name="second">Another.</param>
    /// <param name="third">A third.</param>
    /// <param name="combine">The result of all results; pure.</param>
    public static Aggregation<T, ((TFirst, TSecond), TThird), TResult> Of<T, TFirst, TFirstResult, TSecond,
        TSecondResult, TThird, TThirdResult, TResult>(
        Aggregation<T, TFirst, TFirstResult> first, Aggregation<T, TSecond, TSecondResult> second,
        Aggregation<T, TThird, TThirdResult> third,
        Func<TFirstResult, TSecondResult, TThirdResult, TResult> combine)
    {
        var both = Of(first, second, static (left, right) => (Left: left, Right: right));
        var all = Of(both, third, (pair, last) => combine(pair.Left, pair.Right, last));
        return Rooted(
            all, Texts(first.Text, second.Text, third.Text),
                [.. first.Roots, .. second.Roots, .. third.Roots, combine]);
    }

    /// <summary>Four aggregations of the same values in one result.</summary>
    /// <param name="first">One.</param>
    /// <param name="second">Another.</param>
    /// <param name="third">A third.</param>
    /// <param name="fourth">A fourth.</param>
    /// <param name="combine">The result of all results; pure.</param>
    public static Aggregation<T, ((TFirst, TSecond), (TThird, TFourth)), TResult> Of<T, TFirst, TFirstResult, TSecond,
        TSecondResult, TThird, TThirdResult, TFourth, TFourthResult, TResult>(
        Aggregation<T, TFirst, TFirstResult> first, Aggregation<T, TSecond, TSecondResult> second,
        Aggregation<T, TThird, TThirdResult> third, Aggregation<T, TFourth, TFourthResult> fourth,
        Func<TFirstResult, TSecondResult, TThirdResult, TFourthResult, TResult> combine)
    {
        var all = Of(
            Of(first, second, static (left, right) => (Left: left, Right: right)),
            Of(third, fourth, static (left, right) => (Left: left, Right: right)),
            (left, right) => combine(left.Left, left.Right, right.Left, right.Right));
        return Rooted(
            all, Texts(first.Text, second.Text, third.Text, fourth.Text),
            [.. first.Roots, .. second.Roots, .. third.Roots, .. fourth.Roots, combine]);
    }

    // A part whose state became null begins anew by itself, as it would alone.
    private static TState Next<T, TState, TResult>(Aggregation<T, TState, TResult> part, TState state, T value) =>
        part.Next(state, value) is { } next ? next : part.Seed;

    private static Aggregation<T, TState, TResult> Rooted<T, TState, TResult>(
        Aggregation<T, TState, TResult> all, string text, Delegate[] roots) =>
        new(all.Seed, all.Next, all.Result, all.Merge) { Text = text, Roots = roots, Values = all.Values };

    private static string Texts(params string[] parts) =>
        "of " + string.Join(" and ", parts.Select(part => part.Length > 0 ? part : "own"));
}
