using System.Diagnostics;
using System.Runtime.InteropServices;
using Xunit;

namespace Kappa.Streams.Tests.Fingerprints;

/// <summary>Rule V2: a fingerprint is the same in every process.</summary>
public sealed class ProcessTests
{
    internal const string Question = "KAPPA_TESTS_FINGERPRINT";

    [Fact]
    public async Task Another_process_takes_the_same_fingerprints()
    {
        var here = typeof(ProcessTests).Assembly.Location;
        var dotnet = Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", "dotnet");
        var start = new ProcessStartInfo(dotnet, ["exec", here]) { RedirectStandardOutput = true };
        start.Environment["DOTNET_STARTUP_HOOKS"] = here;
        start.Environment[Question] = "1";
        using var process = Process.Start(start)!;
        var answer = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.Equal(Answer(), answer);
    }

    internal static string Answer()
    {
        using var source = new CompiledSource(Shop.Source, Shop.Package);
        return string.Join('\n', source.Jobs().Select(job => $"{job.Key} {job.Value.Hash}"));
    }
}
