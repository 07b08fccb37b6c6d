using System.CommandLine;
using Kappa.Server;

namespace Kappa.Cli.Commands;

/// <summary><c>kappa serve</c>: log, jobs and HTTP API in this process, until it is told to stop.</summary>
internal static class ServeCommand
{
    public static Command Make(SessionOptions session)
    {
        var port = new Option<int>("--port")
        {
            Description = "The port on 127.0.0.1; 0: any free one.",
            DefaultValueFactory = _ => ServerOptions.DefaultPort,
        };
        var workers =
            new Option<int?>("--workers") { Description = "Workers per running version; default one per processor." };
        var soak = new Option<double?>("--soak-hours")
        {
            Description = "How long a version that was live runs on, ready for a rollback; default 24.",
        };
        var memory = Size("--state-memory", "Memory for the states of all versions, as 512M or 4G; the rest is spilled "
            + "to scratch files. Default a quarter of the memory there is.");
        var key = Size("--state-key-limit", "Largest state of one key in one operator; default 64M.");
        var command = new Command("serve", "Runs a data folder: log, jobs and HTTP API in one process.")
        {
            port, workers, soak, memory, key,
        };
        return session.CompleteLocal(command, (folder, parsed, cancel) =>
        {
            var platform = new PlatformOptions
            {
                Folder = folder,
                ArchiveStores = Stores.Kinds,
                Report = text => session.Terminal.Error.WriteLine(Terminal.Printable(text)),
            };
            platform = platform with
            {
                StateMemory = parsed.GetValue(memory) ?? platform.StateMemory,
                StateKeyLimit = parsed.GetValue(key) ?? platform.StateKeyLimit,
            };
            if (parsed.GetValue(workers) is { } count)
            {
                platform = platform with { Workers = count };
            }

            if (parsed.GetValue(soak) is { } hours)
            {
                platform = platform with { Soak = TimeSpan.FromHours(hours) };
            }

            var options = new ServerOptions { Platform = platform, Port = parsed.GetValue(port) };
            return ServeAsync(options, session.Terminal, cancel);
        });
    }

    private static Option<long?> Size(string name, string description) => new(name)
    {
        Description = description,
        CustomParser = given =>
        {
            if (ByteSize.Parse(given.Tokens[0].Value) is { } bytes)
            {
                return bytes;
            }

            given.AddError($"{name} is '{given.Tokens[0].Value}', which is no size; write 512M or 4G.");
            return null;
        },
    };

    private static async Task<int> ServeAsync(ServerOptions options, Terminal terminal, CancellationToken cancel)
    {
        await using var server = await KappaServer.StartAsync(options, cancel);
        var folder = server.Platform.Folder;
        await terminal.Error.WriteLineAsync(
            $"kappa {Platform.ProductVersion} serves {folder.Root} at {server.Address}");
        await terminal.Error.WriteLineAsync($"  the admin key is in {folder.AdminKey}; stop with Ctrl+C");
        await server.WaitForShutdownAsync(cancel);
        return ExitCode.Done;
    }
}
