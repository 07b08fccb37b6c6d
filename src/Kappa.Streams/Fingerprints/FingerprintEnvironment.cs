using System.Globalization;
using System.Runtime.InteropServices;

namespace Kappa.Streams.Fingerprints;

/// <summary>
/// What a job's results rest on outside its code and Kappa: recorded with a version, never hashed
/// (rule V2).
/// </summary>
public static class FingerprintEnvironment
{
    /// <summary>
    /// The environment of this process: <c>runtime</c>, <c>globalization</c> (the version of ICU's or Windows' sort
    /// data, or "invariant") and <c>timeZones</c> (the release of the time zone data, or "unknown").
    /// </summary>
    public static IReadOnlyDictionary<string, string> Current() =>
        new SortedDictionary<string, string>(StringComparer.Ordinal)
        {
            ["globalization"] = Globalization(),
            ["runtime"] = RuntimeInformation.FrameworkDescription,
            ["timeZones"] = TimeZones(),
        };

    private static string Globalization()
    {
        if (IsOn("System.Globalization.Invariant"))
        {
            return "invariant";
        }

        var version = CultureInfo.InvariantCulture.CompareInfo.Version.FullVersion;
        var sort = version.ToString("x8", CultureInfo.InvariantCulture);
        return (OperatingSystem.IsWindows() && IsOn("System.Globalization.UseNls") ? "nls " : "icu ") + sort;
    }

    private static bool IsOn(string name) => AppContext.TryGetSwitch(name, out var isOn) && isOn;

    // Linux and macOS keep the release in one of these; Windows keeps it in its updates.
    private static string TimeZones()
    {
        var folder = Environment.GetEnvironmentVariable("TZDIR") ?? "/usr/share/zoneinfo";
        var release = Path.Combine(folder, "+VERSION");
        if (File.Exists(release))
        {
            return File.ReadAllText(release).Trim();
        }

        var source = Path.Combine(folder, "tzdata.zi");
        const string Mark = "# version ";
        var first = File.Exists(source) ? File.ReadLines(source).FirstOrDefault() : null;
        return first?.StartsWith(Mark, StringComparison.Ordinal) == true ? first[Mark.Length..].Trim() : "unknown";
    }
}
