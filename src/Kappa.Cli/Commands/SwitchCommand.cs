using System.CommandLine;
using Kappa.Client;

namespace Kappa.Cli.Commands;

/// <summary><c>kappa switch</c>: shows readers other versions, a set of them at once.</summary>
internal static class SwitchCommand
{
    public static Command Make(SessionOptions session)
    {
        var to = new Argument<string[]>("versions")
        {
            Description = "The versions readers shall see: driving@2.",
            Arity = ArgumentArity.OneOrMore,
        };
        var deadline = new Option<double>("--deadline")
        {
            Description = "Give up after so many seconds.",
            DefaultValueFactory = _ => 60,
        };
        var publish = PublishHistoryOption.Make();
        var command = new Command("switch", "Switches readers to other versions, all at once; rollback takes it back.")
        {
            to, deadline, publish,
        };
        return session.Complete(command, async (talk, parsed, cancel) =>
        {
            var request = new SwitchRequest(
                parsed.GetValue(to)!, parsed.GetValue(deadline), parsed.GetValue(publish));
            await talk.PrintAsync(await talk.Client.SwitchAsync(request, cancel), answer => answer.Text);
            return ExitCode.Done;
        });
    }
}
