using System.Text.Json;
using Kappa.Client;

namespace Kappa.Cli;

/// <summary>One command's talk with a server.</summary>
/// <param name="client">The server.</param>
/// <param name="terminal">Where the command reads and writes.</param>
/// <param name="json">Print answers as JSON.</param>
internal sealed class Session(KappaClient client, Terminal terminal, bool json) : IDisposable
{
    private static readonly JsonSerializerOptions Indented = new(Wire.Json) { WriteIndented = true };

    /// <summary>The server.</summary>
    public KappaClient Client { get; } = client;

    /// <summary>Where the command reads and writes.</summary>
    public Terminal Terminal { get; } = terminal;

    /// <summary>Are answers printed as JSON?</summary>
    public bool IsJson { get; } = json;

    /// <summary>Prints an answer: as JSON if asked for, else as text.</summary>
    public Task PrintAsync<T>(T answer, Func<T, string> text) => PrintAsync(Terminal, IsJson, answer, text);

    /// <summary>Prints an answer: as JSON if asked for, else as text.</summary>
    public static async Task PrintAsync<T>(Terminal terminal, bool json, T answer, Func<T, string> text)
    {
        await terminal.Out.WriteLineAsync(
            json ? JsonSerializer.Serialize(answer, Indented) : Terminal.Printable(text(answer)).TrimEnd('\n'));
    }

    /// <summary>Says something that is no result.</summary>
    public Task SayAsync(string text) => Terminal.Error.WriteLineAsync(Terminal.Printable(text));

    /// <inheritdoc/>
    public void Dispose() => Client.Dispose();
}
