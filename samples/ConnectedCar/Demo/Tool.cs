using System.Diagnostics;

namespace ConnectedCar.Demo;

/// <summary>Runs programs built beside the demo as a user would type them, and shows what was typed.</summary>
internal sealed class Tool(string folder, string workingFolder)
{
    /// <summary>
    /// Runs <c>kappa</c> with its output shown; fails when it fails, unless another exit code is expected.
    /// </summary>
    public async Task<int> KappaAsync(string[] arguments, params int[] allowed)
    {
        Console.WriteLine("\n$ kappa " + string.Join(' ', arguments.Select(Quoted)));
        using var process = Start("kappa.dll", [.. arguments, "--data", folder], captured: false);
        await process.WaitForExitAsync();
        if (process.ExitCode != 0 && !allowed.Contains(process.ExitCode))
        {
            throw new DemoException($"'kappa {string.Join(' ', arguments)}' ended with exit code {process.ExitCode}.");
        }

        return process.ExitCode;
    }

    /// <summary>Starts a program and leaves it running.</summary>
    public Process Start(string program, IEnumerable<string> arguments, bool captured)
    {
        var start = new ProcessStartInfo("dotnet")
        {
            WorkingDirectory = workingFolder,
            RedirectStandardError = captured,
            RedirectStandardInput = true,
        };
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, program));
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        var process = Process.Start(start) ?? throw new DemoException($"{program} could not be started.");
        process.StandardInput.Close();
        return process;
    }

    private static string Quoted(string argument) =>
        argument.Contains(' ', StringComparison.Ordinal) ? $"'{argument}'" : argument;
}

/// <summary>The demo cannot go on.</summary>
internal sealed class DemoException(string message) : Exception(message);
