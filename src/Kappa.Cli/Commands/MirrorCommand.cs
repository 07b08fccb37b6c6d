using System.CommandLine;
using Kappa.Client;

namespace Kappa.Cli.Commands;

/// <summary><c>kappa mirror</c>: sealed segments of a topic, copied to an archive.</summary>
internal static class MirrorCommand
{
    public static Command Make(SessionOptions session)
    {
        var topic = new Argument<string?>("topic")
        {
            Description = "The topic; without one all mirrors are listed.",
            DefaultValueFactory = _ => null,
        };
        var to = new Option<string?>("--to")
        {
            Description = "A folder of the server's machine, or an address: s3://bucket/folder, webhdfs://host/folder.",
        };
        var stop = new Option<bool>("--stop") { Description = "Copies no more; the archive is read all the same." };
        var remove = new Option<bool>("--remove") { Description = "Forgets the mirror; the archive stays as it is." };
        var takeOver = new Option<bool>("--take-over")
        {
            Description = "Takes the archive over from another mirror of this log, which is gone for good.",
        };
        var lose = new Option<bool>("--lose-history")
        {
            Description = "With --remove: also where only its archive has what the log has no more.",
        };
        var command = new Command("mirror", "Copies the sealed segments of a topic to an archive, from now on.")
        {
            topic, to, stop, remove, takeOver, lose,
        };
        return session.Complete(command, async (talk, parsed, cancel) =>
        {
            var all = await talk.Client.MirrorsAsync(cancel);
            if (parsed.GetValue(topic) is not { } name)
            {
                await talk.PrintAsync(all, Shown);
                return ExitCode.Done;
            }

            var store = Store(parsed.GetValue(to), name, all);
            if (parsed.GetValue(remove))
            {
                var found = all.FirstOrDefault(one => one.Topic == name && one.Store == store)
                    ?? throw new RequestFailedException(
                        0, $"Topic '{name}' is not mirrored to '{store}'.", "See 'kappa mirror'.");
                var gone = await talk.Client.DeleteMirrorAsync(found.Name, parsed.GetValue(lose), cancel);
                await talk.PrintAsync(gone, one => $"{one.Name} is forgotten; {one.Store} stays as it is.");
                return ExitCode.Done;
            }

            var made = await talk.Client.MirrorAsync(
                new MirrorRequest(name, store, parsed.GetValue(stop), parsed.GetValue(takeOver)), cancel);
            await talk.PrintAsync(made, one => Shown([one]));
            return ExitCode.Done;
        });
    }

    private static string Store(string? given, string topic, IReadOnlyList<MirrorView> all)
    {
        if (given is null)
        {
            return all.Where(one => one.Topic == topic).ToList() is [var only]
                ? only.Store
                : throw new RequestFailedException(
                    0, $"It is not said where topic '{topic}' is mirrored to.",
                    "Add --to with a folder or an address such as s3://bucket/folder.");
        }

        return StoreAddress.Absolute(given);
    }

    private static string Shown(IReadOnlyList<MirrorView> mirrors)
    {
        var table = new TextTable("MIRROR", "TOPIC", "STORE", "STATE", "SEGMENTS", "BYTES", "WAITING");
        var notes = "";
        foreach (var one in mirrors)
        {
            table.Add(one.Name, one.Topic, one.Store, one.State, one.Segments, one.Bytes, one.Waiting);
            notes += one.Error is null ? "" : $"{one.Name}: {one.Error}\n";
        }

        return table + notes;
    }
}
