using System.CommandLine;
using Kappa.Log;
using Kappa.Server;

namespace Kappa.Cli.Commands;

/// <summary><c>kappa restore</c>: a new data folder with the topics of a lost one, as far as archives reach.</summary>
internal static class RestoreCommand
{
    public static Command Make(SessionOptions session)
    {
        var from = new Option<string>("--from-archive")
        {
            Description = "A folder, or an address: s3://bucket/folder, webhdfs://host/folder.",
            Required = true,
        };
        var topics = new Option<string[]>("--topic")
        {
            Description = "A topic; may be repeated. Default all the store lists, '_kappa.lifecycle' apart.",
        };
        var command = new Command(
            "restore", "Makes a new data folder with the topics an archive has, as far as it reaches.")
        {
            from, topics,
        };
        return session.CompleteLocal(command, async (folder, parsed, cancel) =>
        {
            using var home = DataFolder.Open(folder, DiskFileSystem.ForThisPlatform());
            var store = parsed.GetValue(from)!;
            IReadOnlyList<string> names = parsed.GetValue(topics) is { Length: > 0 } given
                ? given : await ListAsync(store, cancel);
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
        });
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
