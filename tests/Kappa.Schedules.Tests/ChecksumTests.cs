using System.Diagnostics;
using Xunit;

namespace Kappa.Schedules;

/// <summary>
/// Promise P2 across processes: another culture and time zone, narrower vectors or none, other numbers of workers; one
/// checksum for each golden job (rule V2).
/// </summary>
public sealed class ChecksumTests
{
    private const int Records = 500;
    private const int Seed = 19;

    private static readonly Lazy<IReadOnlyList<string>> Here = new(() => Checksums.Lines(Records, Seed, workers: 1));

    [Theory]
    [InlineData("DOTNET_EnableAVX512", "de_DE.UTF-8", "Asia/Kathmandu", "de-DE 05:30:00 512:False", 2)]
    [InlineData("DOTNET_EnableAVX2", "tr_TR.UTF-8", "America/St_Johns", "tr-TR -03:30:00 512:False avx2:False", 8)]
    [InlineData(
        "DOTNET_EnableHWIntrinsic", "ar_SA.UTF-8", "Pacific/Chatham",
        "ar-SA 12:45:00 512:False avx2:False 128:False", 3)]
    public async Task Golden_jobs_have_one_checksum_in_every_process_P2_V2(
        string switchedOff, string locale, string zone, string there, int workers)
    {
        var start = new ProcessStartInfo(
            "dotnet",
            [
                "exec", typeof(Checksums).Assembly.Location, "--checksums", $"{workers}", "--records", $"{Records}",
                "--seed", $"{Seed}",
            ])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["LANG"] = start.Environment["LC_ALL"] = locale;
        start.Environment["TZ"] = zone;
        start.Environment[switchedOff] = "0";
        using var child = Process.Start(start)!;
        var error = child.StandardError.ReadToEndAsync();
        var lines = (await child.StandardOutput.ReadToEndAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        await child.WaitForExitAsync();

        Assert.True(child.ExitCode == 0, await error);
        Assert.StartsWith("at " + there, lines[0], StringComparison.Ordinal);
        Assert.True(lines.Length > 20);
        Assert.Equal(Here.Value, lines[1..]);
    }
}
