using System.Diagnostics;
using Xunit;

namespace Kappa.Crash;

/// <summary>A theory that makes system calls fail; skipped where strace is missing or may not trace.</summary>
public sealed class SystemCallTheoryAttribute : TheoryAttribute
{
    private static readonly string? Missing = Probe();

    public SystemCallTheoryAttribute() => Skip = Missing;

    private static string? Probe()
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo("strace", "-qq -o /dev/null true")
            {
                RedirectStandardError = true,
            })!;
            process.WaitForExit();
            return process.ExitCode == 0 ? null : "strace may not trace processes here";
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return "strace is not installed";
        }
    }
}
