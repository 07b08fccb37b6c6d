using System.Diagnostics;

namespace Kappa.Benchmarks.LogSpeed;

/// <summary>Another program, run beside or waited for.</summary>
internal static class Command
{
    /// <summary>Is it there?</summary>
    public static bool Exists(string name) => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':')
        .Append("/usr/sbin").Any(folder => File.Exists(Path.Combine(folder, name)));

    public static Process Start(string name, params string[] arguments)
    {
        var start = new ProcessStartInfo(name, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        return Process.Start(start) ?? throw new InvalidOperationException($"{name} did not start");
    }

    /// <summary>Its output, once it has ended well.</summary>
    public static async Task<string> OutputAsync(string name, params string[] arguments)
    {
        using var running = Start(name, arguments);
        var errors = running.StandardError.ReadToEndAsync();
        var output = await running.StandardOutput.ReadToEndAsync();
        await running.WaitForExitAsync();
        return running.ExitCode == 0
            ? output
            : throw new InvalidOperationException($"{name} ended with {running.ExitCode}: {await errors}");
    }
}
