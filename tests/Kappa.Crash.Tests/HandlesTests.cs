using System.Diagnostics;
using Xunit;

namespace Kappa.Crash;

/// <summary>A real process that has no file handle left, by its real limit (rule L2).</summary>
public sealed class HandlesTests
{
    [LinuxFact]
    public async Task No_file_handles_is_a_clear_error_and_work_goes_on_by_itself_L2()
    {
        var root = Directory.CreateTempSubdirectory("kappa-handles-").FullName;
        try
        {
            using var process = Process.Start(new ProcessStartInfo(
                Environment.ProcessPath is { } host && Path.GetFileNameWithoutExtension(host) == "dotnet"
                    ? host : "dotnet",
                [typeof(HandlesProcess).Assembly.Location, "handles", Path.Combine(root, "log")])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
            var errors = process.StandardError.ReadToEndAsync();
            var lines = (await process.StandardOutput.ReadToEndAsync())
                .Split('\n', StringSplitOptions.RemoveEmptyEntries);
            await process.WaitForExitAsync();

            Assert.True(lines.Length == 6, string.Join('\n', lines) + await errors);
            Assert.Equal("a acked 0", lines[0]);
            Assert.Equal("a acked 1", lines[1]);
            Assert.All(lines[2..4], line => Assert.Contains("too many files are open", line, StringComparison.Ordinal));
            Assert.All(lines[2..4], line => Assert.Contains("by itself", line, StringComparison.Ordinal));
            Assert.Equal(["b acked 0", "a acked 2"], lines[4..]);
            await using var log = await EmbeddedLog.OpenAsync(
                new LogOptions { Folder = Path.Combine(root, "log") }, CancellationToken.None);
            Assert.Equal([3L, 1L], log.Topics.Where(topic => !topic.IsPlatforms).Select(topic => topic.Records));
        }
        finally
        {
            Directory.Delete(root, recursive: true);
        }
    }

    private sealed class LinuxFactAttribute : FactAttribute
    {
        public LinuxFactAttribute() =>
            Skip = OperatingSystem.IsLinux() ? null : "limits of open files are set by a system call of Linux here";
    }
}
