using System.CommandLine;

namespace Kappa.Cli.Commands;

/// <summary><c>kappa drop</c>: deletes a version's tables for ever.</summary>
internal static class DropCommand
{
    public static Command Make(SessionOptions session)
    {
        var version = new Argument<string>("version") { Description = "The version: driving@1." };
        var discard = new Option<bool>("--discard")
        {
            Description = "Do not wait until what it said while it was live is in the public topics.",
        };
        var command = new Command("drop", "Deletes a version's tables and topics for ever; the live one is refused.")
        {
            version, discard,
        };
        return session.Complete(command, async (talk, parsed, cancel) =>
        {
            var answer = await talk.Client.DropAsync(parsed.GetValue(version)!, parsed.GetValue(discard), cancel);
            await talk.PrintAsync(answer, dropped => dropped.Text);
            return ExitCode.Done;
        });
    }
}
