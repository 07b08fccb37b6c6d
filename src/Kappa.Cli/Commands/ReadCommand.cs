using System.CommandLine;

namespace Kappa.Cli.Commands;

/// <summary><c>kappa read</c>: records of a topic as lines of JSON.</summary>
internal static class ReadCommand
{
    public static Command Make(SessionOptions session)
    {
        var topic = new Argument<string>("topic") { Description = "The topic." };
        var from = new Option<string?>("--from") { Description = "An offset, a time, a place, start or end; default start." };
        var partition = new Option<int?>("--partition") { Description = "One partition alone; needed for an offset." };
        var limit = new Option<long?>("--limit") { Description = "How many records at most." };
        var follow = new Option<bool>("--follow") { Description = "Wait for more at the end." };
        var command = new Command("read", "Prints records of a topic as lines of JSON, in order of place.")
        {
            topic, from, partition, limit, follow,
        };
        return session.Complete(command, async (talk, parsed, cancel) =>
        {
            var lines = talk.Client.ReadAsync(
                parsed.GetValue(topic)!, parsed.GetValue(from), parsed.GetValue(partition), parsed.GetValue(limit),
                parsed.GetValue(follow), cancel);
            await foreach (var line in lines)
            {
                await talk.Terminal.Out.WriteLineAsync(line);
            }

            return ExitCode.Done;
        });
    }
}
