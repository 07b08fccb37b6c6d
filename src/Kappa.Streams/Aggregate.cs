namespace Kappa.Streams;

/// <summary>The platform's own aggregations. Each merges, so that sessions need not wait for order (rule T9).</summary>
public static class Aggregate
{
    /// <summary>How many values there are.</summary>
    public static Aggregation<T, long, long> Count<T>() =>
        new(0L, static (count, _) => count + 1, static count => count, static (left, right) => left + right)
        {
            Text = "count", Roots = [], Values = [], IsPlain = true, MayResultFail = false,
        };
}
