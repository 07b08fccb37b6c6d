namespace Kappa.Torture;

/// <summary>Compares the exports of tables by their checksums.</summary>
internal static class TableCheck
{
    /// <param name="what">What the other side is, for the sentence.</param>
    /// <param name="served">Checksums by <c>table@version</c> as the tortured server exported them.</param>
    /// <param name="fresh">The same of a fresh run.</param>
    /// <param name="findings">Where faults go.</param>
    public static void Compare(
        string what, IReadOnlyDictionary<string, string> served, IReadOnlyDictionary<string, string> fresh,
        Findings findings)
    {
        foreach (var table in served.Keys.Union(fresh.Keys).Order(StringComparer.Ordinal))
        {
            var (one, other) = (served.GetValueOrDefault(table), fresh.GetValueOrDefault(table));
            if (one != other)
            {
                findings.Add(
                    Fault.Differing, $"{table} is {one ?? "missing"}; {what} makes it {other ?? "missing"}.");
            }
        }
    }
}
