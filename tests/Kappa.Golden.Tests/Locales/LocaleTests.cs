using System.Diagnostics;
using System.Text.Json;
using Kappa.Tables.Loop;
using Xunit;

namespace Kappa.Golden.Tests.Locales;

/// <summary>Promise P2 across machines, rule V2: user code runs under the invariant culture.</summary>
public sealed class LocaleTests
{
    private static readonly string[] Towns = ["istanbul", "Izmir", "ürün", "Zürich", "izmit", "Ağrı", "çay", "åre"];

    [Fact]
    public async Task Processes_of_other_culture_zone_and_hash_seed_make_the_same_tables_of_one_log_P2_V2()
    {
        using var folder = new TemporaryFolder();
        var straight = await MakeAsync(folder.In("made"));

        var german = await ChildAsync(folder, "german", "de_DE.UTF-8", "Asia/Kathmandu", invariant: false);
        var turkish = await ChildAsync(folder, "turkish", "tr_TR.UTF-8", "America/St_Johns", invariant: false);
        var bare = await ChildAsync(folder, "bare", "tr_TR.UTF-8", "Pacific/Chatham", invariant: true);

        var plain = await ChildAsync(
            folder, "plain", "de_DE.UTF-8", "UTC", invariant: false, switchedOff: "DOTNET_EnableHWIntrinsic");

        // The children are where they were sent, and no two have one hash seed.
        Assert.StartsWith("at de-DE 05:30:00 ", german[0], StringComparison.Ordinal);
        Assert.StartsWith("at tr-TR -03:30:00 ", turkish[0], StringComparison.Ordinal);
        Assert.StartsWith("at  12:45:00 ", bare[0], StringComparison.Ordinal);
        Assert.Equal(3, new[] { german, turkish, bare }.Select(lines => lines[0].Split(' ')[^1]).Distinct().Count());
        Assert.Equal(straight, german[1..]);
        Assert.Equal(straight, turkish[1..]);
        Assert.StartsWith("at de-DE 00:00:00 ", plain[0], StringComparison.Ordinal);
        Assert.Equal(straight, plain[1..]);

        // Without culture data the sort order of "names" is another: an environment change, recorded as one (rule V2).
        Assert.Equal(straight[0], bare[1]);
    }

    [Fact]
    public async Task A_statement_is_written_as_the_invariant_culture_writes_it_V2()
    {
        using var folder = new TemporaryFolder();
        var before = System.Globalization.CultureInfo.CurrentCulture;
        System.Globalization.CultureInfo.CurrentCulture = System.Globalization.CultureInfo.GetCultureInfo("tr-TR");
        try
        {
            await using var house = await LocaleDigest.OpenAsync(folder.Path);
            await house.TopicAsync("sales", 2);
            await house.AppendAsync("sales", ("k", Json(4)));
            await using var run = await house.RunAsync("tables", workers: 4);
            var version = await run.MakeAsync(LocaleJobs.Statements);
            await run.CaughtUpAsync(version);

            Assert.Empty(await run.RowsAsync(version, "statements.dead"));
            Assert.Equal(
                """["IZMIT","IZMIT|1,234.50|1234.5|3.5|2026-02-01|02/01/2026 00:00:00|01/01/2026 12:00:04 +00:00"""
                + """|0.30000000000000004|True|title|Thursday|","2026-01-01T08:00:00.0000000Z","{"""
                + """\"axle\":4,\"bolt\":1"""
                + """,\"wheel\":2}","[\"02/01/2026\",\"izmit\"]","{\"last\":1234.5,\"first\":1}"]""",
                Assert.Single(await run.RowsAsync(version, "statements")));
        }
        finally
        {
            System.Globalization.CultureInfo.CurrentCulture = before;
        }
    }

    private static async Task<string[]> MakeAsync(string folder)
    {
        await using var house = await LocaleDigest.OpenAsync(folder);
        await house.TopicAsync("sales", 2);
        for (var i = 0; i < 40; i++)
        {
            await house.AppendAsync("sales",
                [.. Enumerable.Range(i * 5, 5).Select(n => (Towns[n % Towns.Length], Json(n)))]);
        }

        await using var run = await house.RunAsync("tables", workers: 1);
        var lines = new List<string>();
        foreach (var job in LocaleJobs.All)
        {
            var version = await run.MakeAsync(job);
            await run.StateAsync(version, VersionState.Live);
            await run.CaughtUpAsync(version);
            Assert.Empty(await run.RowsAsync(version, job.Name + ".dead"));
            lines.Add((await run.DigestAsync(version)).Replace("\n", "; ", StringComparison.Ordinal));
        }

        return [.. lines];
    }

    /// <summary>
    /// A sale whose local time has an offset of its own, and whose day is 1 February only where months come first.
    /// </summary>
    private static string Json(int n) => JsonSerializer.Serialize(
        new
        {
            Town = Towns[n % Towns.Length],
            At = $"2026-01-01T12:{n / 60:00}:{n % 60:00}Z",
            Local = "2026-01-01T13:45:00+05:45",
            Amount = "2.5",
            Day = "02/01/2026",
            Price = 1234.5,
            Parts = new Dictionary<string, double> { ["wheel"] = 2, ["axle"] = n, ["bolt"] = 1 },
        },
        JsonSerializerOptions.Web);

    private static async Task<string[]> ChildAsync(
        TemporaryFolder folder, string name, string locale, string zone, bool invariant,
        string? switchedOff = null)
    {
        TemporaryFolder.Copy(Path.Combine(folder.In("made"), "log"), Path.Combine(folder.In(name), "log"));
        var start = new ProcessStartInfo("dotnet", ["exec", typeof(LocaleTests).Assembly.Location, folder.In(name)])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["LANG"] = start.Environment["LC_ALL"] = locale;
        start.Environment["TZ"] = zone;
        start.Environment["DOTNET_SYSTEM_GLOBALIZATION_INVARIANT"] = invariant ? "1" : "0";
        if (switchedOff is not null)
        {
            start.Environment[switchedOff] = "0";
        }

        using var child = Process.Start(start)!;
        var error = child.StandardError.ReadToEndAsync();
        var output = await child.StandardOutput.ReadToEndAsync();
        await child.WaitForExitAsync();
        Assert.True(child.ExitCode == 0, output + await error);
        return output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }
}
