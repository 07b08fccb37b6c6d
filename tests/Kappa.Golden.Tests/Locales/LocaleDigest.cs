using System.Globalization;
using Kappa.Tables;

namespace Kappa.Golden.Tests.Locales;

/// <summary>
/// What a child process does: run the jobs of a log from the start, print where it is and the checksums.
/// </summary>
internal static class LocaleDigest
{
    public static async Task PrintAsync(string folder)
    {
        Console.WriteLine(
            $"at {CultureInfo.CurrentCulture.Name} {TimeZoneInfo.Local.GetUtcOffset(DateTimeOffset.UnixEpoch)} "
            + "hash".GetHashCode(StringComparison.Ordinal).ToString(CultureInfo.InvariantCulture));
        await using var house = await OpenAsync(folder);
        await using var run = await house.RunAsync("tables", workers: 4, stepRecords: 50);
        foreach (var job in LocaleJobs.All)
        {
            var version = new JobVersion(job.Name, 1);
            await run.CaughtUpAsync(version);
            Console.WriteLine((await run.DigestAsync(version)).Replace("\n", "; ", StringComparison.Ordinal));
        }
    }

    public static Task<House> OpenAsync(string folder) =>
        House.OpenAsync(folder, version => LocaleJobs.All.Single(job => job.Name == version.Job));
}
