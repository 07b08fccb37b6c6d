using System.CommandLine;

namespace Kappa.Cli.Commands;

/// <summary><c>kappa drop</c>: deletes a version's tables for ever.</summary>
internal static class DropCommand
{
    public static Command Make(SessionOptions session)
    {
        var version = new Argument<string>("version") { Description = "The version: driving@1." };
        var command = new Command("drop", "Deletes a version's tables for ever; the live one is refused.") { version };
        return session.Complete(command, async (talk, parsed, cancel) =>
        {
            await talk.PrintAsync(await talk.Client.DropAsync(parsed.GetValue(version)!, cancel), answer => answer.Text);
            return ExitCode.Done;
        });
    }
}
