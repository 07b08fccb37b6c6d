using System.Globalization;

namespace Kappa.Nexmark.Tests;

/// <summary>A row of a result as text, the way RisingWave's tests write it; numbers in their shortest form.</summary>
internal static class RowText
{
    public static string Of(IEnumerable<object?> row) => Of(string.Join(' ', row.Select(Text)));

    /// <summary>Words with one space between; 1.50 is 1.5.</summary>
    public static string Of(string row) => string.Join(
        ' ', row.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Select(Number));

    private static string Text(object? value) => value switch
    {
        null => "NULL",
        DateTimeOffset time => time.ToString(
            time.Ticks % TimeSpan.TicksPerSecond == 0 ? "yyyy-MM-dd HH:mm:ss" : "yyyy-MM-dd HH:mm:ss.fff",
            CultureInfo.InvariantCulture),
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString()!,
    };

    private static string Number(string word) => word.Contains('.', StringComparison.Ordinal)
        && decimal.TryParse(word, NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingSign,
            CultureInfo.InvariantCulture, out var number)
        ? (number / 1.0000000000000000000000000000m).ToString(CultureInfo.InvariantCulture)
        : word;
}
