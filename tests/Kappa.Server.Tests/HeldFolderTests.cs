using System.Diagnostics;
using Kappa.Log;
using Xunit;

namespace Kappa.Server.Tests;

/// <summary>One data folder, two processes: the second is refused, whichever it is, and harms nothing.</summary>
public sealed class HeldFolderTests
{
    [Fact]
    public async Task A_second_process_is_refused_with_exit_code_2_and_the_first_goes_on()
    {
        await using var running = await RunningServer.StartAsync();
        using var second = Serve(running.Folder);
        var output = second.StandardOutput.ReadToEndAsync();
        var error = await second.StandardError.ReadToEndAsync();
        await second.WaitForExitAsync();

        Assert.Equal(2, second.ExitCode);
        Assert.StartsWith("kappa: ", error, StringComparison.Ordinal);
        Assert.Contains("held by another process", error, StringComparison.Ordinal);
        Assert.Empty(await output);
        Assert.NotNull(await running.Client.TopicsAsync());
    }

    [Fact]
    public async Task A_folder_held_by_another_process_is_free_again_when_that_has_ended()
    {
        var folder = RunningServer.TempFolder();
        try
        {
            using (var first = Serve(folder))
            {
                var line = await first.StandardError.ReadLineAsync();
                Assert.Contains("serves", line, StringComparison.Ordinal);
                var refused = await Assert.ThrowsAsync<KappaException>(() => RunningServer.StartAsync(folder));
                Assert.Contains("held by another process", refused.Message, StringComparison.Ordinal);
                first.Kill();
                await first.WaitForExitAsync();
            }

            await using var running = await RunningServer.StartAsync(folder);
            Assert.NotNull(await running.Client.TopicsAsync());
        }
        finally
        {
            RunningServer.Delete(folder);
        }
    }

    private static Process Serve(string folder) => Process.Start(new ProcessStartInfo(
        "dotnet",
            ["exec", Path.Combine(AppContext.BaseDirectory, "kappa.dll"), "serve", "--data", folder, "--port", "0"])
    {
        RedirectStandardOutput = true,
        RedirectStandardError = true,
    })!;
}
