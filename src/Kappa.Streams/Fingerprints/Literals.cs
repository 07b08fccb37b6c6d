using System.Globalization;
using System.Numerics;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.RegularExpressions;

namespace Kappa.Streams.Fingerprints;

/// <summary>Values that are one word of text: the same on every machine and in every culture.</summary>
internal static class Literals
{
    /// <summary>Writes the value if it is a plain one.</summary>
    public static bool TryWrite(object? value, CanonicalText text)
    {
        if (value is string words)
        {
            text.Quote(words);
            return true;
        }

        if (value is char letter)
        {
            text.Append("char ").Quote(letter.ToString());
            return true;
        }

        if ((Number(value) ?? Time(value)) is { } plain)
        {
            text.Append(plain);
            return true;
        }

        return TryNamed(value, text);
    }

    /// <summary>The content of the field behind an array, span or UTF-8 literal, in hex.</summary>
    public static string BytesOf(FieldInfo field)
    {
        var value = field.GetValue(null)!;
        var pin = GCHandle.Alloc(value, GCHandleType.Pinned);
        try
        {
            var bytes = new byte[Marshal.SizeOf(value)];
            Marshal.Copy(pin.AddrOfPinnedObject(), bytes, 0, bytes.Length);
            return Convert.ToHexStringLower(bytes);
        }
        finally
        {
            pin.Free();
        }
    }

    private static string? Number(object? value) => value switch
    {
        null => "null",
        bool yes => yes ? "true" : "false",
        int number => Invariant(number),
        long number => Invariant(number) + "L",
        decimal number => Invariant(number) + "m",
        double number => number.ToString("R", CultureInfo.InvariantCulture) + "d",
        float number => number.ToString("R", CultureInfo.InvariantCulture) + "f",
        byte or sbyte or short or ushort or uint or ulong or nint or nuint or Half or Int128 or UInt128 or BigInteger =>
            $"{value.GetType().Name}({Invariant((IFormattable)value)})",
        _ => null,
    };

    // A local time is written as its ticks: the offset would be the machine's.
    private static string? Time(object? value) => value switch
    {
        DateTime time => $"{new DateTime(time.Ticks).ToString("O", CultureInfo.InvariantCulture)} {time.Kind}",
        DateTimeOffset time => time.ToString("O", CultureInfo.InvariantCulture),
        TimeSpan time => time.ToString("c", CultureInfo.InvariantCulture),
        DateOnly day => day.ToString("O", CultureInfo.InvariantCulture),
        TimeOnly time => time.ToString("O", CultureInfo.InvariantCulture) + " of a day",
        Guid id => id.ToString("D"),
        _ => null,
    };

    private static bool TryNamed(object? value, CanonicalText text)
    {
        switch (value)
        {
            case Uri address:
                text.Append("uri ").Quote(address.OriginalString);
                return true;
            case System.Version version:
                text.Append("version ").Append(version.ToString());
                return true;
            case CultureInfo culture:
                text.Append("culture ").Quote(culture.Name);
                return true;
            case TimeZoneInfo zone:
                text.Append("time zone ").Quote(zone.Id);
                return true;
            case Encoding encoding:
                text.Append("encoding ").Append(encoding.WebName);
                return true;
            case Regex pattern:
                text.Append("regex ").Quote(pattern.ToString()).Append($" {pattern.Options} {pattern.MatchTimeout}");
                return true;
            case IEqualityComparer<string?> comparer
                when StringComparer.IsWellKnownOrdinalComparer(comparer, out var ignores):
                text.Append(ignores ? "ordinal ignoring case" : "ordinal");
                return true;
            case IEqualityComparer<string?> comparer
                when StringComparer.IsWellKnownCultureAwareComparer(comparer, out var culture, out var options):
                text.Append("culture ").Quote(culture.Name).Append($" {options}");
                return true;
            default:
                return false;
        }
    }

    private static string Invariant(IFormattable number) => number.ToString(null, CultureInfo.InvariantCulture);
}
