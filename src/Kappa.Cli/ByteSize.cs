using System.Globalization;

namespace Kappa.Cli;

/// <summary>Sizes as people write them: 512K, 64M, 4G, or plain bytes.</summary>
internal static class ByteSize
{
    private const string Units = "KMGT";

    /// <summary>The bytes a text says; null where it is no size.</summary>
    public static long? Parse(string text)
    {
        var unit = text.Length == 0 ? -1 : Units.IndexOf(char.ToUpperInvariant(text[^1]), StringComparison.Ordinal);
        var digits = unit < 0 ? text : text[..^1];
        return long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && number <= long.MaxValue >> (10 * (unit + 1))
            ? number << (10 * (unit + 1))
            : null;
    }

    /// <summary>About so many bytes, with three digits.</summary>
    public static string Text(long bytes)
    {
        var (size, unit) = ((double)bytes, -1);
        while (size >= 1000 && unit < Units.Length - 1)
        {
            size /= 1024;
            unit++;
        }

        return size.ToString(unit < 0 || size >= 10 ? "0" : "0.0", CultureInfo.InvariantCulture)
            + (unit < 0 ? "" : Units[unit..(unit + 1)]);
    }
}
