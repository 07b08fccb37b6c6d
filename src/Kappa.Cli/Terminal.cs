namespace Kappa.Cli;

/// <summary>Where a command reads and writes: results to its output, progress and errors to its error output.</summary>
/// <param name="In">What is piped in.</param>
/// <param name="Out">Results as text.</param>
/// <param name="OutBytes">Results as bytes, behind <paramref name="Out"/>.</param>
/// <param name="Error">Progress and errors.</param>
/// <param name="IsInteractive">Does a person watch the error output? Then progress overwrites itself.</param>
/// <param name="Environment">Reads an environment variable.</param>
internal sealed record Terminal(
    Stream In, TextWriter Out, Stream OutBytes, TextWriter Error, bool IsInteractive, Func<string, string?> Environment)
{
    /// <summary>The terminal this process was started in.</summary>
    public static Terminal OfProcess()
    {
        var output = Console.OpenStandardOutput();
        return new Terminal(
            Console.OpenStandardInput(), new StreamWriter(output) { AutoFlush = true, NewLine = "\n" }, output, Console.Error,
            !Console.IsErrorRedirected, System.Environment.GetEnvironmentVariable);
    }

    /// <summary>Shows an error and what to do next.</summary>
    public async Task ErrorAsync(string message, string next)
    {
        await Error.WriteLineAsync("kappa: " + Printable(message));
        await Error.WriteLineAsync("  " + Printable(next));
    }

    /// <summary>Text in which no control character of somebody's data reaches the terminal.</summary>
    public static string Printable(string text) => text.Any(IsControl)
        ? new string([.. text.Select(c => IsControl(c) && c != '\n' ? '\uFFFD' : c)])
        : text;

    private static bool IsControl(char c) => char.IsControl(c) || c is >= '\u202A' and <= '\u202E' or >= '\u2066' and <= '\u2069';
}
