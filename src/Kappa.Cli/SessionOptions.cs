using System.CommandLine;
using System.Text.Json;
using Kappa.Client;

namespace Kappa.Cli;

/// <summary>
/// The options every command has, and how a server is found by them: <c>--server</c> with <c>KAPPA_KEY</c>, or the data
/// folder of a server on this machine, which holds its address and the admin key.
/// </summary>
/// <param name="terminal">Where commands read and write.</param>
internal sealed class SessionOptions(Terminal terminal)
{
    private const string DefaultFolder = "./kappa-data";

    /// <summary>Where commands read and write.</summary>
    public Terminal Terminal { get; } = terminal;

    private Option<string?> Data { get; } = new("--data")
    {
        Description = "The data folder; default KAPPA_DATA, else ./kappa-data.",
        HelpName = "folder",
    };

    private Option<string?> Server { get; } = new("--server")
    {
        Description = "The address of a server elsewhere; its key is taken from KAPPA_KEY.",
        HelpName = "address",
    };

    private Option<bool> Json { get; } = new("--json") { Description = "Print the server's answer as JSON." };

    /// <summary>Completes a command with the common options and with what it does.</summary>
    public Command Complete(Command command, Func<Session, ParseResult, CancellationToken, Task<int>> act)
    {
        command.Options.Add(Data);
        command.Options.Add(Server);
        command.Options.Add(Json);
        command.SetAction((parsed, cancel) => GuardedAsync(async () =>
        {
            using var session = Open(parsed);
            return await act(session, parsed, cancel);
        }));
        return command;
    }

    /// <summary>Completes a command that needs no server.</summary>
    public Command CompleteLocal(Command command, Func<string, ParseResult, CancellationToken, Task<int>> act)
    {
        command.Options.Add(Data);
        command.SetAction((parsed, cancel) => GuardedAsync(() => act(Folder(parsed), parsed, cancel)));
        return command;
    }

    /// <summary>
    /// Completes a command that talks to the server of a data folder, or does the same itself where none runs.
    /// </summary>
    /// <param name="command">The command.</param>
    /// <param name="online">With a server; told whether it was found by its data folder, so runs on this
    /// machine.</param>
    /// <param name="offline">Without one, on the data folder.</param>
    public Command CompleteEither(
        Command command, Func<Session, ParseResult, bool, CancellationToken, Task<int>> online,
        Func<string, ParseResult, CancellationToken, Task<int>> offline)
    {
        command.Options.Add(Data);
        command.Options.Add(Server);
        command.Options.Add(Json);
        command.SetAction((parsed, cancel) => GuardedAsync(async () =>
        {
            var isHere = parsed.GetValue(Server) is null;
            if (isHere && !Kappa.Server.DataFolder.IsHeld(Folder(parsed)))
            {
                return await offline(Folder(parsed), parsed, cancel);
            }

            using var session = Open(parsed);
            return await online(session, parsed, isHere, cancel);
        }));
        return command;
    }

    /// <summary>Prints the answer of a command that asked no server.</summary>
    public Task PrintAsync<T>(ParseResult parsed, T answer, Func<T, string> text) =>
        Session.PrintAsync(Terminal, parsed.GetValue(Json), answer, text);

    private async Task<int> GuardedAsync(Func<Task<int>> act)
    {
        try
        {
            return await act();
        }
        catch (RequestFailedException refused)
        {
            await Terminal.ErrorAsync(refused.Message, refused.Next);
            return ExitCode.Failed;
        }
        catch (Kappa.Log.KappaException known)
        {
            await Terminal.ErrorAsync(known.Message, known.Next);
            return ExitCode.Failed;
        }
        catch (Exception disk) when (disk is IOException or UnauthorizedAccessException)
        {
            await Terminal.ErrorAsync(disk.Message, "Check the file and its rights, and try again.");
            return ExitCode.Failed;
        }
        catch (OperationCanceledException)
        {
            return ExitCode.Interrupted;
        }
    }

    private string Folder(ParseResult parsed) =>
        parsed.GetValue(Data) ?? Terminal.Environment("KAPPA_DATA") ?? DefaultFolder;

    private Session Open(ParseResult parsed)
    {
        var json = parsed.GetValue(Json);
        if (parsed.GetValue(Server) is { } server)
        {
            var given = Uri.TryCreate(server, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https"
                ? uri
                : throw new RequestFailedException(
                    0, $"'{server}' is no address.", "Write one as http://127.0.0.1:4747.");
            return new Session(new KappaClient(given, Terminal.Environment("KAPPA_KEY")), Terminal, json);
        }

        var folder = Folder(parsed);
        return new Session(new KappaClient(AddressIn(folder), KeyIn(folder)), Terminal, json);
    }

    private static Uri AddressIn(string folder)
    {
        var path = Path.Combine(folder, "server.json");
        if (!File.Exists(path))
        {
            throw new RequestFailedException(
                0, $"No server runs on the data folder '{folder}'.",
                $"Start one with 'kappa serve --data {folder}', or name another folder with --data or a server with "
                    + "--server.");
        }

        try
        {
            using var announced = JsonDocument.Parse(File.ReadAllBytes(path));
            return new Uri(announced.RootElement.GetProperty("address").GetString()!);
        }
        catch (Exception broken) when (broken is JsonException or KeyNotFoundException or UriFormatException
            or InvalidOperationException)
        {
            throw new RequestFailedException(
                0, $"The file '{path}' cannot be read: {broken.Message}", "Start the server again.", broken);
        }
    }

    private string? KeyIn(string folder)
    {
        var path = Path.Combine(folder, "admin.key");
        return Terminal.Environment("KAPPA_KEY") ?? (File.Exists(path) ? File.ReadAllText(path).Trim() : null);
    }
}
