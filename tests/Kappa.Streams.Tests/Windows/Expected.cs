namespace Kappa.Streams.Tests.Windows;

/// <summary>Rows as lines of text, to compare what LINQ says with what a table has.</summary>
internal static class Expected
{
    public static long Ticks(object? time) => ((DateTimeOffset)time!).UtcTicks;

    public static string Line(params object?[] values) =>
        string.Join(' ', values.Select(value => value switch
        {
            DateTimeOffset time => time.UtcTicks.ToString(System.Globalization.CultureInfo.InvariantCulture),
            double number => number.ToString("R", System.Globalization.CultureInfo.InvariantCulture),
            IFormattable number => number.ToString(null, System.Globalization.CultureInfo.InvariantCulture),
            _ => value?.ToString() ?? "null",
        }));

    public static string Line(Total total) => Line(total.Count, total.Sum, total.Max, total.Trace);

    public static List<string> Lines(IEnumerable<object?[]> rows) => Lines(rows.Select(row => Line(row)));

    public static List<string> Lines(IEnumerable<string> lines) => [.. lines.Order(StringComparer.Ordinal)];
}
