using System.CommandLine;
using Kappa.Log;
using Kappa.Server;
using Kappa.Server.Backups;

namespace Kappa.Cli.Commands;

/// <summary>
/// <c>kappa restore</c>: a new data folder of a backup, or with the topics of a lost one as far as archives reach.
/// </summary>
internal static class RestoreCommand
{
    public static Command Make(SessionOptions session)
    {
        var backup = new Argument<string?>("folder")
        {
            Description = "A folder that 'kappa backup' has made.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var archive = new Option<string?>("--from-archive")
        {
            Description = "Instead of a backup an archive: a folder, or s3://bucket/folder, webhdfs://host/folder.",
        };
        var topics = new Option<string[]>("--topic")
        {
            Description = "Of an archive a topic; may be repeated. Default all it lists, '_kappa.lifecycle' apart.",
        };
        var command = new Command(
            "restore", "Makes a data folder of a backup or an archive: --data names it; no server is needed.")
        {
            backup, archive, topics,
        };
        return session.CompleteLocal(command, (folder, parsed, cancel) =>
            (parsed.GetValue(backup), parsed.GetValue(archive)) switch
            {
                ({ } from, null) => FromBackupAsync(session, from, folder, cancel),
                (null, { } store) => FromArchiveAsync(session, store, parsed.GetValue(topics) ?? [], folder, cancel),
                _ => throw new KappaException(
                    ErrorKind.Invalid, "What to restore from is not clear.",
                    "Name either the folder of a backup, or an archive with --from-archive."),
            });
    }

    private static async Task<int> FromBackupAsync(
        SessionOptions session, string from, string folder, CancellationToken cancel)
    {
        var restored = await Task.Run(
            () => Restore.Run(from, folder, DiskFileSystem.ForThisPlatform(), TimeProvider.System, cancel), cancel);
        await session.Terminal.Out.WriteLineAsync(Terminal.Printable(
            $"{restored.Files} files with {restored.Bytes} bytes are in {folder}: the log as it was at "
            + $"{restored.Place}, under the new id {restored.Log}.\n"
            + string.Concat(restored.Notes.Select(note => note + ".\n"))
            + $"Start it with 'kappa serve --data {folder}'; 'kappa restored' tells when the tables are the same.")
            .TrimEnd('\n'));
        return ExitCode.Done;
    }

    private static async Task<int> FromArchiveAsync(
        SessionOptions session, string store, string[] topics, string folder, CancellationToken cancel)
    {
        using var home = DataFolder.Open(folder, DiskFileSystem.ForThisPlatform());
        IReadOnlyList<string> names = topics.Length > 0 ? topics : await ListAsync(store, cancel);
        var archives = names.Select(name => new Archive(Stores.Open(store), name)).ToList();
        try
        {
            var records = await ArchiveRestore.RunAsync(
                archives, new LogOptions { Folder = home.Log },
                text => session.Terminal.Error.WriteLine(Terminal.Printable(text)), cancel);
            await session.Terminal.Out.WriteLineAsync(
                $"{TextTable.Text(records)} records of {names.Count} topics are in {home.Root}.");
            return ExitCode.Done;
        }
        finally
        {
            foreach (var archive in archives)
            {
                await archive.DisposeAsync();
            }
        }
    }

    private static async Task<IReadOnlyList<string>> ListAsync(string address, CancellationToken cancel)
    {
        await using var store = Stores.Open(address);
        var found = (await Archive.TopicsAsync(store, null, cancel)).Where(name => name != Names.Lifecycle).ToList();
        return found.Count > 0 ? found : throw new KappaException(
            ErrorKind.NotFound, $"'{store.Name}' lists no archive of a topic.",
            "Name the store the topics were mirrored to; or name topics with --topic, if it lists late.");
    }
}
