using System.CommandLine;
using Kappa.Client;
using Kappa.Log;
using Kappa.Server.Backups;

namespace Kappa.Cli.Commands;

/// <summary><c>kappa backup</c>: everything that cannot be computed again, up to one place of the log.</summary>
internal static class BackupCommand
{
    public static Command Make(SessionOptions session)
    {
        var into = new Argument<string>("folder")
        {
            Description = "Where to: a folder that is empty or not there. With --server it is on the server's machine.",
        };
        var wait = new Option<double>("--wait-seconds")
        {
            Description = "How long to wait for versions that are behind, for their checksums; default 60.",
            DefaultValueFactory = _ => 60,
        };
        var command = new Command(
            "backup", "Copies log, programs, subscriptions and key hashes, of a running server or of a stopped one.")
        {
            into, wait,
        };
        return session.CompleteEither(
            command,
            async (talk, parsed, isHere, cancel) =>
            {
                var folder = parsed.GetValue(into)!;
                var answer = await talk.Client.BackupAsync(
                    new BackupRequest(isHere ? Path.GetFullPath(folder) : folder, parsed.GetValue(wait)), cancel);
                await talk.PrintAsync(answer, taken => taken.Text);
                return ExitCode.Done;
            },
            async (data, parsed, cancel) =>
            {
                var answer = await OfflineBackup.RunAsync(
                    data, Path.GetFullPath(parsed.GetValue(into)!), DiskFileSystem.ForThisPlatform(),
                    TimeProvider.System, cancel);
                await session.PrintAsync(parsed, answer, taken => taken.Text);
                return ExitCode.Done;
            });
    }
}
