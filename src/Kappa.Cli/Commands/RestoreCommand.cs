using System.CommandLine;
using Kappa.Log;
using Kappa.Server.Backups;

namespace Kappa.Cli.Commands;

/// <summary><c>kappa restore</c>: a new data folder of a backup.</summary>
internal static class RestoreCommand
{
    public static Command Make(SessionOptions session)
    {
        var from = new Argument<string>("folder") { Description = "A folder that 'kappa backup' has made." };
        var command = new Command(
            "restore", "Makes a data folder of a backup: --data names it, empty or not there; no server is needed.")
        {
            from,
        };
        return session.CompleteLocal(command, async (folder, parsed, cancel) =>
        {
            var restored = await Task.Run(
                () => Restore.Run(
                    parsed.GetValue(from)!, folder, DiskFileSystem.ForThisPlatform(), TimeProvider.System, cancel),
                cancel);
            await session.Terminal.Out.WriteLineAsync(Terminal.Printable(
                $"{restored.Files} files with {restored.Bytes} bytes are in {folder}: the log as it was at "
                + $"{restored.Place}, under the new id {restored.Log}.\n"
                + string.Concat(restored.Notes.Select(note => note + ".\n"))
                + $"Start it with 'kappa serve --data {folder}'; 'kappa restored' tells when the tables are the same.")
                .TrimEnd('\n'));
            return ExitCode.Done;
        });
    }
}
